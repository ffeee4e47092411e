import type { GuardBound, GuardPending } from '../control/safety-memory.ts';
import type { GuardLever, WatchedValue } from './guard-types.ts';
import { LONG_AGO_S } from './pending.ts';

/** A meter silent for this long sends the devices behind it to their safe defaults, s. */
export const BLIND_S = 60;

export interface BlindInput {
  readonly levers: readonly GuardLever[];
  /** Changed in place. */
  readonly bounds: ReadonlyMap<string, GuardBound>;
  readonly stepS: number;
  /** Limits whose meters are heard. They outrank unmeasured ones, so their bounds are not undone. */
  readonly seen: ReadonlySet<string>;
}

/**
 * Freezes the levers of a limit whose meter is silent. After a minute it moves them to their safe defaults, as far as the measured
 * limits allow.
 */
export function blind(
  limit: WatchedValue,
  before: GuardPending | undefined,
  { levers, bounds, stepS, seen }: BlindInput,
): GuardPending {
  const silentS = Math.min((before?.silentS ?? 0) + stepS, LONG_AGO_S);
  for (const lever of levers) {
    const reach = lever.kind === 'p' ? limit.perKw : limit.perKvar;
    if (!reach.has(lever.device)) continue;
    const bound = bounds.get(lever.key)!;
    if (silentS >= BLIND_S) {
      const low = seen.has(bound.minBy ?? '') ? (bound.min ?? -Infinity) : -Infinity;
      const high = seen.has(bound.maxBy ?? '') ? (bound.max ?? Infinity) : Infinity;
      const to = Math.max(low, Math.min(high, lever.safe));
      if (high > to) [bound.max, bound.maxBy] = [to, limit.id];
      if (low < to) [bound.min, bound.minBy] = [to, limit.id];
      continue;
    }
    const does = lever.moves === 'both' ? (lever.commanded ?? lever.value) : lever.value;
    // A lever still moving towards its bounds continues to them.
    const hold = Math.max(bound.min ?? -Infinity, Math.min(bound.max ?? Infinity, does));
    if (bound.max === null || bound.max > hold) [bound.max, bound.maxBy] = [hold, limit.id];
    if (bound.min === null || bound.min < hold) [bound.min, bound.minBy] = [hold, limit.id];
  }
  return { amount: 0, ageS: LONG_AGO_S, last: 0, silentS };
}
