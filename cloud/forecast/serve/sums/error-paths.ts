import type { Forecast } from '../../../../shared/contracts/forecast.ts';
import { baselinePoint } from '../../../../shared/forecast/naive.ts';
import { filled, type LoadSeries } from '../../../../shared/forecast/series.ts';
import { levelOf } from '../../reconcile/quantile-function.ts';

/** Paths begin on a fixed grid, so that those of two targets cover the same times. */
export const PATH_EVERY_MS = 3 * 3_600_000;
export const PATH_HOURS = 48;
export const PATH_DAYS = 28;
const HOUR_MS = 3_600_000;
const STEPS_PER_HOUR = 4;
const STEPS_PER_DAY = 96;

/** Source of a path: an issued forecast with steps of 15 min. */
export interface IssuedQuantiles {
  readonly start: number;
  readonly quantiles: readonly number[];
  /** [quantile][step], kW. */
  readonly values: readonly (readonly number[])[];
  /** What reconciliation changed. */
  readonly reconciled?: Pick<NonNullable<Forecast['reconciled']>, 'before' | 'spread'> | undefined;
  readonly mean?: readonly number[] | undefined;
}

/**
 * Levels of the actual load within a forecast, in the first quarter of each hour; NaN if unknown. For a reconciled forecast, levels are
 * those before reconciliation: afterwards errors add up and no longer show their correlation.
 */
export function forecastPath(
  { start, quantiles, values, reconciled, mean }: IssuedQuantiles,
  actual: (time: number) => number,
): Float32Array {
  return Float32Array.from({ length: PATH_HOURS }, (_, hour) => {
    const step = hour * STEPS_PER_HOUR;
    const came = actual(start + hour * HOUR_MS);
    if (Number.isNaN(came) || step >= values[0]!.length) return Number.NaN;
    return levelOf(
      quantiles,
      values.map((row) => row[step]!),
      reconciled === undefined || mean === undefined
        ? came
        : mean[step]! + (came - reconciled.before[step]!) * reconciled.spread[step]!,
    );
  });
}

/** Errors of the mean of the week from each origin of the grid in a series of 15 min, kW, by origin. */
export function naivePaths(load: LoadSeries, origins: readonly number[]): Map<number, Float32Array> {
  const known = filled(load.values, load.stepS).values;
  const stepMs = load.stepS * 1000;
  const paths = new Map<number, Float32Array>();
  for (const origin of origins) {
    const next = Math.round((origin - load.start) / stepMs);
    const before = known.subarray(0, next);
    paths.set(
      origin,
      Float32Array.from({ length: PATH_HOURS }, (_, hour) => {
        const step = hour * STEPS_PER_HOUR;
        const came = load.values[next + step] ?? Number.NaN;
        return came - baselinePoint('sameHourMean', before, STEPS_PER_DAY, { next, step });
      }),
    );
  }
  return paths;
}

/** Origins of the grid in [from, to]. */
export function pathOrigins(from: number, to: number): number[] {
  const first = Math.ceil(from / PATH_EVERY_MS) * PATH_EVERY_MS;
  return Array.from(
    { length: Math.max(0, Math.floor((to - first) / PATH_EVERY_MS) + 1) },
    (_, i) => first + i * PATH_EVERY_MS,
  );
}

/** A path, and the number of steps by which its origin precedes the current one in time of day. */
export interface ChosenPath {
  readonly origin: number;
  readonly shift: number;
}

const SHIFTS = [24, 48];

/**
 * The most informative paths for a forecast that starts at `start`: those that begin at the same time of day or up to six hours before, so
 * that noon is compared with noon; if they are fewer than `enough`, also earlier ones.
 */
export function choosePaths(origins: Iterable<number>, start: number, enough: number): ChosenPath[] {
  const day = 24 * HOUR_MS;
  const all = [...origins].map((origin) => ({
    origin,
    shift: Math.round(((((start - origin) % day) + day) % day) / (HOUR_MS / STEPS_PER_HOUR)),
  }));
  for (const most of SHIFTS) {
    const near = all.filter(({ shift }) => shift <= most);
    if (near.length >= enough) return near;
  }
  return all;
}

/** Hour of a path that corresponds to a step of the current forecast: the same time of day, a day earlier if the path has ended. */
export function hourOfPath({ shift }: ChosenPath, step: number): number {
  const lead = step + shift;
  const last = PATH_HOURS * STEPS_PER_HOUR;
  const over = Math.max(0, Math.ceil((lead - last + 1) / STEPS_PER_DAY));
  return Math.floor((lead - over * STEPS_PER_DAY) / STEPS_PER_HOUR);
}
