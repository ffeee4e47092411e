/**
 * Sparse LU factorisation of a matrix of 2x2 blocks with a symmetric pattern, such as the Jacobian of a power flow: one block per bus and
 * two per pair of neighbours. Pivots are the diagonal blocks in minimum-degree order. The pattern including fill is therefore computed once
 * and serves every iteration and time step.
 */
export interface BlockPattern {
  readonly size: number;
  /** Node at each elimination place, and place of each node. */
  readonly order: Int32Array;
  readonly place: Int32Array;
  /** Later neighbours of place k: `neighbour[start[k]]` to `neighbour[start[k + 1] - 1]`, as places, ascending. */
  readonly start: Int32Array;
  readonly neighbour: Int32Array;
  /** For each place and each pair of its later neighbours (i < j), the slot of (i, j). */
  readonly updateStart: Int32Array;
  readonly updateSlot: Int32Array;
}

/** Four numbers per block, row by row. `upper[slot]` is block (k, j), `lower[slot]` block (j, k). The factors overwrite both. */
export interface BlockMatrix {
  readonly diagonal: Float64Array;
  readonly upper: Float64Array;
  readonly lower: Float64Array;
}

export function createBlockMatrix(pattern: BlockPattern): BlockMatrix {
  return {
    diagonal: new Float64Array(4 * pattern.size),
    upper: new Float64Array(4 * pattern.neighbour.length),
    lower: new Float64Array(4 * pattern.neighbour.length),
  };
}

/** Orders the nodes by minimum degree (Tinney and Walker, Proc. IEEE 55(11), 1967, scheme 2) and finds the fill. */
export function orderPattern(size: number, pairs: readonly (readonly [number, number])[]): BlockPattern {
  const near: Set<number>[] = Array.from({ length: size }, () => new Set());
  for (const [a, b] of pairs)
    if (a !== b) {
      near[a]!.add(b);
      near[b]!.add(a);
    }
  const buckets: Set<number>[] = [];
  const bucket = (degree: number): Set<number> => (buckets[degree] ??= new Set());
  for (let node = 0; node < size; node++) bucket(near[node]!.size).add(node);

  const order = new Int32Array(size);
  const place = new Int32Array(size);
  const later: number[][] = [];
  let least = 0;
  for (let at = 0; at < size; at++) {
    while ((buckets[least]?.size ?? 0) === 0) least++;
    const node = buckets[least]!.values().next().value!;
    buckets[least]!.delete(node);
    order[at] = node;
    place[node] = at;
    const rest = [...near[node]!];
    later.push(rest);
    for (const other of rest) {
      const set = near[other]!;
      buckets[set.size]!.delete(other);
      set.delete(node);
      for (const third of rest) if (third !== other) set.add(third);
      bucket(set.size).add(other);
    }
    least = Math.max(0, least - 1);
  }
  return numberSlots(order, place, later);
}

function numberSlots(order: Int32Array, place: Int32Array, later: readonly (readonly number[])[]): BlockPattern {
  const size = order.length;
  const start = new Int32Array(size + 1);
  const updateStart = new Int32Array(size + 1);
  for (let k = 0; k < size; k++) {
    const count = later[k]!.length;
    start[k + 1] = start[k]! + count;
    updateStart[k + 1] = updateStart[k]! + (count * (count - 1)) / 2;
  }
  const neighbour = new Int32Array(start[size]!);
  for (let k = 0; k < size; k++) neighbour.set(Int32Array.from(later[k]!, (node) => place[node]!).sort(), start[k]);
  const updateSlot = new Int32Array(updateStart[size]!);
  const pattern = { size, order, place, start, neighbour, updateStart, updateSlot };
  for (let k = 0; k < size; k++) {
    let at = updateStart[k]!;
    for (let a = start[k]!; a < start[k + 1]!; a++)
      for (let b = a + 1; b < start[k + 1]!; b++) updateSlot[at++] = slotOf(pattern, neighbour[a]!, neighbour[b]!);
  }
  return pattern;
}

