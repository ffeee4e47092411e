import { quantileOfSorted } from '../../../shared/forecast/quantiles.ts';
import type { Random } from '../../../shared/ports/random.ts';
import type { Table } from '../../../shared/forecast/learn/table.ts';
import { binned, binningOf, type Binning } from './bins.ts';
import { growTree, TWENTIETHS, type Tree, type TreeLimits } from './tree.ts';

/** A boosted quantile: the initial value plus the leaves of the trees. */
export interface BoostedQuantile {
  readonly level: number;
  readonly first: number;
  readonly trees: readonly Tree[];
}

export interface BoostOptions extends TreeLimits {
  readonly level: number;
  readonly rounds: number;
  /** Share of a leaf's quantile that a round adds. */
  readonly rate: number;
  /** Shares of the rows and of the columns that a round uses. */
  readonly rowShare: number;
  readonly columnShare: number;
  readonly random: Random;
  /** Bins of the same table, shared by several levels; default: computed from it. */
  readonly sorted?: SortedIntoBins;
}

export interface SortedIntoBins {
  readonly binning: Binning;
  /** [row x column] */
  readonly bins: Uint8Array;
}

export function sortedIntoBins(table: Table): SortedIntoBins {
  const binning = binningOf(table);
  return { binning, bins: binned(table, binning) };
}

/**
 * Histogram gradient boosting with the pinball loss. Each round grows a tree on the gradients over a share of rows and columns; a leaf's
 * value is the quantile of the errors in it (Ke et al., LightGBM, 2017).
 */
export function boostQuantile(table: Table, targets: Float64Array, options: BoostOptions): BoostedQuantile {
  const { level, rounds, rate, random } = options;
  const { rows, columns } = table;
  const { binning, bins } = options.sorted ?? sortedIntoBins(table);
  const first = quantileOfSorted(Float64Array.from(targets).sort(), level);
  const forecast = new Float64Array(rows).fill(first);
  const above = new Uint8Array(rows);
  const tie = Math.round(TWENTIETHS * level);
  const trees: Tree[] = [];
  for (let round = 0; round < rounds; round++) {
    for (let row = 0; row < rows; row++) {
      const error = targets[row]! - forecast[row]!;
      above[row] = error < 0 ? TWENTIETHS : error > 0 ? 0 : tie;
    }
    const order = drawn(rows, options.rowShare, random);
    const features = [...drawn(columns, options.columnShare, random)];
    const { tree, leaves } = growTree({ bins, columns, above, level }, { order, features, binning }, options);
    for (const { node, from, to } of leaves) {
      const errors = new Float64Array(to - from);
      for (let i = from; i < to; i++) errors[i - from] = targets[order[i]!]! - forecast[order[i]!]!;
      tree.value[node] = rate * quantileOfSorted(errors.sort(), level);
    }
    addTree(tree, table, forecast);
    trees.push(tree);
  }
  return { level, first, trees };
}

export function predictBoosted(model: BoostedQuantile, table: Table): Float64Array {
  const out = new Float64Array(table.rows).fill(model.first);
  for (const tree of model.trees) addTree(tree, table, out);
  return out;
}

/** Adds each row's leaf value. */
function addTree(
  { feature, threshold, left, right, value }: Tree,
  { rows, columns, values }: Table,
  into: Float64Array,
): void {
  for (let row = 0, at = 0; row < rows; row++, at += columns) {
    let node = 0;
    while (left[node]! >= 0) node = values[at + feature[node]!]! <= threshold[node]! ? left[node]! : right[node]!;
    into[row]! += value[node]!;
  }
}

/** About `share` of the indices below `count`, ascending; never empty. */
function drawn(count: number, share: number, random: Random): Int32Array {
  const some = new Int32Array(count);
  let found = 0;
  for (let i = 0; i < count; i++) if (share >= 1 || random.next() < share) some[found++] = i;
  return found > 0 ? some.subarray(0, found) : some.map((_, i) => i);
}
