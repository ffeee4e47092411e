import { between, middlesOf, mixed } from '../../../shared/forecast/between.ts';
import { placeOf, type Place } from './quantile-function.ts';
import { reconcile, shrinkageOf, type Correlation, type Family } from './reconcile.ts';

/** Quantiles of one series, [level][step], kW. */
export type Columns = readonly (readonly number[])[];

/** Joint behaviour of past errors along paths, at each hour of lead. */
export interface JointPaths {
  /** [hour][series][path]: rank of a path's error among those of its series. */
  readonly ranks: readonly (readonly Int32Array[])[];
  /** Number of effectively independent paths. */
  readonly independent: number;
  /** True for errors of these very forecasts. Errors of another forecaster show correlations, but not how far spreads may shrink. */
  readonly areOwn: boolean;
}

/** Adjustment of one series at each step: its distribution moves from the mean `before` to `mean`, and its spread is scaled. */
export interface Adjustment {
  readonly before: Float64Array;
  readonly mean: Float64Array;
  readonly spread: Float64Array;
}

/** Hours on each side that contribute to the correlations; one hour alone has too few paths. */
const AROUND_H = 3;
/** Draws of each series if no joint paths are known. */
const PLAIN_DRAWS = 100;

/**
 * Reconciles forecasts step by step. `columns`: the calibrated quantiles of each series. Each series is drawn at even levels, in the ranks
 * of past errors (the empirical copula), and the paths are reconciled. Without joint paths only the means are reconciled, as if errors were
 * independent, and the spreads stay.
 */
export class Coherence {
  readonly #columns: readonly Columns[];
  readonly #families: readonly Family[];
  readonly #levels: readonly number[];
  readonly #joint: JointPaths | undefined;
  /** By the number of draws. */
  readonly #places = new Map<number, readonly Place[]>();
  readonly #scores: readonly (readonly Float64Array[])[];
  readonly #shrinkage: readonly number[];
  readonly adjustments: readonly Adjustment[];
  readonly steps: number;

  constructor(
    columns: readonly Columns[],
    families: readonly Family[],
    { levels, joint }: { readonly levels: readonly number[]; readonly joint: JointPaths | undefined },
  ) {
    const steps = Math.min(...columns.map((rows) => rows[0]!.length));
    this.steps = steps;
    this.#columns = columns;
    this.#families = families;
    this.#levels = levels;
    this.#joint = joint;
    this.#scores = (joint?.ranks ?? []).map((hour) => hour.map(scoresOf));
    this.#shrinkage =
      joint === undefined ? [] : families.map((family) => shrinkageOf(family, this.#scores, joint.independent));
    this.adjustments = columns.map(() => ({
      before: new Float64Array(steps),
      mean: new Float64Array(steps),
      spread: new Float64Array(steps).fill(1),
    }));
  }

  /** Reconciles one step at the given hour of lead. */
  step(step: number, hour: number): void {
    const ranks = this.#joint?.ranks[Math.min(hour, this.#joint.ranks.length - 1)];
    const places = this.#placesOf(ranks?.[0]?.length ?? PLAIN_DRAWS);
    const paths = this.#columns.map((rows, series) => drawn(rows, step, { places, ranks: ranks?.[series] }));
    const before = paths.map(momentsOf);
    reconcile(paths, this.#families, this.#correlation(hour));
    for (const [series, path] of paths.entries()) {
      const after = momentsOf(path);
      const adjustment = this.adjustments[series]!;
      const { mean, deviation } = before[series]!;
      adjustment.before[step] = mean;
      adjustment.mean[step] = after.mean;
      if (this.#joint?.areOwn === true && deviation > 0) adjustment.spread[step] = after.deviation / deviation;
    }
  }

  /**
   * Makes the spreads linear between the middles of hours, once all steps are reconciled. The ranks of past errors change with the hour, and
   * a band must not jump there. Means are not touched, so they still add up.
   */
  evenSpreads(stepsPerHour: number): void {
    const ends = Array.from({ length: Math.ceil(this.steps / stepsPerHour) }, (_, hour) =>
      Math.min(this.steps, (hour + 1) * stepsPerHour),
    );
    const middles = middlesOf(ends);
    for (const { spread } of this.adjustments) {
      const ofHour = ends.map((end, hour) => meanSpread(spread.subarray(ends[hour - 1] ?? 0, end)));
      for (let step = 0; step < this.steps; step++) {
        const { low, high, share } = between(middles, step);
        spread[step] = mixed(ofHour[low]!, ofHour[high]!, share);
      }
    }
  }

  /** Places of evenly spread draws. */
  #placesOf(count: number): readonly Place[] {
    let places = this.#places.get(count);
    if (places === undefined) {
      places = Array.from({ length: count }, (_, rank) => placeOf(this.#levels, (rank + 0.5) / count));
      this.#places.set(count, places);
    }
    return places;
  }

  #correlation(hour: number): Correlation | undefined {
    if (this.#joint === undefined) return undefined;
    const scores = this.#scores.slice(Math.max(0, hour - AROUND_H), hour + AROUND_H + 1);
    return { scores, shrinkage: this.#shrinkage };
  }
}

/** Adjusts a quantile of a step; adjusted quantiles never cross. */
export const adjusted = (value: number, { before, mean, spread }: Adjustment, step: number): number =>
  mean[step]! + (value - before[step]!) * spread[step]!;

function drawn(
  rows: Columns,
  step: number,
  { places, ranks }: { readonly places: readonly Place[]; readonly ranks: Int32Array | undefined },
): Float64Array {
  const values = new Float64Array(places.length);
  for (const [at, { low, high, share }] of places.entries()) {
    const from = rows[low]![step]!;
    values[at] = from + share * (rows[high]![step]! - from);
  }
  if (ranks === undefined) return values;
  const inRanks = new Float64Array(ranks.length);
  for (let path = 0; path < ranks.length; path++) inRanks[path] = values[ranks[path]!]!;
  return inRanks;
}

const meanSpread = (spreads: Float64Array): number => spreads.reduce((sum, spread) => sum + spread, 0) / spreads.length;

/** Ranks as standard scores: mean 0, variance 1. */
function scoresOf(ranks: Int32Array): Float64Array {
  const middle = (ranks.length - 1) / 2;
  const deviation = Math.sqrt(Math.max(1e-12, (ranks.length * ranks.length - 1) / 12));
  return Float64Array.from(ranks, (rank) => (rank - middle) / deviation);
}

function momentsOf(values: Float64Array): { readonly mean: number; readonly deviation: number } {
  let sum = 0;
  for (const value of values) sum += value;
  const mean = sum / values.length;
  let square = 0;
  for (const value of values) square += (value - mean) ** 2;
  return { mean, deviation: Math.sqrt(square / values.length) };
}
