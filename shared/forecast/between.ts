/** Position of a step between two of some ascending points; beyond either end, the end itself. */
export interface Between {
  readonly low: number;
  readonly high: number;
  /** Fraction of the way from `low` to `high`. */
  readonly share: number;
}

export function between(points: readonly number[], step: number): Between {
  const high = points.findIndex((point) => point >= step);
  if (high === 0) return { low: 0, high: 0, share: 0 };
  const last = points.length - 1;
  if (high < 0) return { low: last, high: last, share: 0 };
  const [from, to] = [points[high - 1]!, points[high]!];
  return { low: high - 1, high, share: (step - from) / (to - from) };
}

/** The middles of groups of steps. The first group begins at `from`; each ends before its entry in `ends`. */
export const middlesOf = (ends: readonly number[], from = 0): number[] =>
  ends.map((end, i) => ((ends[i - 1] ?? from) + end - 1) / 2);

/** Linear interpolation. */
export const mixed = (low: number, high: number, share: number): number => low + share * (high - low);
