import { weatherKind } from '../../forecast/serve/weather-kind.ts';
import { Type, type Static } from 'typebox';
import type { Forecast } from '../../../shared/contracts/forecast.ts';
import { ForecastAnswer, SIGN_CONVENTION, Unit } from '../../../shared/contracts/planner.ts';
import { membersOf, sumTarget } from '../../planner/inputs/sum-target.ts';
import { tableOf, type Cell, type Table } from '../../tables/table.ts';
import { formatTime, inUnit, parseDuration, quantileColumn, Resolution, resolutionName } from '../conventions.ts';
import { forecastExample } from './examples.ts';
import { chosenQuantiles, type Grid, gridOf, means } from './shown-steps.ts';
import { extensionBefore, extensionShown, extensionText, fallbackShown, modelShown } from './extension.ts';

export const Quantiles = Type.String({
  pattern: '^0?\\.[0-9]+(,0?\\.[0-9]+)*$',
  maxLength: 200,
  description: 'comma-separated; default all',
  examples: ['0.1,0.5,0.9'],
});

/** The part of a forecast to show. */
export const ShapeQuery = Type.Object({
  start: Type.Optional(Type.String({ maxLength: 40, description: 'RFC 3339; default the first step' })),
  horizon: Type.Optional(
    Type.String({
      maxLength: 20,
      description: 'ISO 8601 duration; default to the end; a longer one ends there with a warning',
      examples: ['PT24H'],
    }),
  ),
  quantiles: Type.Optional(Quantiles),
  resolution: Type.Optional(Resolution),
  unit: Type.Optional(Unit),
});
export type ShapeQuery = Static<typeof ShapeQuery>;

export const ForecastShape = Type.Object(ForecastAnswer.properties, {
  $id: 'Forecast',
  title: 'Forecast',
  examples: [forecastExample],
});
export type ForecastShape = Static<typeof ForecastShape>;

export interface Limits {
  readonly importKw: number;
  readonly exportKw: number;
}

/** Shapes a forecast for planners: chosen quantiles, coarser steps as means, limits and the probability of exceeding them. */
export function shapeOf(
  forecast: Forecast,
  options: ShapeQuery & { readonly limits: Limits | undefined },
): ForecastShape {
  const { unit = 'kW', limits } = options;
  const grid = gridOf({ ...forecast, steps: forecast.values[0]?.length ?? 0 }, options);
  const extension = extensionBefore(forecast, grid.start + grid.steps * grid.resolutionS * 1000);
  const coarse = forecast.values.map((series) => means(series, grid));
  const values: Record<string, (number | null)[]> = {};
  for (const quantile of chosenQuantiles(forecast.quantiles, options.quantiles)) {
    const index = forecast.quantiles.findIndex((each) => Math.abs(each - quantile) < 1e-9);
    values[quantileColumn(quantile)] = coarse[index]!.map((kw) => inUnit(kw, unit));
  }
  const above = (limit: number, sign: 1 | -1): number[] =>
    Array.from({ length: grid.steps }, (_, step) =>
      probabilityAbove(
        forecast.quantiles,
        coarse.map((series) => series[step]!),
        { limit, sign },
      ),
    );
  return {
    id: forecast.id,
    kind: forecast.kind,
    target: shownTarget(forecast.target),
    load: forecast.load,
    issuedAt: formatTime(forecast.issuedAt),
    dataUpTo: formatTime(forecast.dataUpTo),
    start: formatTime(grid.start),
    resolution: resolutionName(grid.resolutionS),
    unit,
    signConvention: SIGN_CONVENTION,
    values,
    mean: forecast.mean === undefined ? null : means(forecast.mean, grid).map((kw) => inUnit(kw, unit)),
    reconciled: reconciledShown(forecast.reconciled),
    components: splitShown(forecast, grid, unit),
    limits: limits === undefined ? null : { importKw: limits.importKw, exportKw: limits.exportKw },
    probabilityAboveImport: limits === undefined ? null : above(limits.importKw, 1),
    probabilityAboveExport: limits === undefined ? null : above(limits.exportKw, -1),
    peak: peakOf(forecast.quantiles, coarse, { ...grid, unit }),
    model: modelShown(forecast.model, forecast.resolutionS),
    extension: extensionShown(extension),
    weather:
      forecast.weather === null ? null : { ...forecast.weather, issuedAt: formatTime(forecast.weather.issuedAt) },
    weatherKind: weatherKind(forecast.weather),
    inputCompleteness: forecast.inputCompleteness,
    fallback: fallbackShown(forecast.fallback),
    calibration: forecast.calibration,
    warnings: [...forecast.warnings, ...(extension === undefined ? [] : [extensionText(extension)]), ...grid.warnings],
    ...(forecast.sentences === undefined ? {} : { sentences: [...forecast.sentences] }),
  };
}

