import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Type, type Static } from 'typebox';
import { LoadstoneError } from '../../../shared/outcome/outcome.ts';
import { chooseVintages, valuesAt, type VintageStep } from '../../forecast/vintages.ts';
import { tableOf, type Cell } from '../../tables/table.ts';
import { callerOf } from '../access.ts';
import { mayRead } from '../callers/caller.ts';
import { openCursor, pageOf, sealCursor } from '../answers/cursor.ts';
import { immutable } from '../answers/etag.ts';
import { formatOf, sendTable, TableQuery } from '../answers/formats.ts';
import {
  formatTime,
  inUnit,
  PageQuery,
  parseDuration,
  parseTime,
  quantileColumn,
  Resolution,
  resolutionSeconds,
  Unit,
} from '../conventions.ts';
import type { ApiDeps } from '../deps.ts';
import { availableAt } from '../forecasts/available-at.ts';
import { limitsOf } from '../forecasts/limits.ts';
import { chosenQuantiles, forecastTable, Quantiles, shapeOf, ShapeQuery } from '../forecasts/shape.ts';
import { assertReadable, expandTargets } from '../targets.ts';
import { scenarioAnswer, scenarioFor } from './scenarios.ts';

const Query = Type.Object({
  target: Type.String({
    maxLength: 2000,
    description: 'comma-separated; substation:* for all',
    examples: ['substation:owd'],
  }),
  start: Type.String({ maxLength: 40, examples: ['2021-10-02T00:00:00Z'] }),
  end: Type.String({ maxLength: 40, examples: ['2021-10-03T00:00:00Z'] }),
  resolution: Type.Optional(Resolution),
  leadTime: Type.Optional(
    Type.String({ maxLength: 20, description: 'issued so long before the step, or longer', examples: ['PT24H'] }),
  ),
  availableAt: Type.Optional(
    Type.String({ maxLength: 100, description: 'instead of leadTime', examples: ['D-1T0600[Europe/Amsterdam]'] }),
  ),
  issuedBefore: Type.Optional(Type.String({ maxLength: 40, description: 'issued at this moment or earlier' })),
  asOf: Type.Optional(Type.String({ maxLength: 40, description: 'the same as issuedBefore; the earlier counts' })),
  vintages: Type.Optional(Type.Union([Type.Literal('newest'), Type.Literal('all')])),
  kind: Type.Optional(
    Type.Union([
      Type.Literal('issued'),
      Type.Literal('reconstruction'),
      Type.Literal('external'),
      Type.Literal('scenario'),
    ]),
  ),
  quantiles: Type.Optional(Quantiles),
  unit: Type.Optional(Unit),
  ...PageQuery.properties,
  ...TableQuery.properties,
});
type Query = Static<typeof Query>;

const Row = Type.Object(
  {
    target: Type.String(),
    start: Type.String(),
    issuedAt: Type.String(),
    forecastId: Type.String(),
    leadTimeS: Type.Integer(),
    isFallback: Type.Boolean(),
  },
  { additionalProperties: Type.Union([Type.Number(), Type.Null()]), description: 'and a number for each quantile_P*' },
);
const rowExample = {
  target: 'substation:owd',
  start: '2021-10-02T00:00:00Z',
  issuedAt: '2021-10-01T00:00:00Z',
  forecastId: 'substation-owd-20211001t000000-9f2c41aa',
  leadTimeS: 86_400,
  quantile_P50: 3050.1,
  isFallback: false,
};

/** A forecast reaches this far ahead of its issue at the most. */
const REACH_MS = 8 * 86_400_000;
const MAX_ROWS = 200_000;
const MAX_STEPS = 400_000;
/** Vintages read between two looks at what else waits. */
const READ_AT_ONCE = 8;

const Params = Type.Object({
  id: Type.String({ maxLength: 200, examples: ['substation-owd-20211001t060002-9f2c41aa'] }),
});
const OneQuery = Type.Object({ ...ShapeQuery.properties, ...TableQuery.properties });

