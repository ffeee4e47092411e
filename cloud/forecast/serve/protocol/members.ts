import type { LocalCalendar } from '../../../../shared/forecast/calendar.ts';
import { FeatureSource, type WeatherSeries } from '../../../../shared/forecast/features.ts';
import { quantilesOf } from '../../../../shared/forecast/quantiles.ts';
import { Moments, predict } from '../../train/moments.ts';
import { predictRidge, trainRidge } from '../../train/ridge-member.ts';
import { HORIZON, type HourlyData } from './hourly-data.ts';
import type { HourlyDesign } from './hourly.ts';
import { trainingOrigins, type PairForecasts, type TestPairs } from './pairs.ts';

const LEVELS = [0.1, 0.5, 0.9];

/** The value `lag` hours before the target, with the quantiles of its errors in the training part. */
export function naiveMember(values: Float64Array, load: Float64Array, pairs: TestPairs, lag: number): PairForecasts {
  const out = pairs.blank();
  for (let horizon = 1; horizon <= HORIZON; horizon++) {
    const origins = trainingOrigins(load, pairs.firstTest, horizon);
    const errors = origins.map((origin) => load[origin + horizon]! - values[origin + horizon - lag]!);
    const offsets = quantilesOf(errors, LEVELS);
    for (const i of pairs.ofHorizon(horizon)) put(out, i, values[pairs.origins[i]! + horizon - lag]!, offsets);
  }
  return out;
}

/** The ridge of the protocol: one per horizon on all training origins, penalty 1, quantiles of its training errors. */
export function ridgeMember(design: HourlyDesign, load: Float64Array, pairs: TestPairs): PairForecasts {
  const out = pairs.blank();
  const { width } = design;
  const row = new Float32Array(width);
  for (let horizon = 1; horizon <= HORIZON; horizon++) {
    const origins = trainingOrigins(load, pairs.firstTest, horizon);
    const rows = new Float32Array(origins.length * width);
    const moments = new Moments(width);
    for (const [i, origin] of origins.entries()) {
      design.row(origin, horizon, rows, i * width);
      moments.add(rows, i * width, load[origin + horizon]!);
    }
    const fit = moments.ridge(1 / origins.length);
    const errors = origins.map((origin, i) => load[origin + horizon]! - predict(fit, rows, i * width));
    const offsets = quantilesOf(errors, LEVELS);
    for (const i of pairs.ofHorizon(horizon)) {
      design.row(pairs.origins[i]!, horizon, row, 0);
      put(out, i, predict(fit, row, 0), offsets);
    }
  }
  return out;
}

/** The linear member of Loadstone, trained on the hours before the test part. */
export function linearMember(
  data: HourlyData,
  calendar: LocalCalendar,
  pairs: TestPairs,
  weatherAt: (origin: number) => WeatherSeries | undefined,
): PairForecasts {
  const load = { start: data.start, stepS: 3600, values: data.load };
  const trainWeather = weatherAt(data.load.length);
  const schema = { steps: HORIZON, stepS: 3600, weather: trainWeather !== undefined };
  const common = { schema, zone: calendar.zone, levels: LEVELS, trainTo: pairs.firstTest };
  const model = trainRidge({ load, ...common, ...(trainWeather && { weather: trainWeather }) });
  const out = pairs.blank();
  const known = new FeatureSource(schema, load, calendar, trainWeather);
  let origin = -1;
  let output: Float64Array = new Float64Array(0);
  for (let i = 0; i < pairs.count; i++) {
    if (pairs.origins[i] !== origin) {
      origin = pairs.origins[i]!;
      output = predictRidge(model, rowAt(known, weatherAt, { schema, load, calendar, origin, trainWeather }));
    }
    const at = (pairs.horizons[i]! - 1) * 3;
    out.low[i] = output[at]!;
    out.mid[i] = out.point[i] = output[at + 1]!;
    out.high[i] = output[at + 2]!;
  }
  return out;
}

interface RowContext {
  readonly schema: FeatureSource['schema'];
  readonly load: { readonly start: number; readonly stepS: number; readonly values: Float64Array };
  readonly calendar: LocalCalendar;
  readonly origin: number;
  readonly trainWeather: WeatherSeries | undefined;
}

const WINDOW = 24 * 10;

/** The row at an origin with the weather as it was known there; where that is the actual one, `known` serves. */
function rowAt(
  known: FeatureSource,
  weatherAt: (origin: number) => WeatherSeries | undefined,
  { schema, load, calendar, origin, trainWeather }: RowContext,
): Float32Array {
  const weather = weatherAt(origin);
  if (weather === trainWeather || weather === undefined) return known.row(origin + 1);
  const from = Math.max(0, origin + 1 - WINDOW);
  const part = { ...load, start: load.start + from * 3_600_000, values: load.values.slice(from, origin + 1) };
  const cut = (values: Float64Array): Float64Array => values.slice(from, origin + 1 + HORIZON);
  const source = new FeatureSource(schema, part, calendar, { ghi: cut(weather.ghi), wind: cut(weather.wind) });
  return source.row(origin + 1 - from);
}

function put(out: PairForecasts, i: number, point: number, offsets: readonly number[]): void {
  out.point[i] = point;
  out.low[i] = point + offsets[0]!;
  out.mid[i] = point + offsets[1]!;
  out.high[i] = point + offsets[2]!;
}
