/** Symmetric positive definite systems on typed arrays, row-major. */

/** Adds x x^T of the row x = rows[at .. at + size) to the lower triangle of `gram`. */
export function addOuter(gram: Float64Array, size: number, rows: Float32Array, at: number): void {
  for (let i = 0; i < size; i++) {
    const xi = rows[at + i]!;
    if (xi === 0) continue;
    const row = i * size;
    for (let j = 0; j <= i; j++) gram[row + j]! += xi * rows[at + j]!;
  }
}

export function addScaled(into: Float64Array, factor: number, rows: Float32Array, at: number): void {
  for (let i = 0; i < into.length; i++) into[i]! += factor * rows[at + i]!;
}

/**
 * Solves A x = b by Cholesky. A is given by its lower triangle, which the factor overwrites. A pivot that is not positive (a column that
 * depends on others) counts as infinite, so its unknown becomes 0.
 */
export function solveCholesky(a: Float64Array, b: Float64Array): Float64Array {
  const n = b.length;
  const x = Float64Array.from(b);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = a[i * n + j]!;
      for (let k = 0; k < j; k++) sum -= a[i * n + k]! * a[j * n + k]!;
      if (i === j) a[i * n + i] = sum > 1e-12 ? Math.sqrt(sum) : Number.POSITIVE_INFINITY;
      else a[i * n + j] = sum / a[j * n + j]!;
    }
  }
  for (let i = 0; i < n; i++) {
    let sum = x[i]!;
    for (let k = 0; k < i; k++) sum -= a[i * n + k]! * x[k]!;
    x[i] = sum / a[i * n + i]!;
  }
  for (let i = n - 1; i >= 0; i--) {
    let sum = x[i]!;
    for (let k = i + 1; k < n; k++) sum -= a[k * n + i]! * x[k]!;
    x[i] = sum / a[i * n + i]!;
  }
  return x;
}
