import type { Interval } from './store.ts';

/** Quarters of an hour: the roll-up's interval. */
export const ROLLUP_MS = 900_000;
/** A quarter is rolled up this long after its end, when most of what is late has come. */
const SETTLE_MS = 900_000;

/** Start of the quarter that holds a time. */
export const quarterOf = (time: number): number => Math.floor(time / ROLLUP_MS) * ROLLUP_MS;
/** The first start of a quarter at a time or behind it. */
export const quarterFrom = (time: number): number => Math.ceil(time / ROLLUP_MS) * ROLLUP_MS;

/**
 * At plant time `now` quarters before this may be rolled up. They end where values do, which count for `reachMs`: a device that is gone,
 * or a clock that leaps ahead, must not write empty quarters for ever.
 */
export const closedUntil = (newest: number, { now, reachMs }: { now: number; reachMs: number }): number =>
  Math.min(quarterFrom(newest + reachMs + 1), quarterOf(now - SETTLE_MS));

/** Both in order: quarters that were made again stand in place of those of the same start. */
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
