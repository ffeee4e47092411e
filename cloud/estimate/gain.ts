/** Small dense algebra for the estimate: symmetric positive definite matrices as rows. */

export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let at = 0; at < a.length; at++) sum += a[at]! * b[at]!;
  return sum;
}

/** The unit vector of a place. */
export function unit(size: number, at: number): Float64Array {
  const right = new Float64Array(size);
  right[at] = 1;
  return right;
}

/** Lower triangle L with L L' = matrix, which must be positive definite. */
export function cholesky(matrix: readonly Float64Array[]): Float64Array[] {
  const lower: Float64Array[] = [];
  for (const [i, row] of matrix.entries()) {
    const mine = new Float64Array(row.length);
    lower.push(mine);
    for (let j = 0; j <= i; j++) {
      const theirs = lower[j]!;
      let sum = row[j]!;
      for (let k = 0; k < j; k++) sum -= mine[k]! * theirs[k]!;
      mine[j] = i === j ? Math.sqrt(sum) : sum / theirs[j]!;
    }
  }
  return lower;
}

/** L^-1 b. */
export function forward(lower: readonly Float64Array[], right: Float64Array): Float64Array {
  const x = Float64Array.from(right);
  for (let i = 0; i < x.length; i++) {
    const row = lower[i]!;
    for (let k = 0; k < i; k++) x[i]! -= row[k]! * x[k]!;
    x[i]! /= row[i]!;
  }
  return x;
}

/** (L L')^-1 b. */
export function solve(lower: readonly Float64Array[], right: Float64Array): Float64Array {
  const x = forward(lower, right);
  for (let i = x.length - 1; i >= 0; i--) {
    for (let k = i + 1; k < x.length; k++) x[i]! -= lower[k]![i]! * x[k]!;
    x[i]! /= lower[i]![i]!;
  }
  return x;
}

/** ln det (L L'). */
export const logDeterminant = (lower: readonly Float64Array[]): number =>
  2 * lower.reduce((sum, row, at) => sum + Math.log(row[at]!), 0);
