import type { FastifyInstance } from 'fastify';
import { Type, type Static } from 'typebox';
import type { Forecast } from '../../../shared/contracts/forecast.ts';
import { LoadstoneError } from '../../../shared/outcome/outcome.ts';
import {
  chooseFormat,
  Format,
  formatTime,
  inUnit,
  parseDuration,
  quantileColumn,
  Resolution,
  resolutionName,
  resolutionSeconds,
  SIGN_CONVENTION,
  toCsv,
  Unit,
} from '../conventions.ts';
import type { ApiDeps } from '../deps.ts';
import { substationById, substationOfFeeder } from '../resources.ts';

const ForecastQuery = Type.Object({
  horizon: Type.Optional(Type.String({ maxLength: 20, description: 'ISO 8601 duration, PT48H by default' })),
  quantiles: Type.Optional(Type.String({ pattern: '^0?\\.[0-9]+(,0?\\.[0-9]+)*$', maxLength: 200 })),
  resolution: Type.Optional(Resolution),
  unit: Type.Optional(Unit),
  format: Type.Optional(Format),
});
type ForecastQuery = Static<typeof ForecastQuery>;

const Params = Type.Object({ id: Type.String({ maxLength: 63 }) });
type Params = Static<typeof Params>;

type Limits = { readonly importKw: number; readonly exportKw: number };

/** The newest vintage of each kind of target. */
export function forecastRoutes(app: FastifyInstance, deps: ApiDeps): void {
  const route = (kind: string, target: string, limitsOf: (id: string) => Limits): void => {
    app.get<{ Params: Params; Querystring: ForecastQuery }>(
      `/v1/${kind}/:id/forecast`,
      { schema: { tags: ['forecasts'], summary: 'The newest forecast', params: Params, querystring: ForecastQuery } },
      async (request, reply) => {
        const { id } = request.params;
        const limits = limitsOf(id);
        const forecast = deps.newestForecast(`${target}:${id}`);
        if (forecast === undefined)
          throw new LoadstoneError('LS-FORECAST-002', `no forecast of ${target}:${id} has been issued yet`);
        const etag = `"${forecast.id}-${request.url.split('?')[1] ?? ''}"`;
        void reply.header('etag', etag).header('cache-control', 'no-cache').header('vary', 'Accept');
        if (request.headers['if-none-match'] === etag) return reply.status(304).send();
        const shown = present(forecast, { ...request.query, limits });
        if (chooseFormat(request.query.format, request.headers.accept) === 'json') return shown;
        return reply.type('text/csv; charset=utf-8; header=present').send(toCsv(rows(shown)));
      },
    );
  };
  route('substations', 'substation', (id) => substationById(deps.region, id).limits);
  route('feeders', 'feeder', (id) => {
    const { network, limits } = substationOfFeeder(deps.region, id);
    const head = network.feeders.find((feeder) => feeder.id === id)!.headBranch;
    const rating = network.lines.find((line) => line.id === head)?.ratedKva;
    return rating === undefined ? limits : { importKw: rating, exportKw: rating };
  });
  route('regions', 'region', (id) => {
    if (id !== deps.region.id) throw new LoadstoneError('LS-API-004', `there is no region "${id}"`);
    return deps.region.limits;
  });
}

interface Shown {
  readonly target: string;
  readonly start: string;
  readonly resolution: string;
  readonly issuedAt: string;
  readonly values: Readonly<Record<string, readonly (number | null)[]>>;
  readonly [more: string]: unknown;
}