/** Slot of the pair of places i < j, by bisection; -1 if it is not in the pattern. */
export function slotOf({ start, neighbour }: BlockPattern, i: number, j: number): number {
  let low = start[i]!;
  let high = start[i + 1]! - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const found = neighbour[middle]!;
    if (found === j) return middle;
    if (found < j) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

/** Factorises in place. The diagonal then holds the inverses of the pivots. Returns the place of a singular pivot, or -1. */
export function factorise(pattern: BlockPattern, { diagonal, upper, lower }: BlockMatrix): number {
  const { size, start, neighbour, updateStart, updateSlot } = pattern;
  for (let k = 0; k < size; k++) {
    if (!invert(diagonal, 4 * k)) return k;
    const end = start[k + 1]!;
    for (let a = start[k]!; a < end; a++) timesInverse(lower, 4 * a, diagonal, 4 * k);
    let update = updateStart[k]!;
    for (let a = start[k]!; a < end; a++) {
      subtractProduct(diagonal, 4 * neighbour[a]!, { left: lower, l: 4 * a, right: upper, r: 4 * a });
      for (let b = a + 1; b < end; b++) {
        const slot = 4 * updateSlot[update++]!;
        subtractProduct(upper, slot, { left: lower, l: 4 * a, right: upper, r: 4 * b });
        subtractProduct(lower, slot, { left: lower, l: 4 * b, right: upper, r: 4 * a });
      }
    }
  }
  return -1;
}

function invert(m: Float64Array, at: number): boolean {
  const a = m[at]!;
  const b = m[at + 1]!;
  const c = m[at + 2]!;
  const d = m[at + 3]!;
  const determinant = a * d - b * c;
  if (determinant === 0 || !Number.isFinite(determinant)) return false;
  m[at] = d / determinant;
  m[at + 1] = -b / determinant;
  m[at + 2] = -c / determinant;
  m[at + 3] = a / determinant;
  return true;
}

function timesInverse(m: Float64Array, at: number, inverse: Float64Array, by: number): void {
  const a = m[at]!;
  const b = m[at + 1]!;
  const c = m[at + 2]!;
  const d = m[at + 3]!;
  m[at] = a * inverse[by]! + b * inverse[by + 2]!;
  m[at + 1] = a * inverse[by + 1]! + b * inverse[by + 3]!;
  m[at + 2] = c * inverse[by]! + d * inverse[by + 2]!;
  m[at + 3] = c * inverse[by + 1]! + d * inverse[by + 3]!;
}

interface Product {
  readonly left: Float64Array;
  readonly l: number;
  readonly right: Float64Array;
  readonly r: number;
}

function subtractProduct(from: Float64Array, at: number, { left, l, right, r }: Product): void {
  from[at]! -= left[l]! * right[r]! + left[l + 1]! * right[r + 2]!;
  from[at + 1]! -= left[l]! * right[r + 1]! + left[l + 1]! * right[r + 3]!;
  from[at + 2]! -= left[l + 2]! * right[r]! + left[l + 3]! * right[r + 2]!;
  from[at + 3]! -= left[l + 2]! * right[r + 1]! + left[l + 3]! * right[r + 3]!;
}

/** Solves with the factors, in place: two numbers per place of the elimination order. */
export function solveFactorised(pattern: BlockPattern, factors: BlockMatrix, x: Float64Array): void {
  const { size, start, neighbour } = pattern;
  const { diagonal, upper, lower } = factors;
  for (let k = 0; k < size; k++) {
    const x0 = x[2 * k]!;
    const x1 = x[2 * k + 1]!;
    for (let a = start[k]!; a < start[k + 1]!; a++) {
      const i = 2 * neighbour[a]!;
      x[i]! -= lower[4 * a]! * x0 + lower[4 * a + 1]! * x1;
      x[i + 1]! -= lower[4 * a + 2]! * x0 + lower[4 * a + 3]! * x1;
    }
  }
  for (let k = size - 1; k >= 0; k--) {
    let x0 = x[2 * k]!;
    let x1 = x[2 * k + 1]!;
    for (let a = start[k]!; a < start[k + 1]!; a++) {
      const i = 2 * neighbour[a]!;
      x0 -= upper[4 * a]! * x[i]! + upper[4 * a + 1]! * x[i + 1]!;
      x1 -= upper[4 * a + 2]! * x[i]! + upper[4 * a + 3]! * x[i + 1]!;
    }
    x[2 * k] = diagonal[4 * k]! * x0 + diagonal[4 * k + 1]! * x1;
    x[2 * k + 1] = diagonal[4 * k + 2]! * x0 + diagonal[4 * k + 3]! * x1;
  }
}
