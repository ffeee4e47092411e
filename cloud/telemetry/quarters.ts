import type { Interval } from './store.ts';

/** The roll-up interval: a quarter of an hour. */
export const ROLLUP_MS = 900_000;
/** A quarter is rolled up this long after its end, when most late points have arrived. */
const SETTLE_MS = 900_000;

/** Start of the quarter that holds a time. */
export const quarterOf = (time: number): number => Math.floor(time / ROLLUP_MS) * ROLLUP_MS;
/** The first start of a quarter at or after a time. */
export const quarterFrom = (time: number): number => Math.ceil(time / ROLLUP_MS) * ROLLUP_MS;

/**
 * The end of the quarters that may be rolled up at plant time `now`. They end with the last value, which counts for `reachMs`: a device
 * that is gone, or a clock that leaps ahead, must not create empty quarters without end.
 */
export const closedUntil = (newest: number, { now, reachMs }: { now: number; reachMs: number }): number =>
  Math.min(quarterFrom(newest + reachMs + 1), quarterOf(now - SETTLE_MS));

/** Merges two ordered lists; a mended quarter replaces one with the same start. */
export function inPlaceOf(rolled: readonly Interval[], mended: readonly Interval[]): readonly Interval[] {
  if (mended.length === 0) return rolled;
  const all: Interval[] = [];
  let next = 0;
  for (const each of rolled) {
    while (next < mended.length && mended[next]!.start < each.start) all.push(mended[next++]!);
    if (mended[next]?.start !== each.start) all.push(each);
  }
  return [...all, ...mended.slice(next)];
}
