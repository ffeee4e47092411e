import { isDeepStrictEqual } from 'node:util';
import type { FastifyInstance } from 'fastify';
import { Type, type Static } from 'typebox';
import type { Forecast } from '../../../shared/contracts/forecast.ts';
import { LoadstoneError } from '../../../shared/outcome/outcome.ts';
import { WEATHER_KINDS } from '../../forecast/serve/weather-kind.ts';
import { roundedKw } from '../../forecast/serve/rounded-kw.ts';
import { callerOf, warrantOf } from '../access.ts';
import { formatTime, parseTime, quantileColumn, Resolution, resolutionSeconds, Unit } from '../conventions.ts';
import type { ApiDeps } from '../deps.ts';
import { limitsOf } from '../forecasts/limits.ts';
import { shapeOf } from '../forecasts/shape.ts';
import { assertWritable } from '../targets.ts';

const MOST_STEPS = 2000;
const MOST_KW = 10_000_000;

const Body = Type.Object(
  {
    target: Type.String({ maxLength: 200, examples: ['substation:owd'] }),
    source: Type.String({
      pattern: '^[a-z0-9][a-z0-9.-]{0,62}$',
      maxLength: 63,
      description: 'the system that made it',
      examples: ['openstef'],
    }),
    load: Type.Optional(
      Type.Union([Type.Literal('uncontrolled'), Type.Literal('net')], {
        description: 'default uncontrolled; only those are scored, against the measured uncontrolled load',
      }),
    ),
    issuedAt: Type.String({ maxLength: 40, examples: ['2021-09-24T06:00:00Z'] }),
    dataUpTo: Type.Optional(Type.String({ maxLength: 40, description: 'last measurement used; default issuedAt' })),
    start: Type.String({ maxLength: 40, examples: ['2021-09-24T06:00:00Z'] }),
    resolution: Resolution,
    unit: Type.Optional(Unit),
    weather: Type.Optional(
      Type.Enum(WEATHER_KINDS, {
        description: 'the weather that it knew, according to its maker; default none',
      }),
    ),
    values: Type.Record(
      Type.String({ pattern: '^quantile_P[0-9]{1,2}(\\.[0-9]{1,2})?$' }),
      Type.Array(Type.Number(), { minItems: 1, maxItems: MOST_STEPS }),
      {
        description: 'quantile_P50, and any other quantiles',
        minProperties: 1,
        maxProperties: 40,
        additionalProperties: false,
      },
    ),
  },
  {
    additionalProperties: false,
    title: 'ExternalForecastRequest',
    examples: [
      {
        target: 'substation:owd',
        source: 'openstef',
        issuedAt: '2021-09-24T06:00:00Z',
        start: '2021-09-24T06:00:00Z',
        resolution: 'PT15M',
        values: { quantile_P10: [1800, 1790], quantile_P50: [2010, 2000], quantile_P90: [2200, 2190] },
      },
    ],
  },
);
type Body = Static<typeof Body>;

/** Another system's forecast: stored as issued and scored alongside ours. It is never the newest and never dispatched. */
export function externalForecastRoute(app: FastifyInstance, deps: ApiDeps): void {
  app.post<{ Body: Body }>(
    '/v1/forecasts/external',
    {
      config: { right: 'planner:write', checksTargets: true },
      schema: {
        tags: ['forecasts'],
        operationId: 'registerExternalForecast',
        summary: "Register another system's forecast, to be scored beside ours",
        body: Body,
        response: { 201: Type.Ref('Forecast') },
      },
    },
    async (request, reply) => {
      const { target, source, issuedAt } = request.body;
      request.act = { on: target, to: { source, issuedAt } };
      assertWritable(deps.region, callerOf(request), target, '/body/target');
      const forecast = forecastOf(request.body, deps);
      await deps.owner.forecasts.put(warrantOf(request, target), [forecast]);
      if (!isDeepStrictEqual(await deps.vintages.get(forecast.id), forecast))
        throw new LoadstoneError(
          'LS-API-005',
          `${request.body.source} already has another forecast of ${forecast.target} issued at that time: a vintage is never overwritten`,
          '/body/issuedAt',
        );
      void reply.status(201).header('location', `/v1/forecasts/${forecast.id}`);
      return shapeOf(forecast, { limits: limitsOf(deps.region, forecast.target) });
    },
  );
}