const reconciledShown = (reconciled: Forecast['reconciled']): ForecastShape['reconciled'] =>
  reconciled === undefined ? null : { series: reconciled.series, of: reconciled.of, paths: reconciled.paths };

/** `other` is the shown P50 minus the shown solar and wind, so that the three add up in any unit. */
function splitShown(
  { components, quantiles, values }: Forecast,
  grid: Grid,
  unit: 'kW' | 'MW',
): ForecastShape['components'] {
  const median = values[quantiles.findIndex((each) => Math.abs(each - 0.5) < 1e-9)];
  if (components === undefined || median === undefined) return null;
  const shown = (series: readonly number[]): (number | null)[] => means(series, grid).map((kw) => inUnit(kw, unit));
  const [solar, wind] = [shown(components.solar), shown(components.wind)];
  const other = shown(median).map((value, step) => {
    const [sun, gust] = [solar[step]!, wind[step]!];
    return value === null || sun === null || gust === null ? null : Math.round((value - sun - gust) * 1e6) / 1e6 + 0;
  });
  return { solar, wind, other };
}

export function shownTarget(target: string): ForecastShape['target'] {
  const members = membersOf(target);
  return members === undefined ? target : { sumOf: [...members] };
}

/** Probability that sign x power exceeds the limit, interpolated linearly between quantiles; 0 or 1 outside them. */
export function probabilityAbove(
  quantiles: readonly number[],
  values: readonly number[],
  { limit, sign }: { readonly limit: number; readonly sign: 1 | -1 },
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
  grid: Pick<Grid, 'start' | 'resolutionS'> & { unit: 'kW' | 'MW' },
): ForecastShape['peak'] {
  const median = coarse[quantiles.findIndex((each) => Math.abs(each - 0.5) < 1e-9)];
  const upper = coarse[quantiles.findIndex((each) => Math.abs(each - 0.95) < 1e-9)] ?? median;
  if (median === undefined || median.length === 0) return null;
  const at = median.indexOf(Math.max(...median));
  return {
    import: {
      quantile_P50: inUnit(median[at]!, grid.unit)!,
      quantile_P95: inUnit(upper![at]!, grid.unit)!,
      at: formatTime(grid.start + at * grid.resolutionS * 1000),
    },
  };
}

/** One row per step: target, start, issuedAt, the quantiles, the mean, and the kind of weather. */
export function forecastTable(shown: ForecastShape): Table {
  const stepMs = parseDuration(shown.resolution, 'resolution');
  const start = Date.parse(shown.start);
  const issuedAt = Date.parse(shown.issuedAt);
  const target = typeof shown.target === 'string' ? shown.target : sumTarget(shown.target.sumOf);
  // Beyond the models' horizon no weather is known.
  const modelsEnd = shown.extension === null ? Number.POSITIVE_INFINITY : Date.parse(shown.extension.from);
  const columns: [string, readonly (number | null)[]][] = [
    ...Object.entries(shown.values),
    ...(shown.mean === null ? [] : [['mean', shown.mean] satisfies [string, readonly (number | null)[]]]),
  ];
  const rows = (columns[0]?.[1] ?? []).map((_, step): Record<string, Cell> => ({
    target,
    start: start + step * stepMs,
    issuedAt,
    ...Object.fromEntries(columns.map(([name, series]) => [name, series[step] ?? null])),
    weather: start + step * stepMs < modelsEnd ? shown.weatherKind : 'none',
  }));
  return tableOf(
    [
      ['target', 'text'],
      ['start', 'time'],
      ['issuedAt', 'time'],
      ...columns.map(([name]) => [name, 'number'] as const),
      ['weather', 'text'],
    ],
    rows,
  );
}
