import { heldEnds, loadedSide, type HeldEnd } from './release.ts';
import { towards } from './calm.ts';
import { marginOf, reachOf, sigmaOf, wantOf } from './guard-types.ts';
import type { GuardLever, GuardSettings, WatchedValue } from './guard-types.ts';
import type { Side } from './relief.ts';
import type { GuardBound, GuardLeap, GuardPending } from '../control/safety-memory.ts';

interface LetGoInput {
  readonly limits: readonly WatchedValue[];
  readonly levers: readonly GuardLever[];
  /** Changed in place. */
  readonly bounds: Map<string, GuardBound>;
  readonly pending: Readonly<Record<string, GuardPending>>;
  readonly leap: GuardLeap | undefined;
  readonly settings: GuardSettings;
  readonly stepS: number;
  readonly response: number;
}

/** A limit with this share of its range free has lost the load that was relieved. */
const WELL_INSIDE = 0.3;
/** Share of a limit's headroom that is given back at once: normally, and where the value has just fallen. */
const LEAP_SHARE = { stood: 0.5, fallen: 0.9 };
/** A fall between two cycles of this many standard errors, and of this share of the limit's range, without relief is the end of a spike. */
const FALL_SIGMAS = 6;
const FALL_SHARE = 0.05;
/** Relief within this many response times after a leap shows that it was wrong. Then no leap follows for this time, s. */
const PROVEN_RESPONSES = 10;
const BARRED_S = 600;
/** Wait between two leaps, in response times, until the slowest meter shows the first. */
const APART_RESPONSES = 2;
const NEGLIGIBLE = 1e-9;
const SIDES = ['max', 'min'] as const;

/**
 * Gives relief back in one leap when its cause is gone: its limit is well inside its range or has just fallen, or the relief drives
 * a voltage further out of its band. A bound that the lever's wish does not even reach goes too: nothing moves, and limits that rank
 * lower may use the lever again. No lever moves beyond its wish. All levers together use a share of any limit's headroom beyond
 * the margin. A limit that is silent or awaits relief offers no headroom. After a leap that had to be relieved again, no leap
 * follows for ten minutes, so that the loop settles.
 */
export function letGo(input: LetGoInput): GuardLeap | undefined {
  const leap = aged(input);
  dropIdleBounds(input);
  const apartS = APART_RESPONSES * input.response;
  const fell = input.limits.some((limit) => SIDES.some((side) => hasFallen(limit, side, input)));
  const isEarly = leap !== undefined && leap.ageS < apartS && !fell;
  if (input.stepS <= 0 || (leap !== undefined && leap.barredS > 0) || isEarly) return leap;
  const ends = heldEnds(input.levers, input.bounds)
    .map((end) => ({ ...end, want: wantOf(end.lever, end.end, end.bound[end.end]!) }))
    .filter((end) => end.want > NEGLIGIBLE && isFreed(end, input));
  const leaping = shared(ends, input).filter(({ share, want }) => share * want > NEGLIGIBLE);
  if (leaping.length === 0) return leap;
  for (const { end, bound, want, share } of leaping) {
    if (end === 'max') bound.max = bound.max! + share * want;
    else bound.min = bound.min! - share * want;
  }
  const loads = input.limits.flatMap((limit) => {
    const sides = leaping.map((end) => loadedSide(limit, end)).filter((side) => side !== null);
    return [...new Set(sides)].map((side) => `${limit.id}:${side}`);
  });
  return { ageS: 0, loads, gives: givenBy(input.limits, leaping), barredS: 0 };
}

/** Drops bounds that hold nothing back, and whose limit has lost its cause. */
function dropIdleBounds(input: LetGoInput): void {
  for (const held of heldEnds(input.levers, input.bounds)) {
    const { lever, bound, end } = held;
    if (!Number.isFinite(lever.goal) || wantOf(lever, end, bound[end]!) > 0 || !isCauseGone(held, input)) continue;
    if (end === 'max') [bound.max, bound.maxBy] = [null, null];
    else [bound.min, bound.minBy] = [null, null];
  }
}

/** Whether the limit that set an end is well inside its range, or has just fallen. */
function isCauseGone(held: HeldEnd, input: LetGoInput): boolean {
  const by = held.end === 'max' ? held.bound.maxBy : held.bound.minBy;
  const limit = input.limits.find(({ id }) => id === by);
  const side = limit === undefined ? null : loadedSide(limit, held);
  if (limit === undefined || side === null || limit.value === null || !Number.isFinite(limit.value)) return false;
  return headroomOf(limit, side) >= WELL_INSIDE * rangeOf(limit) || hasFallen(limit, side, input);
}

/** Judges the leap after a cycle's relief. Relief on a side that the leap loaded shows that it was wrong. */
export function proven(
  leap: GuardLeap | undefined,
  relieved: ReadonlySet<string>,
  response: number,
): GuardLeap | undefined {
  const recent = leap !== undefined && leap.ageS <= PROVEN_RESPONSES * response;
  return recent && leap.loads.some((side) => relieved.has(side)) ? { ...leap, barredS: BARRED_S } : leap;
}

