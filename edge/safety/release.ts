import { BLIND_S } from './blind.ts';
import { marginOf, reachOf } from './guard-types.ts';
import type { GuardLever, GuardSettings, WatchedValue } from './guard-types.ts';
import type { GuardBound, GuardPending } from '../control/safety-memory.ts';

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

/** Share of the headroom released within one response time; well below 1, so that dead time does no harm. */
const RELEASE_GAIN = 0.2;

/**
 * Releases bounds slowly. All levers together move by at most `releaseKwPerS`. No limit they load loses more than a fifth of its
 * headroom per response time, halved after each relapse. Between the limit and twice the margin nothing moves, so the loop settles.
 */
export function release(input: ReleaseInput): void {
  const held = heldEnds(input.levers, input.bounds);
  if (held.length === 0 || input.stepS <= 0) return;
  const rate = (input.settings.releaseKwPerS * input.stepS) / held.length;
  for (const { lever, bound, end } of held) {
    const step = Math.min(
      rate,
      ...input.limits.map((limit) => allowance(limit, { lever, bound, end, count: held.length }, input)),
    );
    if (!(step > 0)) continue;
    if (end === 'max') bound.max = bound.max! + step;
    else bound.min = bound.min! - step;
  }
}

/** One end of a lever's range that the guard holds. */
export interface HeldEnd {
  readonly lever: GuardLever;
  readonly bound: GuardBound;
  readonly end: 'max' | 'min';
}

export function heldEnds(levers: readonly GuardLever[], bounds: ReadonlyMap<string, GuardBound>): HeldEnd[] {
  return levers.flatMap((lever): HeldEnd[] => {
    const bound = bounds.get(lever.key)!;
    return [
      ...(bound.max === null ? [] : [{ lever, bound, end: 'max' } as const]),
      ...(bound.min === null ? [] : [{ lever, bound, end: 'min' } as const]),
    ];
  });
}

/** The side of a limit that a release loads; null if the lever has no effect on it. */
export function loadedSide(limit: WatchedValue, { lever, end }: HeldEnd): 'max' | 'min' | null {
  const reach = (lever.kind === 'p' ? limit.perKw : limit.perKvar).get(lever.device);
  if (reach === undefined || !Number.isFinite(reach) || Math.abs(reach) < 1e-12) return null;
  return reach > 0 === (end === 'max') ? 'max' : 'min';
}

/** How far one limit lets the end of a lever move in this step, kW or kvar. */
function allowance(
  limit: WatchedValue,
  { count, ...held }: HeldEnd & { readonly count: number },
  { pending, settings, stepS, response }: ReleaseInput,
): number {
  const side = loadedSide(limit, held);
  // Near zero flow a lever has no effect on an excess, but its release would soon add to it.
  if (side === null) return isPassed(limit, held.lever) ? 0 : Infinity;
  if (limit.value === null || !Number.isFinite(limit.value)) return unseen(limit, held, pending);
  if (!Number.isFinite(limit[side])) return Infinity;
  const entry = pending[`${limit.id}:${side}`];
  const measured = side === 'max' ? limit.max - limit.value : limit.value - limit.min;
  // Noise must not release anything, so the mean needs room too.
  const isNoisy = (settings.meterErrorPct ?? 0) > 0;
  const headroom = isNoisy ? Math.min(measured, -(entry?.mean ?? 0)) : measured;
  const rest = 2 * marginOf(limit, settings.marginPct);
  if (headroom <= rest || (entry?.amount ?? 0) > 0) return 0;
  const gain = RELEASE_GAIN * 0.5 ** (entry?.relapses ?? 0);
  const reach = reachOf(limit, held.lever);
  return ((headroom - rest) * gain * stepS) / (response * Math.abs(reach) * count);
}

const isPassed = ({ value, max, perKw, perKvar }: WatchedValue, { kind, device }: GuardLever): boolean =>
  value !== null && value > max && (kind === 'p' ? perKw : perKvar).has(device);

/**
 * An unmeasured limit releases nothing of its own. After a minute, relief for other limits goes back as far as the lever's safe
 * default.
 */
function unseen({ id }: WatchedValue, { lever, bound, end }: HeldEnd, pending: ReleaseInput['pending']): number {
  const isOwn = (end === 'max' ? bound.maxBy : bound.minBy) === id;
  if (isOwn || (pending[`${id}:max`]?.silentS ?? 0) < BLIND_S) return 0;
  return Math.max(0, end === 'max' ? lever.safe - bound.max! : bound.min! - lever.safe);
}
