import { isDeepStrictEqual } from 'node:util';
import type { FastifyInstance } from 'fastify';
import { Type, type Static } from 'typebox';
import { LoadstoneError } from '../../../shared/outcome/outcome.ts';
import { stepsOf, type WeatherVintage } from '../../planner/inputs/weather-store.ts';
import { type Cell, tableOf } from '../../tables/table.ts';
import { callerOf, warrantOf } from '../access.ts';
import { openCursor, pageOf, sealCursor } from '../answers/cursor.ts';
import { assertWhole, formatOf, sendTable, TableQuery } from '../answers/formats.ts';
import { formatTime, PageQuery, parseTime, Resolution, resolutionName, resolutionSeconds } from '../conventions.ts';
import type { ApiDeps } from '../deps.ts';
import { assertWritable, expandTargets } from '../targets.ts';

const column = (minimum: number, maximum: number, description: string) =>
  Type.Optional(
    Type.Union([
      Type.Array(Type.Union([Type.Number({ minimum, maximum }), Type.Null()]), {
        minItems: 1,
        maxItems: 2000,
        description,
      }),
      Type.Null(),
    ]),
  );
const columns = {
  temperatureC: column(-60, 60, 'at 2 m'),
  ghiWm2: column(0, 1500, 'global horizontal irradiance, mean over the step'),
  windMs: column(0, 75, 'at hub height, mean over the step'),
};
const example = {
  source: 'knmi-harmonie',
  location: 'substation:owd',
  issuedAt: '2021-09-25T00:00:00Z',
  start: '2021-09-25T00:00:00Z',
  resolution: 'PT1H',
  temperatureC: [14.1, 13.8],
  ghiWm2: [0, 0],
  windMs: [6.2, 6.4],
};
const Body = Type.Object(
  {
    source: Type.String({ pattern: '^[a-z0-9][a-z0-9.-]{0,62}$', maxLength: 63, examples: ['knmi-harmonie'] }),
    location: Type.String({
      maxLength: 200,
      description: 'the target at whose place it applies',
      examples: ['substation:owd'],
    }),
    issuedAt: Type.String({ maxLength: 40, examples: ['2021-09-25T00:00:00Z'] }),
    start: Type.String({ maxLength: 40, examples: ['2021-09-25T00:00:00Z'] }),
    resolution: Resolution,
    ...columns,
  },
  { additionalProperties: false, title: 'WeatherRequest', examples: [example] },
);
type Body = Static<typeof Body>;

const WeatherShape = Type.Object(
  {
    id: Type.String(),
    source: Type.String(),
    location: Type.String(),
    issuedAt: Type.String(),
    start: Type.String(),
    resolution: Type.String(),
    ...columns,
  },
  { title: 'WeatherVintage', examples: [{ id: 'wth_01k2f5', ...example }] },
);

/** Maximum vintages in one answer. */
const MOST = 200;

const Query = Type.Object({
  location: Type.String({
    maxLength: 2000,
    description: 'comma-separated; substation:* for all substations',
    examples: ['substation:owd'],
  }),
  start: Type.String({ maxLength: 40, examples: ['2021-09-25T00:00:00Z'] }),
  end: Type.String({ maxLength: 40, examples: ['2021-09-26T00:00:00Z'] }),
  issuedBefore: Type.Optional(Type.String({ maxLength: 40, description: 'issued at this time or earlier' })),
  source: Type.Optional(Type.String({ maxLength: 63 })),
  ...PageQuery.properties,
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: MOST })),
  ...TableQuery.properties,
});
type Query = Static<typeof Query>;

const shown = ({ id, source, location, resolutionS, ...vintage }: WeatherVintage) => ({
  id,
  source,
  location,
  issuedAt: formatTime(vintage.issuedAt),
  start: formatTime(vintage.start),
  resolution: resolutionName(resolutionS),
  temperatureC: vintage.temperatureC,
  ghiWm2: vintage.ghiWm2,
  windMs: vintage.windMs,
});