function aged({ leap, stepS, response }: LetGoInput): GuardLeap | undefined {
  if (leap === undefined) return undefined;
  const ageS = leap.ageS + stepS;
  const { loads, gives } = leap;
  const barredS = Math.max(0, leap.barredS - stepS);
  return barredS === 0 && ageS > PROVEN_RESPONSES * response ? undefined : { ageS, loads, gives, barredS };
}

type Wanting = HeldEnd & { readonly want: number };

/**
 * Whether the value has just dropped away from this end of its range by more than relief and noise explain. A meter that was silent
 * shows no fall.
 */
export function hasFallen(
  limit: WatchedValue,
  side: Side,
  { pending, settings }: Pick<LetGoInput, 'pending' | 'settings'>,
): boolean {
  if (limit.value === null || !Number.isFinite(limit.value)) return false;
  const before = pending[`${limit.id}:${side}`];
  if (before === undefined || before.amount > 0 || before.silentS > 0 || !Number.isFinite(limit[side])) return false;
  return before.last + headroomOf(limit, side) > leastFall(limit, settings);
}

/** Whether the load has just appeared, or come back. */
export function hasRisen(
  limit: WatchedValue,
  { pending, settings }: Pick<LetGoInput, 'pending' | 'settings'>,
): boolean {
  const before = pending[`${limit.id}:max`];
  if (limit.value === null || before === undefined) return false;
  return -headroomOf(limit, 'max') - before.last > leastFall(limit, settings);
}

const leastFall = (limit: WatchedValue, settings: GuardSettings): number =>
  Math.max(FALL_SIGMAS * sigmaOf(limit, settings), FALL_SHARE * rangeOf(limit));

function isFreed(held: HeldEnd, input: LetGoInput): boolean {
  if (isCauseGone(held, input)) return true;
  const by = held.end === 'max' ? held.bound.maxBy : held.bound.minBy;
  return input.limits.some((limit) => {
    const side = loadedSide(limit, held);
    if (side === null || limit.id === by || limit.value === null || !Number.isFinite(limit.value)) return false;
    return limit.quantity === 'voltagePu' && headroomOf(limit, side === 'max' ? 'min' : 'max') < 0;
  });
}

/** Each end with the share of its wish that the limits it loads allow. */
function shared(ends: readonly Wanting[], input: LetGoInput) {
  const { limits, levers, bounds, pending, settings } = input;
  const shares = ends.map(() => 1);
  const remaining = levers.map((lever) => ({ lever, kw: remainingOf(lever, bounds.get(lever.key)!) }));
  for (const limit of limits) {
    for (const side of SIDES) {
      if (!Number.isFinite(limit[side])) continue;
      const part = limit.mapped && hasFallen(limit, side, input) ? LEAP_SHARE.fallen : LEAP_SHARE.stood;
      const loads = ends.map((end) =>
        loadedSide(limit, end) === side ? end.want * Math.abs(reachOf(limit, end.lever)) : 0,
      );
      const total = loads.reduce((sum, load) => sum + load, 0);
      if (total === 0) continue;
      const entry = pending[`${limit.id}:${side}`];
      const busy = (entry?.amount ?? 0) > 0;
      const known = limit.value !== null && Number.isFinite(limit.value);
      const moved = remaining.reduce((sum, { lever, kw }) => sum + reachOf(limit, lever) * kw, 0);
      const coming = side === 'max' ? moved : -moved;
      const left = known && !busy ? headroomOf(limit, side) - coming - 2 * marginOf(limit, settings.marginPct) : 0;
      const share = Math.max(0, Math.min(1, (part * left) / total));
      for (const [at, load] of loads.entries()) if (load > 0) shares[at] = Math.min(shares[at]!, share);
    }
  }
  return ends.map((end, at) => ({ ...end, share: shares[at]! }));
}

/** How far the lever must still move to reach its bounds, kW or kvar. */
const remainingOf = (lever: GuardLever, bound: GuardBound): number =>
  Number.isFinite(lever.value) ? towards(lever, bound) - lever.value : 0;

/** Headroom that a leap adds on the opposite sides of limits, in their units. */
function givenBy(limits: readonly WatchedValue[], leaping: readonly (Wanting & { readonly share: number })[]) {
  const gives: Record<string, number> = {};
  for (const limit of limits)
    for (const { lever, end, want, share } of leaping) {
      const moved = reachOf(limit, lever) * (end === 'max' ? share : -share) * want;
      const key = `${limit.id}:${moved > 0 ? 'min' : 'max'}`;
      if (moved !== 0) gives[key] = (gives[key] ?? 0) + Math.abs(moved);
    }
  return gives;
}

const headroomOf = ({ value, min, max }: WatchedValue, side: 'max' | 'min'): number =>
  side === 'max' ? max - value! : value! - min;

/** The full band for a voltage; for other quantities the distance from zero to the further end. */
const rangeOf = ({ quantity, min, max }: WatchedValue): number =>
  quantity === 'voltagePu'
    ? max - min
    : Math.max(...[Math.abs(min), Math.abs(max)].filter((each) => Number.isFinite(each)));
