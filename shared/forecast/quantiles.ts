/** The published quantiles: 0.05 to 0.95. */
export const QUANTILES: readonly number[] = Array.from({ length: 19 }, (_, i) => Math.round((i + 1) * 5) / 100);

/** The quantiles of a gateway's forecast, sufficient for its own envelopes. */
export const GATEWAY_QUANTILES: readonly number[] = [0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95];

/** Quantile of an ascending array, linear between its neighbours (Hyndman and Fan, definition 7). NaN if the array is empty. */
export function quantileOfSorted(sorted: ArrayLike<number>, level: number): number {
  if (sorted.length === 0) return Number.NaN;
  const position = level * (sorted.length - 1);
  const below = Math.floor(position);
  const low = sorted[below]!;
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!;
  return low + (position - below) * (high - low);
}

export function quantilesOf(values: ArrayLike<number>, levels: readonly number[]): number[] {
  const sorted = Float64Array.from(values).sort();
  return levels.map((level) => quantileOfSorted(sorted, level));
}

/** Sorts the quantile values of each step in place, so that they do not cross. `values`: [quantile][step]. */
export function uncross(values: number[][]): number[][] {
  const steps = values[0]?.length ?? 0;
  for (let step = 0; step < steps; step++) {
    const column = values.map((row) => row[step]!).sort((a, b) => a - b);
    for (const [index, value] of column.entries()) values[index]![step] = value;
  }
  return values;
}

export const pinball = (level: number, actual: number, forecast: number): number => {
  const error = actual - forecast;
  return error >= 0 ? level * error : (level - 1) * error;
};

/** Mean over all levels; `valueAt` gives the forecast of a level by its index. */
export function meanPinball(levels: readonly number[], actual: number, valueAt: (level: number) => number): number {
  let sum = 0;
  for (let q = 0; q < levels.length; q++) sum += pinball(levels[q]!, actual, valueAt(q));
  return sum / levels.length;
}

export const indexOfLevel = (levels: readonly number[], level: number): number =>
  levels.findIndex((each) => Math.abs(each - level) < 1e-9);
