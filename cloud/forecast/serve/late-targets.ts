/**
 * Telemetry comes late, a gateway's backlog by days: so long a target may stay unknown before it is given up. Three days, and the day within
 * which the reader of inputs reads all of them again.
 */
export const LATE_MS = 96 * 3_600_000;

/**
 * What came of a target that lies before `knownUpTo` or behind it: a value to learn from, once; `waits` while it may still come; `lost`
 * where it has been unknown for too long, as in an annotated outage. `actual` answers NaN where nothing is known.
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