interface Chosen extends VintageStep {
  readonly target: string;
}

/** Vintages by step and lead time, and each by its id: immutable, so what was asked as of a moment never answers otherwise. */
export function vintageRoutes(app: FastifyInstance, deps: ApiDeps): void {
  app.get<{ Querystring: Query }>(
    '/v1/forecasts',
    {
      config: { checksTargets: true },
      schema: {
        tags: ['forecasts'],
        operationId: 'listVintages',
        summary: 'For each step the newest forecast that left in time, or all of them',
        querystring: Query,
        response: { 200: pageOf(Row, [{ items: [rowExample], nextCursor: null }]) },
      },
    },
    async (request, reply) => {
      const { query } = request;
      const format = formatOf(request);
      const [offset, frozen] = query.cursor === undefined ? [0, undefined] : openCursor(query.cursor, 2);
      const issuedBefore = Math.min(frozen ?? Number.POSITIVE_INFINITY, lastIssueOf(query, deps.clock.plant.now()));
      const chosen = choose(request, deps, issuedBefore);
      if (format !== 'json') {
        assertFits(chosen.length);
        const rows = await rowsOf(chosen, query, deps);
        return sendTable(reply, vintageTable(rows, query), { format, query, name: 'forecasts' });
      }
      const limit = query.limit ?? 100;
      const rows = await rowsOf(chosen.slice(offset, offset + limit), query, deps);
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
      config: { checksTargets: true },
      schema: {
        tags: ['forecasts'],
        operationId: 'getForecast',
        summary: 'One vintage, immutable',
        params: Params,
        querystring: OneQuery,
        response: { 200: Type.Ref('Forecast') },
      },
    },
    async (request, reply) => {
      const result = deps.scenarios.result(request.params.id);
      if (result !== undefined) {
        scenarioFor(request, deps, { id: result.scenario, pointer: '/params/id' });
        assertReadable(deps.region, callerOf(request), result.target, '/params/id');
        void immutable(reply);
        return scenarioAnswer(request.params.id, result.json, deps);
      }
      const forecast = deps.vintages.get(request.params.id);
      // Its id names its target: who may not read it is not told that it is there.
      if (
        forecast === undefined ||
        !partsOf(forecast.target).every((part) => mayRead(deps.region, callerOf(request), part))
      )
        throw new LoadstoneError(
          'LS-API-004',
          `there is no forecast "${request.params.id.slice(0, 80)}"`,
          '/params/id',
        );
      const shown = shapeOf(forecast, { ...request.query, limits: limitsOf(deps.region, forecast.target) });
      const format = formatOf(request);
      void immutable(reply).header('vary', 'Accept');
      if (format === 'json') return shown;
      return sendTable(reply, forecastTable(shown), { format, query: request.query, name: forecast.id });
    },
  );
}

/** The members of a sum, or the target itself. */
const partsOf = (target: string): string[] =>
  target.startsWith('sum:') ? target.slice('sum:'.length).split('+') : [target];

function lastIssueOf(query: Query, now: number): number {
  const times = [now];
  if (query.issuedBefore !== undefined) times.push(parseTime(query.issuedBefore, '/querystring/issuedBefore'));
  if (query.asOf !== undefined) times.push(parseTime(query.asOf, '/querystring/asOf'));
  return Math.max(0, Math.min(...times));
}

