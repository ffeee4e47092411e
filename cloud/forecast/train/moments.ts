import { addOuter, addScaled, factorise, solveFactored } from './linear-algebra.ts';

/**
 * Sums of a linear regression: counts, column sums, Gram matrix and right-hand side. Sums of blocks add and subtract, so a fit without one
 * block costs one solve and no pass over the data.
 */
export class Moments {
  readonly size: number;
  count: number;
  targetSum = 0;
  readonly sums: Float64Array;
  readonly gram: Float64Array;
  readonly right: Float64Array;

  /** `shared`: sums over the same rows for other targets; their column sums and Gram matrix are reused. */
  constructor(size: number, shared?: Moments) {
    this.size = size;
    this.count = shared?.count ?? 0;
    this.sums = shared?.sums ?? new Float64Array(size);
    this.gram = shared?.gram ?? new Float64Array(size * size);
    this.right = new Float64Array(size);
  }

  add(rows: Float32Array, at: number, target: number): void {
    this.count++;
    addScaled(this.sums, 1, rows, at);
    addOuter(this.gram, this.size, rows, at);
    this.addTarget(rows, at, target);
  }

  /** Adds only the target of a row whose columns are already in the shared sums. */
  addTarget(rows: Float32Array, at: number, target: number): void {
    this.targetSum += target;
    addScaled(this.right, target, rows, at);
  }

  merge(other: Moments, sign: 1 | -1): void {
    this.count += sign * other.count;
    this.targetSum += sign * other.targetSum;
    for (let i = 0; i < this.size; i++) {
      this.sums[i]! += sign * other.sums[i]!;
      this.right[i]! += sign * other.right[i]!;
    }
    const [into, gram] = [this.gram, other.gram];
    for (let i = 0; i < into.length; i++) into[i]! += sign * gram[i]!;
  }

  static without(total: Moments, block: Moments | undefined): Moments {
    const left = new Moments(total.size);
    left.merge(total, 1);
    if (block !== undefined) left.merge(block, -1);
    return left;
  }

  /** Ridge on standardised columns with a free intercept. `penalty` is per observation, as a share of a column's variance. */
  ridge(penalty: number): LinearFit {
    return ridges([this], penalty)[0]!;
  }
}

/** The ridge of each of several targets over the same rows, with one factor. */
export function ridges(all: readonly Moments[], penalty: number): LinearFit[] {
  const { size, count, sums, gram } = all[0]!;
  const scale = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    const mean = sums[i]! / count;
    const variance = gram[i * size + i]! / count - mean * mean;
    scale[i] = variance > 1e-10 * (1 + mean * mean) ? Math.sqrt(variance) : 0;
  }
  const a = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    const si = scale[i]!;
    if (si === 0) {
      a[i * size + i] = 1;
      continue;
    }
    const mi = sums[i]! / count;
    for (let j = 0; j <= i; j++) {
      const sj = scale[j]!;
      if (sj === 0) continue;
      a[i * size + j] = (gram[i * size + j]! / count - (mi * sums[j]!) / count) / (si * sj);
    }
    a[i * size + i]! += penalty;
  }
  factorise(a, size);
  return all.map(({ right, targetSum }) => {
    const targetMean = targetSum / count;
    const b = right.map((value, i) =>
      scale[i] === 0 ? 0 : (value / count - (sums[i]! / count) * targetMean) / scale[i]!,
    );
    const solved = solveFactored(a, b);
    const weights = new Float64Array(size);
    let intercept = targetMean;
    for (let i = 0; i < size; i++) {
      weights[i] = scale[i] === 0 ? 0 : solved[i]! / scale[i]!;
      intercept -= (weights[i]! * sums[i]!) / count;
    }
    return { intercept, weights };
  });
}

export interface LinearFit {
  readonly intercept: number;
  readonly weights: Float64Array;
}

export function predict(fit: LinearFit, rows: Float32Array, at: number): number {
  let sum = fit.intercept;
  const { weights } = fit;
  for (let i = 0; i < weights.length; i++) sum += weights[i]! * rows[at + i]!;
  return sum;
}
