import { spreadOf, type Spread } from './scorecard.ts';

/** Days of load by which the errors of a step are scaled, up to the end of its own day (UTC). */
const SPREAD_DAYS = 92;
const DAY_MS = 86_400_000;
const dayOf = (time: number): number => Math.floor(time / DAY_MS);

/** The load that scales the steps of [start, end), ms UTC. */
export const spreadSpan = ({ start, end }: { readonly start: number; readonly end: number }) => ({
  start: Math.max(0, (dayOf(start) + 1 - SPREAD_DAYS) * DAY_MS),
  end: (dayOf(end - 1) + 1) * DAY_MS,
});

/**
 * The spread of the load that scales a step, which depends on the step alone and not on what else is scored. `load`: at least `spreadSpan`
 * of the steps, as far as known; NaN where unknown.
 */
export function spreadsOf(load: {
  readonly start: number;
  readonly stepMs: number;
  readonly values: Float64Array;
}): (start: number) => Spread {
  const byDay = new Map<number, Spread>();
  const indexOf = (time: number): number => Math.max(0, Math.round((time - load.start) / load.stepMs));
  return (start) => {
    const day = dayOf(start);
    let spread = byDay.get(day);
    if (spread === undefined) {
      const from = indexOf((day + 1 - SPREAD_DAYS) * DAY_MS);
      spread = spreadOf(load.values.subarray(from, indexOf((day + 1) * DAY_MS)));
      byDay.set(day, spread);
    }
    return spread;
  };
}
