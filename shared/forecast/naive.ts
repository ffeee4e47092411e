import { quantilesOf, uncross } from './quantiles.ts';
import { endOf, filled, stepsPerDay, type LoadSeries } from './series.ts';

export type Baseline = 'seasonalNaive' | 'seasonalNaiveWeek' | 'sameHourMean';

export interface QuantileForecast {
  /** Start of the first step, ms UTC. */
  readonly start: number;
  readonly stepS: number;
  readonly levels: readonly number[];
  /** [quantile][step], kW. */
  readonly values: readonly (readonly number[])[];
}

/** A baseline's point forecast beside its quantiles. The median of past errors may move P50 away from the point. */
export interface BaselineForecast extends QuantileForecast {
  readonly point: readonly number[];
}

/** Point forecast of index `next + step` from the values before index `next`. */
export function baselinePoint(
  baseline: Baseline,
  known: Float64Array,
  day: number,
  at: { next: number; step: number },
): number {
  const target = at.next + at.step;
  const days = Math.floor(at.step / day) + 1;
  switch (baseline) {
    case 'seasonalNaive':
      return value(known, target - days * day, at.next);
    case 'seasonalNaiveWeek':
      return value(known, target - 7 * Math.ceil(days / 7) * day, at.next);
    case 'sameHourMean': {
      let sum = 0;
      for (let back = days; back < days + 7; back++) sum += value(known, target - back * day, at.next);
      return sum / 7;
    }
  }
}

/**
 * A baseline with the empirical quantiles of its own past errors in the given history: by hour of the target and day ahead if there are at
 * least 24 errors, else over all errors of that day ahead.
 */
export function baselineForecast(
  baseline: Baseline,
  history: LoadSeries,
  options: { steps: number; levels: readonly number[] },
): BaselineForecast {
  const day = stepsPerDay(history.stepS);
  const { values: known } = filled(history.values, history.stepS);
  const next = known.length;
  const errors = new ErrorBins(day);
  const reach = baseline === 'seasonalNaive' ? 2 : 9;
  for (let target = Math.min(reach * day, Math.max(day, next - 7 * day)); target < next; target++) {
    const actual = history.values[target]!;
    if (Number.isNaN(actual)) continue;
    for (let ahead = 0; ahead * day < options.steps; ahead++) {
      const origin = target - ahead * day;
      if (origin < day) continue;
      const point = baselinePoint(baseline, known.subarray(0, origin), day, { next: origin, step: ahead * day });
      errors.add(target, ahead, actual - point);
    }
  }
  const values = options.levels.map(() => Array.from({ length: options.steps }, () => 0));
  const points: number[] = [];
  for (let step = 0; step < options.steps; step++) {
    const point = baselinePoint(baseline, known, day, { next, step });
    points.push(point);
    const spread = errors.quantiles(next + step, Math.floor(step / day), options.levels);
    for (const [index, offset] of spread.entries()) values[index]![step] = point + offset;
  }
  return {
    start: endOf(history),
    stepS: history.stepS,
    levels: options.levels,
    values: uncross(values),
    point: points,
  };
}

class ErrorBins {
  readonly #day: number;
  readonly #bins = new Map<number, number[]>();
  readonly #quantiles = new Map<number, number[]>();

  constructor(day: number) {
    this.#day = day;
  }

  add(target: number, ahead: number, error: number): void {
    for (const key of [this.#key(target, ahead), -1 - ahead]) {
      const bin = this.#bins.get(key);
      if (bin === undefined) this.#bins.set(key, [error]);
      else bin.push(error);
    }
  }

  quantiles(target: number, ahead: number, levels: readonly number[]): number[] {
    const hourly = this.#key(target, ahead);
    const key = (this.#bins.get(hourly)?.length ?? 0) >= 24 ? hourly : -1 - ahead;
    const known = this.#quantiles.get(key);
    if (known !== undefined) return known;
    const bin = this.#bins.get(key) ?? [];
    const computed = bin.length === 0 ? levels.map(() => 0) : quantilesOf(bin, levels);
    this.#quantiles.set(key, computed);
    return computed;
  }

  #key(target: number, ahead: number): number {
    const hour = Math.floor(((target % this.#day) * 24) / this.#day);
    return ahead * 24 + hour;
  }
}

/** An index outside the history reads the last known value. */
function value(known: Float64Array, index: number, next: number): number {
  return index >= 0 && index < next ? known[index]! : (known[next - 1] ?? 0);
}
