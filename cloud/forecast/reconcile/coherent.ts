import { placeOf, type Place } from './quantile-function.ts';
import { reconcile, shrinkageOf, type Correlation, type Family } from './reconcile.ts';

/** Quantiles of one series, [level][step], kW. */
export type Columns = readonly (readonly number[])[];

/** How errors went together on paths of the past, at each hour of lead. */
export interface JointPaths {
  /** [hour][series][path]: where the error of a path stands among those of its series. */
  readonly ranks: readonly (readonly Int32Array[])[];
  /** Paths that count as independent of each other. */
  readonly independent: number;
  /** Errors of these very forecasts. Those of another forecaster tell of correlations, and nothing of how far spreads may shrink. */
  readonly areOwn: boolean;
}

/**
 * What becomes of one series at each step: its distribution is moved to another mean and its spread is multiplied. Of what the paths
 * narrow it by half is believed, by the geometric mean: they know the correlations from few independent days.
 */
export interface Adjustment {
  readonly before: Float64Array;
  readonly mean: Float64Array;
  readonly spread: Float64Array;
}

/** Hours to each side that correlations are taken from: one hour alone has too few paths. */
const AROUND_H = 3;
/** Draws of each series where no joint paths are known. */
const PLAIN_DRAWS = 100;

/**
 * Reconciles forecasts step by step. `columns`: of each series, calibrated. Each is drawn at even levels, in the ranks
 * that past errors had (the empirical copula), and the paths are reconciled. Without joint paths the means alone are, as if errors
 * were independent, and the spreads stay.
 */
export class Coherence {
  readonly #columns: readonly Columns[];
  readonly #families: readonly Family[];
  readonly #levels: readonly number[];
  readonly #joint: JointPaths | undefined;
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

  /** Reconciles one step, in the given hour of lead. */
  step(step: number, hour: number): void {
    const ranks = this.#joint?.ranks[Math.min(hour, this.#joint.ranks.length - 1)];
    const places = placesOf(this.#levels, ranks?.[0]?.length ?? PLAIN_DRAWS);
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

  #correlation(hour: number): Correlation | undefined {
    if (this.#joint === undefined) return undefined;
    const scores = this.#scores.slice(Math.max(0, hour - AROUND_H), hour + AROUND_H + 1);
    return { scores, shrinkage: this.#shrinkage };
  }
}

/** The quantiles of a step as they are adjusted; they never cross. */
export const adjusted = (value: number, { before, mean, spread }: Adjustment, step: number): number =>
  mean[step]! + (value - before[step]!) * spread[step]!;

const kept = new Map<string, readonly Place[]>();

function placesOf(levels: readonly number[], count: number): readonly Place[] {
  const key = `${levels.join()} ${count}`;
  let places = kept.get(key);
  if (places === undefined) {
    places = Array.from({ length: count }, (_, rank) => placeOf(levels, (rank + 0.5) / count));
    kept.set(key, places);
  }
  return places;
}

function drawn(
  rows: Columns,
  step: number,
  { places, ranks }: { readonly places: readonly Place[]; readonly ranks: Int32Array | undefined },
): Float64Array {
  const values = Float64Array.from(places, ({ low, high, share }) => {
    const from = rows[low]![step]!;
    return from + share * (rows[high]![step]! - from);
  });
  return ranks === undefined ? values : Float64Array.from(ranks, (rank) => values[rank]!);
}

/** Ranks as standard scores: mean 0, variance 1. */
function scoresOf(ranks: Int32Array): Float64Array {
  const middle = (ranks.length - 1) / 2;
  const deviation = Math.sqrt(Math.max(1e-12, (ranks.length * ranks.length - 1) / 12));
  return Float64Array.from(ranks, (rank) => (rank - middle) / deviation);
}

function momentsOf(values: Float64Array): { readonly mean: number; readonly deviation: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const square = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: Math.sqrt(square / values.length) };
}
