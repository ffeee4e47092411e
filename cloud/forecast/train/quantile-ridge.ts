import { quantilesOf } from '../../../shared/forecast/quantiles.ts';
import type { Table } from '../../../shared/forecast/learn/table.ts';
import { solveCholesky } from './linear-algebra.ts';

/** Linear quantiles over standardised columns; inputs are clipped, so that unseen values are not extrapolated. */
export interface QuantileRidge {
  readonly levels: readonly number[];
  /** Indices of the columns that vary; the others carry no information. */
  readonly columns: Int32Array;
  /** By used column: the mean, and one over the deviation. */
  readonly mean: Float64Array;
  readonly scale: Float64Array;
  /** [level]: the intercept, then one weight per used column; unit of the target. */
  readonly weights: readonly Float64Array[];
}

export interface QuantileRidgeOptions {
  /** Ascending, the median among them. */
  readonly levels: readonly number[];
  /** Share of a column's variance added to it, for the median and for the other levels. */
  readonly penalty: number;
  readonly tailPenalty: number;
  /** A column that varies less than this gets a proportionally higher penalty, because rare values would be extrapolated. Default: 0. */
  readonly leastDeviation?: number;
}

/** Inputs are clipped to this many deviations from their mean. */
const REACH = 5;
/** Reweighted solutions per quantile; the loss hardly falls after them. */
const PASSES = 3;
/** Errors below this share of the median absolute error get the weight of that size. */
const LEAST_ERROR = 0.2;

/**
 * Ridge under the pinball loss by iteratively reweighted least squares (Schlossmacher, 1973, for the median; Hunter and Lange, 2000, for
 * other quantiles): each pass weights an error by the slope of its loss over its size. The median starts from least squares, the other
 * levels from the median shifted by the quantile of its errors. Finally each level is shifted to its share of the targets. Levels are
 * fitted independently and may cross.
 */
export function quantileRidge(
  table: Table,
  targets: Float64Array,
  { levels, penalty, tailPenalty, leastDeviation = 0 }: QuantileRidgeOptions,
): QuantileRidge {
  const system = new WeightedRidge(table, targets, leastDeviation);
  const passes = (level: number, held: number): Float64Array => {
    let weights: Float64Array = new Float64Array(0);
    for (let pass = 0; pass < PASSES; pass++) {
      system.reweigh(level);
      weights = system.solve(held);
    }
    weights[0]! += quantilesOf(system.errors, [level])[0]!;
    return weights;
  };
  system.solve(penalty);
  const median = passes(0.5, penalty);
  const errors = system.errors.slice();
  const offsets = quantilesOf(errors, levels);
  const weights = levels.map((level, q) => {
    if (level === 0.5) return median;
    system.errors.set(errors.map((error) => error - offsets[q]!));
    return passes(level, tailPenalty);
  });
  const { columns, mean, scale } = system;
  return { levels, columns, mean, scale, weights };
}

const clipped = (value: number): number => (value > REACH ? REACH : value < -REACH ? -REACH : value);

/** Standardised rows with an intercept column, and a weighted ridge on them. */
class WeightedRidge {
  readonly columns: Int32Array;
  readonly mean: Float64Array;
  readonly scale: Float64Array;
  /** Errors of the last solution; before the first, the targets. */
  readonly errors: Float64Array;
  readonly #rows: Float64Array;
  readonly #width: number;
  readonly #targets: Float64Array;
  readonly #shares: Float64Array;
  readonly #gram: Float64Array;
  /** By used column, the factor on the penalty. */
  readonly #held: Float64Array;

  constructor({ rows, columns, values }: Table, targets: Float64Array, leastDeviation: number) {
    const used: number[] = [];
    const means: number[] = [];
    const scales: number[] = [];
    for (let column = 0; column < columns; column++) {
      let [sum, squares] = [0, 0];
      for (let at = column; at < values.length; at += columns) {
        sum += values[at]!;
        squares += values[at]! ** 2;
      }
      const mean = sum / rows;
      const variance = squares / rows - mean * mean;
      if (!(variance > 1e-9 * mean * mean + 1e-14)) continue;
      used.push(column);
      means.push(mean);
      scales.push(1 / Math.sqrt(variance));
    }
    this.columns = Int32Array.from(used);
    this.mean = Float64Array.from(means);
    this.scale = Float64Array.from(scales);
    this.#held = Float64Array.from(scales, (scale) => Math.max(1, (leastDeviation * scale) ** 2));
    this.#width = used.length + 1;
    this.#rows = new Float64Array(rows * this.#width);
    for (let row = 0, at = 0; row < rows; row++) {
      this.#rows[at++] = 1;
      for (let i = 0; i < used.length; i++)
        this.#rows[at++] = clipped((values[row * columns + used[i]!]! - means[i]!) * scales[i]!);
    }
    this.#targets = targets;
    this.errors = targets.slice();
    this.#shares = new Float64Array(rows).fill(1);
    this.#gram = new Float64Array(this.#width * this.#width);
  }

  /** Weights the rows for the next solution by the errors of the last one. */
  reweigh(level: number): void {
    const floor = Math.max(1e-9, LEAST_ERROR * quantilesOf(this.errors.map(Math.abs), [0.5])[0]!);
    for (let row = 0; row < this.errors.length; row++) {
      const error = this.errors[row]!;
      this.#shares[row] = (error > 0 ? level : 1 - level) / Math.max(floor, Math.abs(error));
    }
  }

  /** Returns the intercept, which is not penalised, and the weights. */
  solve(penalty: number): Float64Array {
    const width = this.#width;
    const [rows, gram] = [this.#rows, this.#gram.fill(0)];
    const right = new Float64Array(width);
    let total = 0;
    for (let row = 0, at = 0; row < this.#targets.length; row++, at += width) {
      const share = this.#shares[row]!;
      total += share;
      for (let i = 0; i < width; i++) {
        const value = share * rows[at + i]!;
        if (value === 0) continue;
        right[i]! += value * this.#targets[row]!;
        const to = i * width;
        for (let j = 0; j <= i; j++) gram[to + j]! += value * rows[at + j]!;
      }
    }
    for (let i = 0; i < gram.length; i++) gram[i]! /= total;
    for (let i = 0; i < width; i++) right[i]! /= total;
    for (let i = 1; i < width; i++) gram[i * width + i]! += penalty * this.#held[i - 1]!;
    const weights = solveCholesky(gram, right);
    for (let row = 0, at = 0; row < this.#targets.length; row++, at += width) {
      let value = 0;
      for (let i = 0; i < width; i++) value += weights[i]! * rows[at + i]!;
      this.errors[row] = this.#targets[row]! - value;
    }
    return weights;
  }
}