function choose(request: FastifyRequest<{ Querystring: Query }>, deps: ApiDeps, issuedBefore: number): Chosen[] {
  const { query } = request;
  const resolutionS = query.resolution === undefined ? 900 : resolutionSeconds(query.resolution);
  const stepMs = resolutionS * 1000;
  const start = Math.ceil(parseTime(query.start, '/querystring/start') / stepMs) * stepMs;
  const end = parseTime(query.end, '/querystring/end');
  if (end <= start) throw new LoadstoneError('LS-API-007', 'end must lie after start', '/querystring/end');
  const targets = expandTargets(query.target, {
    region: deps.region,
    caller: callerOf(request),
    pointer: '/querystring/target',
  });
  if (((end - start) / stepMs) * targets.length > MAX_STEPS) assertFits(Number.POSITIVE_INFINITY);
  const inTime = leadRule(query);
  const lastIssue = (step: number): number => Math.min(issuedBefore, inTime(step));
  const rule = { start, end, resolutionS, lastIssue, all: query.vintages === 'all' };
  const chosen: Chosen[] = [];
  for (const target of targets) {
    const heads = deps.vintages.heads({
      target,
      kind: query.kind ?? 'issued',
      from: Math.max(0, start - REACH_MS),
      to: issuedBefore,
    });
    for (const step of chooseVintages(heads, rule)) chosen.push({ ...step, target });
    assertFits(query.vintages === 'all' && query.limit === undefined ? chosen.length : 0);
  }
  return chosen;
}

function leadRule(query: Query): (step: number) => number {
  if (query.availableAt !== undefined && query.leadTime !== undefined)
    throw new LoadstoneError(
      'LS-API-007',
      'ask for leadTime or for availableAt, not for both',
      '/querystring/availableAt',
    );
  if (query.availableAt !== undefined) return availableAt(query.availableAt, '/querystring/availableAt');
  const leadMs =
    query.leadTime === undefined || /^PT?0[HMS]$/.test(query.leadTime)
      ? 0
      : parseDuration(query.leadTime, '/querystring/leadTime');
  return (step) => step - leadMs;
}

function assertFits(rows: number): void {
  if (rows > MAX_ROWS)
    throw new LoadstoneError(
      'LS-API-006',
      `more than ${MAX_ROWS} rows in one answer: ask for a shorter span or fewer targets, or POST /v1/exports`,
    );
}

async function rowsOf(chosen: readonly Chosen[], query: Query, deps: ApiDeps): Promise<Record<string, Cell>[]> {
  const resolutionS = query.resolution === undefined ? 900 : resolutionSeconds(query.resolution);
  const forecasts = new Map<string, NonNullable<ReturnType<typeof deps.vintages.get>>>();
  const rows: Record<string, Cell>[] = [];
  for (const { target, start, head } of chosen) {
    let forecast = forecasts.get(head.id);
    if (forecast === undefined) {
      if (forecasts.size % READ_AT_ONCE === READ_AT_ONCE - 1) await new Promise(setImmediate);
      forecast = deps.vintages.get(head.id)!;
      forecasts.set(head.id, forecast);
    }
    const values = valuesAt(forecast, start, resolutionS);
    const quantiles = chosenQuantiles(forecast.quantiles, query.quantiles);
    rows.push({
      target,
      start,
      issuedAt: head.issuedAt,
      forecastId: head.id,
      leadTimeS: Math.round((start - head.issuedAt) / 1000),
      ...Object.fromEntries(
        quantiles.map((quantile) => [
          quantileColumn(quantile),
          inUnit(values[forecast.quantiles.findIndex((each) => Math.abs(each - quantile) < 1e-9)]!, query.unit ?? 'kW'),
        ]),
      ),
      isFallback: head.isFallback,
    });
  }
  return rows;
}

function vintageTable(rows: readonly Record<string, Cell>[], query: Query) {
  const quantiles = [
    ...new Set(rows.flatMap((row) => Object.keys(row).filter((name) => name.startsWith('quantile_')))),
  ];
  const asked = query.quantiles?.split(',').map((text) => quantileColumn(Number(text))) ?? [];
  return tableOf(
    [
      ['target', 'text'],
      ['start', 'time'],
      ['issuedAt', 'time'],
      ['forecastId', 'text'],
      ['leadTimeS', 'integer'],
      ...(quantiles.length > 0 ? quantiles : asked).map((name) => [name, 'number'] as const),
      ['isFallback', 'flag'],
    ],
    rows,
  );
}
