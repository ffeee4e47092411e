import type { Binning } from './bins.ts';

/** A binary tree by node. A leaf has left = -1 and a value; otherwise rows with values[feature] <= threshold go left. */
export interface Tree {
  readonly feature: Int16Array;
  readonly threshold: Float32Array;
  readonly left: Int16Array;
  readonly right: Int16Array;
  readonly value: Float64Array;
}

export interface TreeSample {
  /** [row x column] */
  readonly bins: Uint8Array;
  readonly columns: number;
  /**
   * Per row, in twentieths: 20 if the current forecast is above the target, 0 if below, and 20 x level if equal, so that such a row (solar
   * power at night) pulls neither way.
   */
  readonly above: Uint8Array;
  /** A multiple of a twentieth. */
  readonly level: number;
}

export interface TreeLimits {
  readonly leaves: number;
  /** Fewest rows in a leaf. */
  readonly leastRows: number;
  readonly l2: number;
}

interface Leaf {
  readonly node: number;
  readonly from: number;
  readonly to: number;
  readonly histogram: Float64Array;
  readonly split: Split | undefined;
}

interface Split {
  readonly gain: number;
  readonly feature: number;
  readonly bin: number;
}

const BINS = 256;
/** A histogram cell holds rows + ABOVE x twentieths above, as exact integers in any order. */
const ABOVE = 2 ** 24;
export const TWENTIETHS = 20;

/**
 * Grows one tree leaf by leaf, largest gain first, on the gradients of the pinball loss (`level` - 1 below, `level` above). `order` holds
 * the rows to learn from and is sorted so that each leaf's rows are contiguous. Returns the tree, with leaf values still 0, and the range
 * of `order` of each leaf.
 */
export function growTree(
  sample: TreeSample,
  { order, features, binning }: { order: Int32Array; features: readonly number[]; binning: Binning },
  limits: TreeLimits,
): { tree: Tree; leaves: { node: number; from: number; to: number }[] } {
  const most = 2 * limits.leaves - 1;
  const tree: Tree = {
    feature: new Int16Array(most),
    threshold: new Float32Array(most),
    left: new Int16Array(most).fill(-1),
    right: new Int16Array(most).fill(-1),
    value: new Float64Array(most),
  };
  const spare = new Int32Array(order.length);
  const leafOf = (node: number, range: { from: number; to: number }, histogram: Float64Array): Leaf => ({
    node,
    ...range,
    histogram,
    split: bestSplit(histogram, features, { ...limits, level: sample.level }),
  });
  const whole = { from: 0, to: order.length };
  const leaves: Leaf[] = [leafOf(0, whole, histogramOf(sample, order, { ...whole, features }))];
  let nodes = 1;
  while (leaves.length < limits.leaves) {
    let best = -1;
    for (const [i, { split }] of leaves.entries())
      if (split !== undefined && (best < 0 || split.gain > leaves[best]!.split!.gain)) best = i;
    if (best < 0) break;
    const { node, from, to, histogram, split } = leaves[best]!;
    const { feature, bin } = split!;
    const middle = partition(sample, order, { from, to, feature, bin, spare });
    tree.feature[node] = feature;
    tree.threshold[node] = binning[feature]![bin]!;
    const [left, right] = [nodes++, nodes++];
    tree.left[node] = left;
    tree.right[node] = right;
    const smallLeft = middle - from <= to - middle;
    const small = smallLeft ? { from, to: middle } : { from: middle, to };
    const part = histogramOf(sample, order, { ...small, features });
    for (const f of features)
      for (let at = f * BINS; at < (f + 1) * BINS; at++) histogram[at] = histogram[at]! - part[at]!;
    leaves[best] = leafOf(left, { from, to: middle }, smallLeft ? part : histogram);
    leaves.push(leafOf(right, { from: middle, to }, smallLeft ? histogram : part));
  }
  return { tree: cut(tree, nodes), leaves: leaves.map((leaf) => ({ node: leaf.node, from: leaf.from, to: leaf.to })) };
}

function histogramOf(
  sample: TreeSample,
  order: Int32Array,
  { from, to, features }: { from: number; to: number; features: readonly number[] },
): Float64Array {
  const { bins, columns, above } = sample;
  const histogram = new Float64Array(columns * BINS);
  const chosen = Int32Array.from(features);
  const count = chosen.length;
  for (let i = from; i < to; i++) {
    const row = order[i]!;
    const add = 1 + ABOVE * above[row]!;
    const at = row * columns;
    for (let k = 0; k < count; k++) {
      const f = chosen[k]!;
      histogram[(f << 8) + bins[at + f]!]! += add;
    }
  }
  return histogram;
}

function bestSplit(
  histogram: Float64Array,
  features: readonly number[],
  { leastRows, l2, level }: { leastRows: number; l2: number; level: number },
): Split | undefined {
  let total = 0;
  const first = features[0]! * BINS;
  for (let at = first; at < first + BINS; at++) total += histogram[at]!;
  const allAbove = Math.floor(total / ABOVE);
  const rows = total - allAbove * ABOVE;
  if (rows < 2 * leastRows) return undefined;
  const score = (n: number, above: number): number => (above / TWENTIETHS - level * n) ** 2 / (n + l2);
  const parent = score(rows, allAbove);
  let [gain, feature, bin] = [1e-9, -1, 0];
  for (const f of features) {
    let sum = 0;
    for (let b = 0; b < BINS - 1; b++) {
      const cell = histogram[f * BINS + b]!;
      if (cell === 0) continue;
      sum += cell;
      const above = Math.floor(sum / ABOVE);
      const n = sum - above * ABOVE;
      if (n < leastRows) continue;
      if (rows - n < leastRows) break;
      const gained = score(n, above) + score(rows - n, allAbove - above) - parent;
      if (gained > gain) [gain, feature, bin] = [gained, f, b];
    }
  }
  return feature < 0 ? undefined : { gain, feature, bin };
}

/** Moves the rows that go left to the front of their range, keeping the order; returns the start of the right ones. */
function partition(
  { bins, columns }: TreeSample,
  order: Int32Array,
  { from, to, feature, bin, spare }: { from: number; to: number; feature: number; bin: number; spare: Int32Array },
): number {
  let left = from;
  let right = 0;
  for (let i = from; i < to; i++) {
    const row = order[i]!;
    if (bins[row * columns + feature]! <= bin) order[left++] = row;
    else spare[right++] = row;
  }
  order.set(spare.subarray(0, right), left);
  return left;
}

const cut = (tree: Tree, nodes: number): Tree => ({
  feature: tree.feature.slice(0, nodes),
  threshold: tree.threshold.slice(0, nodes),
  left: tree.left.slice(0, nodes),
  right: tree.right.slice(0, nodes),
  value: tree.value.slice(0, nodes),
});
