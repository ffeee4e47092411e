import type { ValueView } from '../../../../shared/contracts/view.ts';
import { isLive } from '../../../../shared/time/staleness.ts';

/** The server's heartbeat comes each 5 s of machine time; missing twice it is lost. */
export const HEARTBEAT_MS = 5_000;
export const HEARTBEAT_LOST_MS = 2 * HEARTBEAT_MS;
/** A stream that was asked for and has not brought its first heartbeat by then never will. */
export const ANSWER_LOST_MS = 4 * HEARTBEAT_MS;

export type Freshness = 'fresh' | 'stale' | 'unknown';

export interface Moment {
  /** Plant time now, ms UTC. */
  readonly now: number;
  /** Plant seconds per machine second, as asked for. */
  readonly speed: number;
}

/** Without an interval: of what comes as often as reports do. */
export function freshnessOf(time: number | null, { now, speed }: Moment, intervalS?: number): Freshness {
  if (time === null) return 'unknown';
  return isLive(now - time, { intervalS, speed }) ? 'fresh' : 'stale';
}

/** A value without a number is unknown, whatever its time; a number without a time is stale: nobody knows how old it is. */
export function valueFreshness({ value, time, intervalS }: ValueView, moment: Moment): Freshness {
  if (value === null) return 'unknown';
  return time === null ? 'stale' : freshnessOf(time, moment, intervalS);
}

/** Plant time goes on between two messages at the speed that was last reached. */
export const plantNow = (clock: { plantTime: number; speedReached: number }, sinceMs: number): number =>
  clock.plantTime + Math.max(0, sinceMs) * clock.speedReached;
