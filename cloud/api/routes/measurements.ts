import type { FastifyInstance } from 'fastify';
import { Type, type Static } from 'typebox';
import { LoadstoneError } from '../../../shared/outcome/outcome.ts';
import { type Cell, tableOf } from '../../tables/table.ts';
import { callerOf } from '../access.ts';
import { pageOf } from '../answers/cursor.ts';
import { formatOf, sendTable, TableQuery } from '../answers/formats.ts';
import { formatTime, inUnit, parseTime, Resolution, resolutionSeconds, SIGN_CONVENTION, Unit } from '../conventions.ts';
import type { ApiDeps, MeasuredInterval } from '../deps.ts';
import { expandTargets } from '../targets.ts';

const Query = Type.Object({
  target: Type.String({
    maxLength: 2000,
    description: 'comma-separated: substation:owd,feeder:owd-1; substation:* for all',
  }),
  start: Type.String({ maxLength: 40 }),
  end: Type.String({ maxLength: 40 }),
  resolution: Type.Optional(Resolution),
  asOf: Type.Optional(Type.String({ maxLength: 40 })),
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
};
const Series = Type.Object({
  target: Type.String(),
  load: Type.String(),
  start: Type.String(),
  resolution: Type.String(),
  unit: Unit,
  signConvention: Type.String(),
  values: Type.Array(Type.Union([Type.Number(), Type.Null()])),
  quality: Type.Array(Type.String()),
  origin: Type.Array(Type.String()),
});

const MAX_VALUES = 200_000;

export function measurementRoutes(app: FastifyInstance, deps: ApiDeps): void {
  app.get<{ Querystring: Query }>(
    '/v1/measurements',
    {
      config: { checksTargets: true },
      schema: {
        tags: ['measurements'],
        operationId: 'getMeasurements',
        summary: 'Series with quality, as known now or as of a moment',
        querystring: Query,
        response: { 200: pageOf(Series, [{ items: [example], nextCursor: null }]) },
      },
    },
    async (request, reply) => {
      const { query } = request;
      const start = parseTime(query.start, '/querystring/start');
      const end = parseTime(query.end, '/querystring/end');
      const resolution = query.resolution ?? 'PT15M';
      const resolutionS = resolutionSeconds(resolution);
      const targets = expandTargets(query.target, {
        region: deps.region,
        caller: callerOf(request),
        pointer: '/querystring/target',
      });
      checkSpan({ start, end, resolutionS, targets: targets.length });
      const asOf = query.asOf === undefined ? undefined : parseTime(query.asOf, '/querystring/asOf');
      const unit = query.unit ?? 'kW';
      const items = [];
      for (const target of targets) {
        const series = await deps.measurements({ target, start, end, resolutionS, asOf });
        items.push(present(target, series, { start, resolution, unit }));
      }
      const format = formatOf(request);
      if (format === 'json') return { items, nextCursor: null };
      const table = tableOf(
        columns,
        items.flatMap((item) => rows(item, resolutionS)),
      );
      return sendTable(reply, table, { format, query, name: 'measurements' });
    },
  );
}

function checkSpan(span: { start: number; end: number; resolutionS: number; targets: number }): void {
  if (span.end <= span.start) throw new LoadstoneError('LS-API-007', 'end must lie after start', '/querystring/end');
  const values = ((span.end - span.start) / (1000 * span.resolutionS)) * span.targets;
  if (values > MAX_VALUES) {
    throw new LoadstoneError(
      'LS-API-006',
      `${Math.ceil(values)} values asked for, at most ${MAX_VALUES} in one answer: ask for a shorter span or a coarser resolution`,
    );
  }
}

interface Item {
  readonly target: string;
  readonly start: string;
  readonly values: readonly (number | null)[];
  readonly quality: readonly string[];
  readonly origin: readonly string[];
  readonly [more: string]: unknown;
}

function present(
  target: string,
  series: readonly MeasuredInterval[],
  options: { start: number; resolution: string; unit: 'kW' | 'MW' },
): Item {
  return {
    target,
    load: 'net',
    start: formatTime(series[0]?.start ?? options.start),
    resolution: options.resolution,
    unit: options.unit,
    signConvention: SIGN_CONVENTION,
    values: series.map(({ mean }) => inUnit(mean, options.unit)),
    quality: series.map(({ quality }) => quality),
    origin: series.map(({ origin }) => origin),
  };
}

const columns = [
  ['target', 'text'],
  ['start', 'time'],
  ['value', 'number'],
  ['quality', 'text'],
  ['origin', 'text'],
] as const;

const rows = (item: Item, resolutionS: number): Record<string, Cell>[] =>
  item.values.map((value, step) => ({
    target: item.target,
    start: Date.parse(item.start) + step * resolutionS * 1000,
    value,
    quality: item.quality[step]!,
    origin: item.origin[step]!,
  }));
