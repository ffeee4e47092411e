/**
 * Telemetry may arrive late, a gateway's backlog by days. A target may stay unknown for this long before it is dropped: three days, plus
 * the day within which the input reader reads everything again.
 */
export const LATE_MS = 96 * 3_600_000;

/**
 * The value of a target, relative to `knownUpTo`: a number to learn from, once; `waits` while it may still arrive; `lost` if it has been
 * unknown for too long, such as in an annotated outage. `actual` returns NaN if unknown.
 */
export function observationOf(
  time: number,
  knownUpTo: number,
  actual: (time: number) => number,
): number | 'waits' | 'lost' {
  if (time >= knownUpTo) return 'waits';
  const value = actual(time);
  if (!Number.isNaN(value)) return value;
  return time > knownUpTo - LATE_MS ? 'waits' : 'lost';
}
