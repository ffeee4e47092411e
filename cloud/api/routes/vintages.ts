import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Type, type Static } from 'typebox';
import { VintageRow } from '../../../shared/contracts/planner.ts';
import { LoadstoneError } from '../../../shared/outcome/outcome.ts';
import type { ScenarioResult } from '../../planner/scenario/scenario-job.ts';
import type { Table } from '../../tables/table.ts';
import { callerOf } from '../access.ts';
import { openCursor, pageOf, sealCursor } from '../answers/cursor.ts';
import { immutable } from '../answers/etag.ts';
import { formatOf, sendTable, TableQuery } from '../answers/formats.ts';
import { formatTime, PageQuery, parseTime, Resolution, Unit } from '../conventions.ts';
import type { ApiDeps } from '../deps.ts';
import { limitsOf } from '../forecasts/limits.ts';
import { ScenarioForecast, scenarioShape, scenarioTable } from '../forecasts/scenario-shape.ts';
import { forecastTable, Quantiles, shapeOf, ShapeQuery } from '../forecasts/shape.ts';
import { assertFits, chosenOf, MAX_ROWS, vintageRows, vintageTable } from '../forecasts/vintage-rows.ts';
import { assertReadable, expandSeries, mayReadSeries } from '../targets.ts';
import { scenarioFor } from './scenarios.ts';

const Query = Type.Object({
  target: Type.String({
    maxLength: 2000,
    description:
      'comma-separated; substation:* for all substations; sum:feeder:whf-1+substation:owd for forecasts of a sum',
    examples: ['substation:owd'],
  }),
  start: Type.String({ maxLength: 40, examples: ['2021-10-02T00:00:00Z'] }),
  end: Type.String({ maxLength: 40, examples: ['2021-10-03T00:00:00Z'] }),
  resolution: Type.Optional(Resolution),
  leadTime: Type.Optional(
    Type.String({ maxLength: 20, description: 'issued at least this long before the step', examples: ['PT24H'] }),
  ),
  availableAt: Type.Optional(
    Type.String({
      maxLength: 100,
      description: 'instead of leadTime: issued by this local time, counted back from the day of the step',
      examples: ['D-1T0600[Europe/Amsterdam]'],
    }),
  ),
  issuedBefore: Type.Optional(Type.String({ maxLength: 40, description: 'issued at this time or earlier' })),
  asOf: Type.Optional(
    Type.String({ maxLength: 40, description: 'same as issuedBefore; the earlier of the two counts' }),
  ),
  vintages: Type.Optional(Type.Union([Type.Literal('newest'), Type.Literal('all')])),
  kind: Type.Optional(
    Type.Union([Type.Literal('issued'), Type.Literal('reconstruction'), Type.Literal('external')], {
      description: 'default issued; the result of a scenario is no vintage, and is read at the href of its job',
    }),
  ),
  load: Type.Optional(
    Type.Union([Type.Literal('uncontrolled'), Type.Literal('planned'), Type.Literal('net')], {
      description: 'planned and net are made only on request, by POST /v1/forecasts',
    }),
  ),
  quantiles: Type.Optional(Quantiles),
  unit: Type.Optional(Unit),
  ...PageQuery.properties,
  ...TableQuery.properties,
});
type Query = Static<typeof Query>;

const rowExample = {
  target: 'substation:owd',
  start: '2021-10-02T00:00:00Z',
  issuedAt: '2021-10-01T00:00:00Z',
  forecastId: 'substation-owd-20211001t000000-9f2c41aa',
  leadTimeS: 86_400,
  quantile_P50: 3050.1,
  isFallback: false,
  weather: 'vintage',
};

const Params = Type.Object({
  id: Type.String({ maxLength: 200, examples: ['substation-owd-20211001t060002-9f2c41aa'] }),
});
const OneQuery = Type.Object({ ...ShapeQuery.properties, ...TableQuery.properties });

