import { indexOfLevel } from '../../../shared/forecast/quantiles.ts';
import { placeOf } from './quantile-function.ts';

/** The rank of each part's actual value on each joint path: [part][path]. */
export interface JointRanks {
  readonly paths: number;
  readonly ranks: readonly Int32Array[];
}

/**
 * Ranks of actual values on joint paths. `past`: [part][path], the position of a part's load in any ascending unit (a level, a power), NaN
 * if unknown; path p covers the same time for all parts. Paths with an unknown part are dropped; undefined if fewer than `least` remain.
 */
export function jointRanks(past: readonly ArrayLike<number>[], least: number): JointRanks | undefined {
  const known: number[] = [];
  for (let path = 0; path < (past[0]?.length ?? 0); path++)
    if (past.every((part) => !Number.isNaN(part[path]!))) known.push(path);
  if (known.length < Math.max(1, least)) return undefined;
  const ranks = past.map((part) => {
    const order = known.map((_, index) => index).sort((a, b) => part[known[a]!]! - part[known[b]!]!);
    const rank = new Int32Array(known.length);
    for (const [place, index] of order.entries()) rank[index] = place;
    return rank;
  });
  return { paths: known.length, ranks };
}

/**
 * Quantiles of a sum at one step from joint paths of past errors (the Schaake shuffle: Clark et al., Journal of Hydrometeorology 5, 2004).
 * The ranks of actual values say which of the parts' values belong together, and each path's values are summed. So every part keeps the
 * distribution of its own forecast, and errors that cancelled in the past cancel in the sum. `columns`: [part][level], ascending; `levels`
 * contain 0.5.
 * The median of the sum is not the sum of the medians if the parts are skewed, such as solar forecasts by day. No band of the sum is wider
 * than the sum of the parts' bands, the case of fully correlated errors.
 */
export function sumQuantiles(
  columns: readonly (readonly number[])[],
  levels: readonly number[],
  { paths, ranks }: JointRanks,
): number[] {
  const places = Array.from({ length: paths }, (_, rank) => placeOf(levels, (rank + 0.5) / paths));
  const sums = new Float64Array(paths);
  const values = new Float64Array(paths);
  for (const [part, column] of columns.entries()) {
    for (const [rank, { low, high, share }] of places.entries())
      values[rank] = column[low]! + share * (column[high]! - column[low]!);
    const rank = ranks[part]!;
    for (let path = 0; path < paths; path++) sums[path]! += values[rank[path]!]!;
  }
  sums.sort();
  const middle = indexOfLevel(levels, 0.5);
  const median = quantileOfRanks(sums, 0.5);
  return levels.map((level, q) => {
    if (q === middle) return median;
    const value = quantileOfRanks(sums, level);
    const farthest = columns.reduce((sum, column) => sum + column[q]! - column[middle]!, 0);
    return q < middle ? Math.max(value, median + farthest) : Math.min(value, median + farthest);
  });
}

/** Quantile of an ascending sample in which value k has the level (k + 0.5) / n (Hyndman and Fan, definition 5). */
function quantileOfRanks(sorted: Float64Array, level: number): number {
  const position = Math.min(sorted.length - 1, Math.max(0, level * sorted.length - 0.5));
  const below = Math.floor(position);
  const low = sorted[below]!;
  return low + (position - below) * ((sorted[below + 1] ?? low) - low);
}
