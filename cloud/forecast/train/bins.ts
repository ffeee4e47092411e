import type { Table } from '../../../shared/forecast/learn/table.ts';

/**
 * Ascending float32 edges of the bins of each column. A value's bin is the number of edges below it. A split after bin b is the test
 * `value <= edges[b]`, in float32 on both sides, so bins, raw values and an exported tree agree.
 */
export type Binning = readonly Float32Array[];

const MOST_BINS = 255;

/** Each distinct value gets its own bin if there are few of them, else bins have about equal counts. */
export function binningOf({ rows, columns, values }: Table): Binning {
  return Array.from({ length: columns }, (_, column) => {
    const sorted = new Float32Array(rows);
    for (let row = 0; row < rows; row++) sorted[row] = values[row * columns + column]!;
    sorted.sort();
    const distinct = sorted.filter((value, i) => i === 0 || value !== sorted[i - 1]);
    if (distinct.length <= MOST_BINS) return distinct.subarray(1).map((value, i) => between(distinct[i]!, value));
    const edges: number[] = [];
    for (let bin = 1; bin < MOST_BINS; bin++) {
      const at = Math.floor((bin * rows) / MOST_BINS);
      const [low, high] = [sorted[at - 1]!, sorted[at]!];
      const edge = low === high ? high : between(low, high);
      if (edge > (edges.at(-1) ?? Number.NEGATIVE_INFINITY) && edge < sorted[rows - 1]!) edges.push(edge);
    }
    return Float32Array.from(edges);
  });
}

export function binned({ rows, columns, values }: Table, binning: Binning): Uint8Array {
  const out = new Uint8Array(rows * columns);
  for (let column = 0; column < columns; column++) {
    const edges = binning[column]!;
    for (let at = column; at < out.length; at += columns) out[at] = binOf(edges, values[at]!);
  }
  return out;
}

function binOf(edges: Float32Array, value: number): number {
  let low = 0;
  let high = edges.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (value <= edges[middle]!) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** At least `low` and less than `high`, also after rounding. */
function between(low: number, high: number): number {
  const middle = Math.fround(low + (high - low) / 2);
  return middle < high ? middle : low;
}