function forecastOf(body: Body, deps: ApiDeps): Forecast {
  const { target, source, load = 'uncontrolled', unit = 'kW', weather = 'none' } = body;
  if (target.startsWith('device:'))
    throw new LoadstoneError('LS-API-007', 'only substations, feeders and regions have forecasts', '/body/target');
  const resolutionS = resolutionSeconds(body.resolution);
  const issuedAt = parseTime(body.issuedAt, '/body/issuedAt');
  const start = parseTime(body.start, '/body/start');
  const dataUpTo = body.dataUpTo === undefined ? issuedAt : parseTime(body.dataUpTo, '/body/dataUpTo');
  if (issuedAt > deps.clock.plant.now() || issuedAt < 0)
    throw new LoadstoneError('LS-API-007', 'issuedAt is in the future', '/body/issuedAt');
  if (dataUpTo > issuedAt) throw new LoadstoneError('LS-API-007', 'dataUpTo is after issuedAt', '/body/dataUpTo');
  if (start % (resolutionS * 1000) !== 0)
    throw new LoadstoneError('LS-API-007', `start is not on the grid of ${body.resolution}`, '/body/start');
  const columns = Object.entries(body.values)
    .map(([name, values]) => ({ quantile: Number(name.slice('quantile_P'.length)) / 100, values }))
    .filter(({ quantile }) => quantile > 0 && quantile < 1)
    .toSorted((a, b) => a.quantile - b.quantile);
  const quantiles = columns.map(({ quantile }) => quantile);
  if (columns.length < Object.keys(body.values).length || !quantiles.some((each) => Math.abs(each - 0.5) < 1e-9))
    throw new LoadstoneError(
      'LS-API-007',
      'values must be quantiles between 0 and 1, including quantile_P50',
      '/body/values',
    );
  const twice = quantiles.find((each, index) => index > 0 && each - quantiles[index - 1]! < 1e-9);
  if (twice !== undefined)
    throw new LoadstoneError(
      'LS-API-007',
      `${quantileColumn(twice)} is given twice, in two spellings`,
      `/body/values/${quantileColumn(twice)}`,
    );
  const steps = columns[0]!.values.length;
  const values = columns.map((each) => each.values.map((value) => roundedKw(unit === 'MW' ? value * 1000 : value)));
  for (const [index, row] of values.entries()) {
    const pointer = `/body/values/${quantileColumn(quantiles[index]!)}`;
    if (row.length !== steps)
      throw new LoadstoneError('LS-API-007', 'the quantiles must all have the same number of steps', pointer);
    const wild = row.findIndex((kw) => !(Math.abs(kw) <= MOST_KW));
    if (wild >= 0)
      throw new LoadstoneError('LS-API-007', 'the value must be a power of at most 10 GW', `${pointer}/${wild}`);
    const crossing = index === 0 ? -1 : row.findIndex((kw, step) => kw < values[index - 1]![step]!);
    if (crossing >= 0)
      throw new LoadstoneError(
        'LS-API-007',
        'the quantiles cross: a higher one is below a lower one',
        `${pointer}/${crossing}`,
      );
  }
  return {
    id: `ext-${source}-${target.replace(':', '-')}-${formatTime(issuedAt).replaceAll(/[-:.]/g, '').toLowerCase()}${load === 'net' ? '-net' : ''}`,
    kind: 'external',
    target,
    load,
    issuedAt,
    dataUpTo,
    start,
    resolutionS,
    quantiles,
    values,
    model: { id: `external:${source}`, sha256: null, members: {} },
    weather:
      weather === 'none'
        ? null
        : {
            source,
            issuedAt,
            hindcast: weather === 'actual' || weather === 'degraded',
            ...(weather === 'degraded' && { degraded: true }),
          },
    inputCompleteness: 1,
    fallback: null,
    calibration: null,
    warnings: [],
  };
}
