import type { ValueView } from '../../../../shared/contracts/view.ts';
import { isLive } from '../../../../shared/time/staleness.ts';

/** The server sends a heartbeat every 5 s of machine time; after two missing ones it is lost. */
export const HEARTBEAT_MS = 5_000;
export const HEARTBEAT_LOST_MS = 2 * HEARTBEAT_MS;
/** A stream without a first heartbeat by then has failed. */
export const ANSWER_LOST_MS = 4 * HEARTBEAT_MS;

export type Freshness = 'fresh' | 'stale' | 'unknown';

export interface Moment {
  /** Plant time now, ms UTC. */
  readonly now: number;
  /** Requested speed, in plant seconds per machine second. */
  readonly speed: number;
}

/** Without `intervalS`, the interval of reports applies. */
export function freshnessOf(time: number | null, { now, speed }: Moment, intervalS?: number): Freshness {
  if (time === null) return 'unknown';
  return isLive(now - time, { intervalS, speed }) ? 'fresh' : 'stale';
}

/** A value without a number is unknown, whatever its time; a number without a time is stale, because its age is unknown. */
export function valueFreshness({ value, time, intervalS }: ValueView, moment: Moment): Freshness {
  if (value === null) return 'unknown';
  return time === null ? 'stale' : freshnessOf(time, moment, intervalS);
}

/** Plant time between two messages continues at the speed last reached. */
export const plantNow = (clock: { plantTime: number; speedReached: number }, sinceMs: number): number =>
  clock.plantTime + Math.max(0, sinceMs) * clock.speedReached;
