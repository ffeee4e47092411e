import { qualityOf, qualityRank } from './marks.ts';
import type { Interval } from './store.ts';

/** Intervals of several series in one buffer, which crosses a thread's border without being copied one by one. */
export interface IntervalColumns {
  /** Intervals of each series. */
  readonly counts: Uint32Array<ArrayBuffer>;
  /** Start, mean, least, greatest, coverage and quality of one after the other; NaN stands for null. */
  readonly values: Float64Array<ArrayBuffer>;
}

const WIDTH = 6;

export function encodeIntervals(series: readonly (readonly Interval[])[]): IntervalColumns {
  const counts = Uint32Array.from(series, ({ length }) => length);
  const values = new Float64Array(WIDTH * counts.reduce((sum, count) => sum + count, 0));
  let at = 0;
  for (const intervals of series) {
    for (const { start, mean, min, max, coverage, quality } of intervals) {
      values[at] = start;
      values[at + 1] = mean ?? Number.NaN;
      values[at + 2] = min ?? Number.NaN;
      values[at + 3] = max ?? Number.NaN;
      values[at + 4] = coverage;
      values[at + 5] = qualityRank(quality);
      at += WIDTH;
    }
  }
  return { counts, values };
}

export function decodeIntervals({ counts, values }: IntervalColumns): Interval[][] {
  const known = (at: number): number | null => (Number.isNaN(values[at]!) ? null : values[at]!);
  let at = 0;
  return Array.from(counts, (count) => {
    const intervals: Interval[] = [];
    for (let i = 0; i < count; i++, at += WIDTH)
      intervals.push({
        start: values[at]!,
        mean: known(at + 1),
        min: known(at + 2),
        max: known(at + 3),
        coverage: values[at + 4]!,
        quality: qualityOf(values[at + 5]!),
      });
    return intervals;
  });
}
