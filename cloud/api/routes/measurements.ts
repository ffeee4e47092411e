import type { FastifyInstance } from 'fastify';
import { Type, type Static } from 'typebox';
import { MeasuredSeries, SIGN_CONVENTION, Unit } from '../../../shared/contracts/planner.ts';
import { LoadstoneError } from '../../../shared/outcome/outcome.ts';
import { tableOf } from '../../tables/table.ts';
import { callerOf } from '../access.ts';
import { pageOf } from '../answers/cursor.ts';
import { formatOf, sendTable, TableQuery } from '../answers/formats.ts';
import { parseTime, Resolution, resolutionSeconds } from '../conventions.ts';
import type { ApiDeps } from '../deps.ts';
import {
  MEASURED_COLUMNS,
  measuredRows,
  measuredSeries,
  presentMeasured,
  receiptsOf,
} from '../forecasts/measured-rows.ts';
import { expandSeries } from '../targets.ts';

const Query = Type.Object({
  target: Type.String({
    maxLength: 2000,
    description:
      'comma-separated: substation:owd,feeder:owd-1; substation:* for all substations; sum:feeder:whf-1+substation:owd for a sum, which is unknown where a member is',
    examples: ['substation:owd'],
  }),
  load: Type.Optional(
    Type.Union([Type.Literal('net'), Type.Literal('uncontrolled')], {
      description:
        'net: as metered (default); uncontrolled: without the devices that we command, which is what is forecast and scored',
    }),
  ),
  start: Type.String({ maxLength: 40, examples: ['2021-09-24T00:00:00Z'] }),
  end: Type.String({ maxLength: 40, examples: ['2021-09-25T00:00:00Z'] }),
  resolution: Type.Optional(Resolution),
  asOf: Type.Optional(Type.String({ maxLength: 40, description: 'only what the cloud had stored by this time' })),
  unit: Type.Optional(Unit),
  ...TableQuery.properties,
});
type Query = Static<typeof Query>;

const example = {
  target: 'substation:owd',
  load: 'net',
  start: '2021-09-25T00:00:00Z',
  resolution: 'PT15M',
  unit: 'kW',
  signConvention: SIGN_CONVENTION,
  values: [3050.1, null],
  quality: ['good', 'bad'],
  origin: ['measured', 'measured'],
  receivedAt: ['2021-09-25T00:15:02Z', null],
};
const MAX_VALUES = 200_000;

export function measurementRoutes(app: FastifyInstance, deps: ApiDeps): void {
  const { measured } = deps.owner;
  app.get<{ Querystring: Query }>(
    '/v1/measurements',
    {
      config: { right: 'planner:read', checksTargets: true },
      schema: {
        tags: ['measurements'],
        operationId: 'getMeasurements',
        summary: 'Get series with quality, as known now or as of a moment',
        querystring: Query,
        response: { 200: pageOf(MeasuredSeries, [{ items: [example], nextCursor: null }]) },
      },
    },
    async (request, reply) => {
      const { query } = request;
      const start = parseTime(query.start, '/querystring/start');
      const end = parseTime(query.end, '/querystring/end');
      const resolution = query.resolution ?? 'PT15M';
      const resolutionS = resolutionSeconds(resolution);
      const targets = expandSeries(query.target, {
        region: deps.region,
        caller: callerOf(request),
        pointer: '/querystring/target',
      });
      checkSpan({ start, end, resolutionS, targets: targets.length });
      const asOf = query.asOf === undefined ? undefined : parseTime(query.asOf, '/querystring/asOf');
      const unit = query.unit ?? 'kW';
      const load = query.load ?? 'net';
      const grid = (time: number): number => Math.ceil(time / (resolutionS * 1000)) * resolutionS * 1000;
      const items = [];
      for (const target of targets) {
        const range = { target, start: grid(start), end: grid(end), resolutionS, asOf };
        const series = await measuredSeries(measured, range, load);
        const receipts = await receiptsOf(measured, range);
        items.push(presentMeasured(target, series, { ...range, receipts, load, resolution, unit }));
      }
      const format = formatOf(request);
      if (format === 'json') return { items, nextCursor: null };
      const table = tableOf(
        MEASURED_COLUMNS,
        items.flatMap((item) => measuredRows(item, resolutionS)),
      );
      return sendTable(reply, table, { format, query, name: 'measurements' });
    },
  );
}

function checkSpan(span: { start: number; end: number; resolutionS: number; targets: number }): void {
  if (span.end <= span.start) throw new LoadstoneError('LS-API-007', 'end must be after start', '/querystring/end');
  const values = ((span.end - span.start) / (1000 * span.resolutionS)) * span.targets;
  if (values > MAX_VALUES) {
    throw new LoadstoneError(
      'LS-API-006',
      `${Math.ceil(values)} values requested, at most ${MAX_VALUES} in one answer: request a shorter span or a coarser resolution`,
    );
  }
}