/** Vintages by step and lead time, and each by id. They are immutable, so an answer as of a moment never changes. */
export function vintageRoutes(app: FastifyInstance, deps: ApiDeps): void {
  app.addSchema(ScenarioForecast);
  app.get<{ Querystring: Query }>(
    '/v1/forecasts',
    {
      config: { right: 'planner:read', checksTargets: true },
      schema: {
        tags: ['forecasts'],
        operationId: 'listVintages',
        summary: 'List the newest forecast issued in time for each step, or all of them',
        querystring: Query,
        response: { 200: pageOf(VintageRow, [{ items: [rowExample], nextCursor: null }]) },
      },
    },
    async (request, reply) => {
      const { query } = request;
      const format = formatOf(request);
      const [offset, frozen] = query.cursor === undefined ? [0, undefined] : openCursor(query.cursor, 2);
      const issuedBefore = Math.min(frozen ?? Number.POSITIVE_INFINITY, lastIssueOf(query, deps.clock.plant.now()));
      const within = { region: deps.region, caller: callerOf(request), pointer: '/querystring/target' };
      const limit = query.limit ?? 100;
      // A page reads only what it shows, plus one row to know whether there is another page. A file is whole, or as long as was asked for.
      const most = offset + (format === 'json' ? limit + 1 : (query.limit ?? MAX_ROWS + 1));
      const chosen = await chosenOf(query, expandSeries(query.target, within), { deps, issuedBefore, most });
      if (format !== 'json') {
        const shown = chosen.slice(offset);
        assertFits(shown.length);
        const rows = await vintageRows(shown, query, deps);
        return sendTable(reply, vintageTable(rows, query), { format, query, name: 'forecasts' });
      }
      const rows = await vintageRows(chosen.slice(offset, offset + limit), query, deps);
      const more = offset + limit < chosen.length;
      return {
        items: rows.map((row) => ({
          ...row,
          start: formatTime(row['start'] as number),
          issuedAt: formatTime(row['issuedAt'] as number),
        })),
        nextCursor: more ? sealCursor([offset + limit, issuedBefore]) : null,
      };
    },
  );

  app.get<{ Params: Static<typeof Params>; Querystring: Static<typeof OneQuery> }>(
    '/v1/forecasts/:id',
    {
      config: { right: 'planner:read', checksTargets: true },
      schema: {
        tags: ['forecasts'],
        operationId: 'getForecast',
        summary: 'Get a vintage; it never changes',
        params: Params,
        querystring: OneQuery,
        response: { 200: Type.Union([Type.Ref('Forecast'), Type.Ref('ScenarioForecast')]) },
      },
    },
    async (request, reply) => {
      const result = await deps.scenarios.result(request.params.id);
      if (result !== undefined) {
        await scenarioFor(request, deps, { id: result.scenario, pointer: '/params/id' });
        assertReadable(deps.region, callerOf(request), result.target, '/params/id');
        const limits = limitsOf(deps.region, result.target);
        const { id } = request.params;
        return answer(request, reply, {
          id,
          shown: scenarioShape({ id, result: JSON.parse(result.json) as ScenarioResult }, { ...request.query, limits }),
          tableOf: scenarioTable,
        });
      }
      const forecast = await deps.vintages.get(request.params.id);
      // The id reveals its target, so a caller without the right is not told that it exists.
      if (forecast === undefined || !mayReadSeries(deps.region, callerOf(request), forecast.target))
        throw new LoadstoneError(
          'LS-API-004',
          `there is no forecast "${request.params.id.slice(0, 80)}"`,
          '/params/id',
        );
      const shown = shapeOf(forecast, { ...request.query, limits: limitsOf(deps.region, forecast.target) });
      return answer(request, reply, { id: forecast.id, shown, tableOf: forecastTable });
    },
  );
}

/** Sends an immutable answer in the requested format. */
function answer<Shown>(
  request: FastifyRequest<{ Querystring: Static<typeof OneQuery> }>,
  reply: FastifyReply,
  of: { readonly id: string; readonly shown: Shown; tableOf(shown: Shown): Table },
): Shown | FastifyReply {
  const format = formatOf(request);
  void immutable(reply).header('vary', 'Accept');
  if (format === 'json') return of.shown;
  return sendTable(reply, of.tableOf(of.shown), { format, query: request.query, name: of.id });
}

function lastIssueOf(query: Query, now: number): number {
  const times = [now];
  if (query.issuedBefore !== undefined) times.push(parseTime(query.issuedBefore, '/querystring/issuedBefore'));
  if (query.asOf !== undefined) times.push(parseTime(query.asOf, '/querystring/asOf'));
  return Math.max(0, Math.min(...times));
}