/** The planner's shape of a forecast: chosen quantiles, coarser steps as means, limits and the chance to pass them. */
export function present(forecast: Forecast, options: ForecastQuery & { readonly limits: Limits }): Shown {
  const unit = options.unit ?? 'kW';
  const factor = options.resolution === undefined ? 1 : resolutionSeconds(options.resolution) / forecast.resolutionS;
  if (!Number.isInteger(factor)) {
    throw new LoadstoneError(
      'LS-API-007',
      `resolution: this forecast has steps of ${forecast.resolutionS} s, which do not make ${options.resolution}`,
      '/querystring/resolution',
    );
  }
  const resolutionS = forecast.resolutionS * factor;
  const whole = Math.floor((forecast.values[0]?.length ?? 0) / factor);
  const asked =
    options.horizon === undefined
      ? whole
      : Math.ceil(parseDuration(options.horizon, '/querystring/horizon') / (1000 * resolutionS));
  const steps = Math.min(whole, asked);
  const coarse = forecast.values.map((series) => means(series, factor, steps));
  const values: Record<string, (number | null)[]> = {};
  for (const quantile of chosen(forecast, options.quantiles)) {
    const index = forecast.quantiles.findIndex((each) => Math.abs(each - quantile) < 1e-9);
    values[quantileColumn(quantile)] = coarse[index]!.map((kw) => inUnit(kw, unit));
  }
  const above = (limit: number, sign: 1 | -1): number[] =>
    Array.from({ length: steps }, (_, step) =>
      probabilityAbove(
        forecast.quantiles,
        coarse.map((series) => series[step]!),
        limit,
        sign,
      ),
    );
  return {
    id: forecast.id,
    kind: forecast.kind,
    target: forecast.target,
    load: forecast.load,
    issuedAt: formatTime(forecast.issuedAt),
    dataUpTo: formatTime(forecast.dataUpTo),
    start: formatTime(forecast.start),
    resolution: resolutionName(resolutionS),
    unit,
    signConvention: SIGN_CONVENTION,
    values,
    limits: { importKw: options.limits.importKw, exportKw: options.limits.exportKw },
    probabilityAboveImport: above(options.limits.importKw, 1),
    probabilityAboveExport: above(options.limits.exportKw, -1),
    peak: peakOf(forecast.quantiles, coarse, { start: forecast.start, resolutionS, unit }),
    model: forecast.model,
    weather:
      forecast.weather === null ? null : { ...forecast.weather, issuedAt: formatTime(forecast.weather.issuedAt) },
    inputCompleteness: forecast.inputCompleteness,
    fallback: forecast.fallback === null ? null : { ...forecast.fallback, since: formatTime(forecast.fallback.since) },
    calibration: forecast.calibration,
    warnings: forecast.warnings,
  };
}

const means = (series: readonly number[], factor: number, steps: number): number[] =>
  Array.from({ length: steps }, (_, step) => {
    let sum = 0;
    for (let index = 0; index < factor; index++) sum += series[step * factor + index]!;
    return sum / factor;
  });

function chosen(forecast: Forecast, asked: string | undefined): readonly number[] {
  if (asked === undefined) return forecast.quantiles;
  return asked.split(',').map((text) => {
    const quantile = Number(text);
    if (forecast.quantiles.some((each) => Math.abs(each - quantile) < 1e-9)) return quantile;
    throw new LoadstoneError(
      'LS-API-007',
      `quantiles: ${text} is not among ${forecast.quantiles.join(', ')}`,
      '/querystring/quantiles',
    );
  });
}

/** Chance that sign x power passes the limit, read off the quantile function by straight lines; 0 or 1 outside it. */
export function probabilityAbove(
  quantiles: readonly number[],
  values: readonly number[],
  limit: number,
  sign: 1 | -1,
): number {
  const level = sign * limit;
  const last = values.length - 1;
  if (last < 0) return 0;
  const below = ((): number => {
    if (level < values[0]!) return 0;
    if (level >= values[last]!) return 1;
    const upper = values.findIndex((value) => value > level);
    const [low, high] = [values[upper - 1]!, values[upper]!];
    const share = high > low ? (level - low) / (high - low) : 1;
    return quantiles[upper - 1]! + share * (quantiles[upper]! - quantiles[upper - 1]!);
  })();
  return Math.round((sign === 1 ? 1 - below : below) * 1e4) / 1e4;
}

function peakOf(
  quantiles: readonly number[],
  coarse: readonly (readonly number[])[],
  grid: { start: number; resolutionS: number; unit: 'kW' | 'MW' },
): Record<string, unknown> | null {
  const median = coarse[quantiles.findIndex((each) => Math.abs(each - 0.5) < 1e-9)];
  const upper = coarse[quantiles.findIndex((each) => Math.abs(each - 0.95) < 1e-9)] ?? median;
  if (median === undefined || median.length === 0) return null;
  const at = median.indexOf(Math.max(...median));
  return {
    import: {
      quantile_P50: inUnit(median[at]!, grid.unit),
      quantile_P95: inUnit(upper![at]!, grid.unit),
      at: formatTime(grid.start + at * grid.resolutionS * 1000),
    },
  };
}

function rows(shown: Shown): Record<string, string | number | null>[] {
  const stepMs = parseDuration(shown.resolution, 'resolution');
  const start = Date.parse(shown.start);
  const columns = Object.entries(shown.values);
  return (columns[0]?.[1] ?? []).map((_, step) => ({
    target: shown.target,
    start: formatTime(start + step * stepMs),
    issuedAt: shown.issuedAt,
    ...Object.fromEntries(columns.map(([name, series]) => [name, series[step] ?? null])),
  }));
}
