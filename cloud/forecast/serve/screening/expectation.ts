import type { LocalCalendar } from '../../../../shared/forecast/calendar.ts';
import { turbine, type WeatherSeries } from '../../../../shared/forecast/features.ts';
import { quantileOfSorted } from '../../../../shared/forecast/quantiles.ts';
import type { LoadSeries } from '../../../../shared/forecast/series.ts';
import { addOuter, addScaled, solveCholesky } from '../../train/linear-algebra.ts';

/** The expected values of a series, and their usual deviation. */
export interface Expectation {
  readonly mean: Float64Array;
  /** Robust standard deviation, by time of day. */
  readonly spread: Float64Array;
  /** Whether sun and wind are inputs of the fit. */
  readonly weather: boolean;
}

const HARMONICS = 4;
const ROUNDS = 4;
/** Most rows of the fit, spread evenly over the series; neighbours carry the same information. */
const MOST_ROWS = 1344;
/** Rows computed per slice. */
const ROWS_AT_ONCE = 2000;
/** Where Huber's loss turns linear, in standard deviations. */
const KNEE = 1.5;
const DAY_MS = 86_400_000;

/**
 * Fits time of day by free and working days, sun and wind, with Huber's loss by reweighting, so that less than half of bad data has little
 * influence (Huber and Ronchetti, Robust Statistics, 7.8). Runs in slices of some milliseconds.
 */
export function* expectationOf(
  series: LoadSeries,
  { calendar, weather }: { readonly calendar: LocalCalendar; readonly weather?: WeatherSeries | undefined },
): Generator<void, Expectation> {
  const { values } = series;
  const rows = yield* rowsOf(series, calendar, weather);
  const width = rows.length / values.length;
  const known = [...values.keys()].filter((i) => !Number.isNaN(values[i]!));
  const thin = thinning(known.length);
  const ids = known.filter((_, at) => at % thin === 0);
  let weights = new Float64Array(width);
  let scale = Number.POSITIVE_INFINITY;
  weights[0] = quantileOfSorted(values.filter((value) => !Number.isNaN(value)).sort(), 0.5);
  const meanAt = (i: number): number => {
    let sum = 0;
    for (let k = 0; k < width; k++) sum += weights[k]! * rows[i * width + k]!;
    return sum;
  };
  for (let round = 0; round < ROUNDS; round++) {
    yield;
    const errors = ids.map((i) => values[i]! - meanAt(i));
    scale = Math.max(1e-9, 1.4826 * quantileOfSorted(Float64Array.from(errors, Math.abs).sort(), 0.5));
    const gram = new Float64Array(width * width);
    const right = new Float64Array(width);
    const row = new Float32Array(width);
    for (const [at, i] of ids.entries()) {
      const weight = Math.min(1, (KNEE * scale) / Math.max(1e-12, Math.abs(errors[at]!)));
      for (let k = 0; k < width; k++) row[k] = rows[i * width + k]! * Math.sqrt(weight);
      addOuter(gram, width, row, 0);
      addScaled(right, Math.sqrt(weight) * values[i]!, row, 0);
    }
    for (let k = 0; k < width; k++) gram[k * width + k]! += 1e-3 * ids.length * (k === 0 ? 1e-6 : 0.1);
    weights = solveCholesky(gram, right) as Float64Array<ArrayBuffer>;
  }
  yield;
  const mean = values.map((_, i) => meanAt(i));
  yield;
  const spread = spreadOf(series, mean, scale);
  yield;
  return { mean, spread, weather: weather !== undefined };
}

/** Stride between rows: odd, so that all times of day occur. */
function thinning(count: number): number {
  const least = Math.ceil(count / MOST_ROWS);
  return least % 2 === 0 ? least + 1 : least;
}

/** By UTC time of day, in eight bins of three hours, never less than a third of the overall spread. */
function spreadOf({ start, stepS, values }: LoadSeries, mean: Float64Array, scale: number): Float64Array {
  const bins = Array.from({ length: 8 }, (): number[] => []);
  const binOf = (i: number): number => Math.floor((((start + i * stepS * 1000) % DAY_MS) / DAY_MS) * 8);
  for (const [i, value] of values.entries()) if (!Number.isNaN(value)) bins[binOf(i)]!.push(Math.abs(value - mean[i]!));
  const scales = bins.map((bin) =>
    Math.max(scale / 3, 1.4826 * (bin.length === 0 ? scale : quantileOfSorted(Float64Array.from(bin).sort(), 0.5))),
  );
  return values.map((_, i) => scales[binOf(i)]!);
}

function* rowsOf(
  { start, stepS, values }: LoadSeries,
  calendar: LocalCalendar,
  weather: WeatherSeries | undefined,
): Generator<void, Float32Array> {
  const width = 1 + 2 * HARMONICS + 5 + (weather === undefined ? 0 : 4);
  const rows = new Float32Array(values.length * width);
  const sun = weather === undefined ? 0 : Math.max(1e-9, greatest(weather.ghi));
  for (let i = 0; i < values.length; i++) {
    const time = start + i * stepS * 1000;
    const angle = (2 * Math.PI * calendar.timeOfDayMs(time)) / DAY_MS;
    const free = calendar.isFree(time) ? 1 : 0;
    let at = i * width;
    rows[at++] = 1;
    for (let k = 1; k <= HARMONICS; k++) {
      rows[at++] = Math.sin(k * angle);
      rows[at++] = Math.cos(k * angle);
    }
    rows[at++] = free;
    for (let k = 1; k <= 2; k++) {
      rows[at++] = free * Math.sin(k * angle);
      rows[at++] = free * Math.cos(k * angle);
    }
    if (weather !== undefined) {
      const ghi = (weather.ghi[i] || 0) / sun;
      rows[at++] = ghi;
      rows[at++] = ghi * Math.sin(angle);
      rows[at++] = ghi * Math.cos(angle);
      rows[at++] = turbine(weather.wind[i] || 0);
    }
    if (i % ROWS_AT_ONCE === 0) yield;
  }
  return rows;
}

const greatest = (values: Float64Array): number => values.reduce((most, value) => (value > most ? value : most), 0);