/** Weather vintages in and out. They are immutable; forecasts and backtests see those issued by their asOf. */
export function weatherRoutes(app: FastifyInstance, deps: ApiDeps): void {
  app.post<{ Body: Body }>(
    '/v1/weather',
    {
      config: { right: 'planner:write', checksTargets: true },
      schema: {
        tags: ['weather'],
        operationId: 'putWeather',
        summary: 'Register a weather forecast as it was issued',
        body: Body,
        response: { 201: WeatherShape },
      },
    },
    async (request, reply) => {
      const { location, source, issuedAt } = request.body;
      request.act = { on: location, to: { source, issuedAt } };
      const vintage = vintageOf(request.body, deps);
      assertWritable(deps.region, callerOf(request), vintage.location, '/body/location');
      const stored = await deps.owner.weather.put(warrantOf(request, vintage.location), vintage);
      if (!isDeepStrictEqual(stored, { ...vintage, id: stored.id }))
        throw new LoadstoneError(
          'LS-API-005',
          `${vintage.source} already has another forecast of ${vintage.location} issued at that time: a vintage is never overwritten`,
          '/body/issuedAt',
        );
      void reply.status(201);
      return shown(stored);
    },
  );

  app.get<{ Querystring: Query }>(
    '/v1/weather',
    {
      config: { right: 'planner:read', checksTargets: true },
      schema: {
        tags: ['weather'],
        operationId: 'listWeather',
        summary: 'List weather vintages that overlap a span, newest issue first',
        querystring: Query,
        response: { 200: pageOf(WeatherShape, [{ items: [{ id: 'wth_01k2f5', ...example }], nextCursor: null }]) },
      },
    },
    async (request, reply) => {
      const { query } = request;
      const from = parseTime(query.start, '/querystring/start');
      const to = parseTime(query.end, '/querystring/end');
      if (to <= from) throw new LoadstoneError('LS-API-007', 'end must be after start', '/querystring/end');
      const format = formatOf(request);
      const { limit = format === 'json' ? 100 : MOST } = query;
      // Later pages leave out what was stored after the first one: it would move rows from page to page.
      const [skip, upTo] =
        query.cursor === undefined ? [0, await deps.weatherVintages.stored()] : openCursor(query.cursor, 2);
      const locations = expandTargets(query.location, {
        region: deps.region,
        caller: callerOf(request),
        pointer: '/querystring/location',
      });
      const issuedBefore =
        query.issuedBefore === undefined
          ? Number.MAX_SAFE_INTEGER
          : parseTime(query.issuedBefore, '/querystring/issuedBefore');
      const found = await deps.weatherVintages.list(
        { locations, from, to, issuedBefore, source: query.source ?? null },
        { skip: skip!, limit: limit + 1, upTo: upTo! },
      );
      const items = found.slice(0, limit);
      if (format !== 'json') {
        if (query.limit === undefined) assertWhole(found, limit);
        return sendTable(reply, tableOf(TABLE, items.flatMap(rows)), { format, query, name: 'weather' });
      }
      return { items: items.map(shown), nextCursor: found.length > limit ? sealCursor([skip! + limit, upTo!]) : null };
    },
  );
}

const TABLE = [
  ['location', 'text'],
  ['source', 'text'],
  ['start', 'time'],
  ['issuedAt', 'time'],
  ['temperatureC', 'number'],
  ['ghiWm2', 'number'],
  ['windMs', 'number'],
] as const;

const rows = (vintage: WeatherVintage): Record<string, Cell>[] =>
  Array.from({ length: stepsOf(vintage) }, (_, step) => ({
    location: vintage.location,
    source: vintage.source,
    start: vintage.start + step * vintage.resolutionS * 1000,
    issuedAt: vintage.issuedAt,
    temperatureC: vintage.temperatureC?.[step] ?? null,
    ghiWm2: vintage.ghiWm2?.[step] ?? null,
    windMs: vintage.windMs?.[step] ?? null,
  }));

function vintageOf(body: Body, deps: ApiDeps): WeatherVintage {
  const { source, location, temperatureC = null, ghiWm2 = null, windMs = null } = body;
  const resolutionS = resolutionSeconds(body.resolution);
  const issuedAt = parseTime(body.issuedAt, '/body/issuedAt');
  const start = parseTime(body.start, '/body/start');
  const lengths = [temperatureC, ghiWm2, windMs].flatMap((each) => (each === null ? [] : [each.length]));
  if (lengths.length === 0)
    throw new LoadstoneError('LS-API-007', 'a vintage needs temperatureC, ghiWm2 or windMs', '/body');
  if (new Set(lengths).size > 1)
    throw new LoadstoneError(
      'LS-API-007',
      `the columns have ${lengths.join(', ')} steps; all must have the same number`,
      '/body',
    );
  if (start % (resolutionS * 1000) !== 0)
    throw new LoadstoneError('LS-API-007', `start is not on the grid of ${body.resolution}`, '/body/start');
  if (issuedAt > deps.clock.plant.now())
    throw new LoadstoneError('LS-API-007', 'issuedAt is in the future', '/body/issuedAt');
  return {
    id: deps.newId('wth'),
    source,
    location,
    issuedAt,
    start,
    resolutionS,
    temperatureC: withoutNegativeZero(temperatureC),
    ghiWm2: withoutNegativeZero(ghiWm2),
    windMs: withoutNegativeZero(windMs),
  };
}

/** JSON stores -0, which rounding in pandas gives, as 0. The stored vintage would seem to be another one. */
const withoutNegativeZero = (column: WeatherVintage['ghiWm2']): WeatherVintage['ghiWm2'] =>
  column?.map((value) => (value === null ? null : value + 0)) ?? null;
