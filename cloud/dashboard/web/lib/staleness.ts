import type { ValueView } from '../../../../shared/contracts/view.ts';

/**
 * When a value is no longer to be taken for live: after twice the interval at which it is expected. Both are plant time; where
 * plant time runs fast, the interval is at least what passes between two refreshes of the page.
 */
export const EXPECTED_MS = {
  power: 60_000,
  estimate: 120_000,
  station: 600_000,
  health: 60_000,
} as const;
export type Expected = keyof typeof EXPECTED_MS;

/** Machine time that data may need from the plant to the page. */
export const REFRESH_MS = 2_000;
/** The server's heartbeat comes each 5 s of machine time; missing twice it is lost. */
export const HEARTBEAT_MS = 5_000;
export const HEARTBEAT_LOST_MS = 2 * HEARTBEAT_MS;

export type Freshness = 'fresh' | 'stale' | 'unknown';

export interface Moment {
  /** Plant time now, ms UTC. */
  readonly now: number;
  /** Plant seconds per machine second. */
  readonly speed: number;
}

export const staleAfterMs = (expectedMs: number, speed: number): number =>
  2 * Math.max(expectedMs, REFRESH_MS * Math.max(1, speed));

export function freshnessOf(time: number | null, expectedMs: number, { now, speed }: Moment): Freshness {
  if (time === null) return 'unknown';
  return now - time > staleAfterMs(expectedMs, speed) ? 'stale' : 'fresh';
}

/** A value without a number is unknown, whatever its time; a number without a time is stale: nobody knows how old it is. */
export function valueFreshness(value: ValueView, kind: Expected, moment: Moment): Freshness {
  if (value.value === null) return 'unknown';
  if (value.time === null) return 'stale';
  const expected = value.origin === 'measured' ? EXPECTED_MS[kind] : Math.max(EXPECTED_MS[kind], EXPECTED_MS.estimate);
  return freshnessOf(value.time, expected, moment);
}

/** Plant time goes on between two messages at the speed that was last reached. */
export const plantNow = (clock: { plantTime: number; speedReached: number }, sinceMs: number): number =>
  clock.plantTime + Math.max(0, sinceMs) * clock.speedReached;
