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
  factorise(a, b.length);
  return solveFactored(a, b);
}

/** Overwrites the lower triangle of A with its factor. Four rows at once are independent sums, which the processor overlaps. */
export function factorise(a: Float64Array, n: number): void {
  for (let j = 0; j < n; j++) {
    const own = j * n;
    let square = a[own + j]!;
    for (let k = 0; k < j; k++) square -= a[own + k]! * a[own + k]!;
    const pivot = square > 1e-12 ? Math.sqrt(square) : Number.POSITIVE_INFINITY;
    a[own + j] = pivot;
    let i = j + 1;
    for (; i + 3 < n; i += 4) {
      const [r0, r1, r2, r3] = [i * n, (i + 1) * n, (i + 2) * n, (i + 3) * n];
      let [s0, s1, s2, s3] = [a[r0 + j]!, a[r1 + j]!, a[r2 + j]!, a[r3 + j]!];
      for (let k = 0; k < j; k++) {
        const factor = a[own + k]!;
        s0 -= a[r0 + k]! * factor;
        s1 -= a[r1 + k]! * factor;
        s2 -= a[r2 + k]! * factor;
        s3 -= a[r3 + k]! * factor;
      }
      a[r0 + j] = s0 / pivot;
      a[r1 + j] = s1 / pivot;
      a[r2 + j] = s2 / pivot;
      a[r3 + j] = s3 / pivot;
    }
    for (; i < n; i++) {
      let sum = a[i * n + j]!;
      for (let k = 0; k < j; k++) sum -= a[i * n + k]! * a[own + k]!;
      a[i * n + j] = sum / pivot;
    }
  }
}

/** Solves A x = b with the factor of A. */
export function solveFactored(a: Float64Array, b: Float64Array): Float64Array {
  const n = b.length;
  const x = Float64Array.from(b);
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
