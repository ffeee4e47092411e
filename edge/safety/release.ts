import { marginOf } from './guard-types.ts';
import type { GuardBound, GuardLever, GuardPending, GuardSettings, WatchedValue } from './guard-types.ts';

interface ReleaseInput {
  readonly limits: readonly WatchedValue[];
  readonly levers: readonly GuardLever[];
  /** Changed in place. */
  readonly bounds: Map<string, GuardBound>;
  readonly pending: Readonly<Record<string, GuardPending>>;
  readonly settings: GuardSettings;
  readonly stepS: number;
  readonly response: number;
}

/** Share of the headroom that may be given back within one response time: well below 1, so that dead time does no harm. */
const RELEASE_GAIN = 0.2;

/**
 * Lets bounds go slowly: all levers together by at most `releaseKwPerS`, and no limit that they load loses more than a fifth of
 * its headroom within one response time, half of that after each relapse. Between limit and twice the margin nothing moves, so the loop comes to rest there.
 */
export function release(input: ReleaseInput): void {
  const held = input.levers.flatMap((lever) => ends(lever, input.bounds.get(lever.key)!));
  if (held.length === 0 || input.stepS <= 0) return;
  const rate = (input.settings.releaseKwPerS * input.stepS) / held.length;
  for (const { lever, bound, end } of held) {
    const step = Math.min(
      rate,
      ...input.limits.map((limit) => allowance(limit, { lever, end, count: held.length }, input)),
    );
    if (!(step > 0)) continue;
    if (end === 'max') bound.max = bound.max! + step;
    else bound.min = bound.min! - step;
  }
}

function ends(lever: GuardLever, bound: GuardBound): { lever: GuardLever; bound: GuardBound; end: 'max' | 'min' }[] {
  const found: { lever: GuardLever; bound: GuardBound; end: 'max' | 'min' }[] = [];
  if (bound.max !== null) found.push({ lever, bound, end: 'max' });
  if (bound.min !== null) found.push({ lever, bound, end: 'min' });
  return found;
}

/** How many kW or kvar the end of a lever may move in this step as far as one limit is concerned. */
function allowance(
  limit: WatchedValue,
  { lever, end, count }: { lever: GuardLever; end: 'max' | 'min'; count: number },
  { pending, settings, stepS, response }: ReleaseInput,
): number {
  const reach = (lever.kind === 'p' ? limit.perKw : limit.perKvar).get(lever.device);
  if (reach === undefined || !Number.isFinite(reach) || Math.abs(reach) < 1e-12) return Infinity;
  if (limit.value === null || !Number.isFinite(limit.value)) return 0;
  const side = reach > 0 === (end === 'max') ? 'max' : 'min';
  if (!Number.isFinite(limit[side])) return Infinity;
  const headroom = side === 'max' ? limit.max - limit.value : limit.value - limit.min;
  const rest = 2 * marginOf(limit, settings.marginPct);
  const entry = pending[`${limit.id}:${side}`];
  if (headroom <= rest || (entry?.amount ?? 0) > 0) return 0;
  const gain = RELEASE_GAIN * 0.5 ** (entry?.relapses ?? 0);
  return ((headroom - rest) * gain * stepS) / (response * Math.abs(reach) * count);
}
