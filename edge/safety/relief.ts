import { reachOf, type GuardLever, type WatchedValue } from './guard-types.ts';
import type { GuardBound } from '../control/safety-memory.ts';
import type { Headroom } from './headroom.ts';

export type Side = 'max' | 'min';

interface ReliefInput {
  readonly limit: WatchedValue;
  readonly side: Side;
  /** How far the value must move, in its own unit, positive. */
  readonly need: number;
  readonly levers: readonly GuardLever[];
  /** Changed in place. */
  readonly bounds: Map<string, GuardBound>;
  readonly response: number;
  /** Limits that outrank this one; their bounds are not undone. */
  readonly higher: ReadonlySet<string>;
  /** Room left by the terminals' voltages. */
  readonly headroom: Headroom;
  /** A relay would trip. */
  readonly isUrgent: boolean;
}

interface Candidate {
  readonly lever: GuardLever;
  readonly bound: GuardBound;
  /** Direction in which the lever relieves: +1 up, -1 down. */
  readonly direction: 1 | -1;
  /** Relief per kW or kvar, positive. */
  readonly effect: number;
  /** What the lever can still give, kW or kvar. */
  readonly room: number;
}

const NEGLIGIBLE = 1e-9;
/** A lever with less than this share of the best effect is left alone: reactive power hardly moves an active power. */
const LEAST_EFFECT = 0.05;

/** Bounds levers until `need` is met or nothing is left. Returns the relief given per lever, in the limit's unit. */
export function relieve(input: ReliefInput): Map<string, number> {
  const candidates = effective(input.limit, input.levers)
    .map((lever) => candidate(lever, input))
    .filter((each): each is Candidate => each !== undefined);
  const shares = input.limit.mapped ? cheapestFirst(candidates, input) : equalShares(candidates, input);
  const given = new Map<string, number>();
  for (const [each, amount] of shares) {
    if (amount <= NEGLIGIBLE) continue;
    const { lever, bound, direction } = each;
    if (direction < 0) {
      bound.max = reference(each) - amount;
      bound.maxBy = input.limit.id;
      if (bound.min !== null) bound.min = Math.min(bound.min, bound.max);
    } else {
      bound.min = reference(each) + amount;
      bound.minBy = input.limit.id;
      if (bound.max !== null) bound.max = Math.max(bound.max, bound.min);
    }
    // The bound has moved, not the lever.
    if (bound.gap !== undefined) bound.gap += amount;
    given.set(lever.key, amount * each.effect);
  }
  return given;
}

export function effective(limit: WatchedValue, levers: readonly GuardLever[]): GuardLever[] {
  const effects = levers.map((lever) => Math.abs(reachOf(limit, lever)));
  const least = LEAST_EFFECT * Math.max(0, ...effects);
  return levers.filter((_, index) => effects[index]! >= least);
}

/** The starting point of relief: the device's measured power, or the bound that it is already moving to. */
export const reference = ({ lever, bound, direction }: Pick<Candidate, 'lever' | 'bound' | 'direction'>): number =>
  direction < 0 ? Math.min(lever.value, bound.max ?? Infinity) : Math.max(lever.value, bound.min ?? -Infinity);

/** Direction in which a lever relieves a side of a limit; undefined if it cannot. */
export function directionOf(limit: WatchedValue, lever: GuardLever, side: Side): 1 | -1 | undefined {
  const reach = reachOf(limit, lever);
  if (Math.abs(reach) < 1e-12) return undefined;
  const direction = reach > 0 === (side === 'max') ? -1 : 1;
  return lever.moves === 'both' || lever.moves === (direction > 0 ? 'up' : 'down') ? direction : undefined;
}

function candidate(lever: GuardLever, input: ReliefInput): Candidate | undefined {
  const { limit, side, bounds, response, higher } = input;
  if (!Number.isFinite(lever.value)) return undefined;
  const bound = bounds.get(lever.key)!;
  // A lever that has not followed for two response times gives nothing.
  if (bound.missS >= 2 * response) return undefined;
  const direction = directionOf(limit, lever, side);
  if (direction === undefined) return undefined;
  const from = reference({ lever, bound, direction });
  const end =
    direction < 0
      ? Math.max(
          lever.span.minKw,
          bound.minBy !== null && higher.has(bound.minBy) ? (bound.min ?? -Infinity) : -Infinity,
        )
      : Math.min(
          lever.span.maxKw,
          bound.maxBy !== null && higher.has(bound.maxBy) ? (bound.max ?? Infinity) : Infinity,
        );
  const room = direction < 0 ? from - end : end - from;
  return room > NEGLIGIBLE ? { lever, bound, direction, effect: Math.abs(reachOf(limit, lever)), room } : undefined;
}

/** With a plan's sensitivities: lowest cost per relief first. */
function cheapestFirst(
  candidates: readonly Candidate[],
  { need, headroom, limit, isUrgent }: ReliefInput,
): [Candidate, number][] {
  const ranked = candidates.toSorted((a, b) => a.lever.cost / a.effect - b.lever.cost / b.effect);
  let left = need;
  return ranked.map((each) => {
    const { lever, direction, effect, room } = each;
    const amount = Math.min(room, left / effect, headroom.room(lever, direction, { own: limit.id, isUrgent }));
    headroom.take(lever, direction * amount);
    left = Math.max(0, left - amount * effect);
    return [each, amount];
  });
}

/** Without them every lever gives the same relief; what one cannot give is shared among the others. */
function equalShares(
  candidates: readonly Candidate[],
  { need, headroom, limit, isUrgent }: ReliefInput,
): [Candidate, number][] {
  const given = new Map<Candidate, number>(candidates.map((each) => [each, 0]));
  let left = need;
  let open = candidates;
  let before = Infinity;
  while (open.length < before && left > NEGLIGIBLE) {
    before = open.length;
    const share = left / before;
    const still: Candidate[] = [];
    for (const each of open) {
      const { lever, direction, effect } = each;
      const room = Math.min(each.room - given.get(each)!, headroom.room(lever, direction, { own: limit.id, isUrgent }));
      const amount = Math.min(room, share / effect);
      headroom.take(lever, direction * amount);
      given.set(each, given.get(each)! + amount);
      left -= amount * effect;
      if (room - amount > NEGLIGIBLE) still.push(each);
    }
    open = still;
  }
  return [...given];
}
