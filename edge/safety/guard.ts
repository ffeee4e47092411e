import type { PowerRange } from '../../shared/contracts/plan.ts';
import { Headroom } from './headroom.ts';
import { hasFallen, hasRisen, letGo, proven } from './let-go.ts';
import { leftOf } from './left.ts';
import { relieve, type Side } from './relief.ts';
import { release } from './release.ts';
import { inSpans } from './reserve.ts';
import { blind } from './blind.ts';
import { calmOf, towards } from './calm.ts';
import { CLEAR_SIGMAS, marginOf, reachOf, sigmaOf } from './guard-types.ts';
import { advance, QUIET_S, request } from './pending.ts';
import { ReliefCheck } from './relief-check.ts';
import type { Excess, GuardLever, GuardResult, GuardSettings, Intervention, WatchedValue } from './guard-types.ts';
import type { GuardBound, GuardLeap, GuardPending, GuardState } from '../control/safety-memory.ts';

/** Relief on both sides of a limit within this many response times is a swing. Each swing halves the relief, down to a tenth. */
const SWING_RESPONSES = 10;
const LEAST_GAIN = 0.1;
const MOST_RELAPSES = 8;
/** A relay picks up at 1.2 times what a line or transformer may carry, so from here on a trip may be near. */
const NEAR_PICK_UP = 1.1;
/** After a fall, the slowest terminal has been read again within this time, s. */
const FALL_KNOWN_S = 30;
const SIDES: readonly Side[] = ['max', 'min'];

export interface GuardCycle {
  readonly settings: GuardSettings;
  readonly stepS: number;
  /** Voltages that relief must keep in their bands, besides those among the limits. */
  readonly terminals?: readonly WatchedValue[];
  /** The levers as seen by limits that spare the battery reserve. Absent: like all others. */
  readonly spare?: readonly GuardLever[];
  /** The levers including their reserves, where `levers` exclude them. Absent: the same. */
  readonly whole?: readonly GuardLever[];
  /** Levers that are silent or not commanded: the guard only releases them. */
  readonly idle?: readonly GuardLever[];
}

/**
 * One cycle of the guard: pure feedback on measurements, in the order of `limits` (earlier ones win).
 * Where a value exceeds its limit by more than its meter's error, the levers are bounded at once by the full excess, relative to
 * their measured power. A smaller excess is judged by its mean. Relief stays pending until the meter shows it or `responseS` has
 * passed, so it is never requested twice and dead time causes no wind-up. Relief that never shows is requested from levers that
 * follow. A lever that moves the value the wrong way is frozen.
 * A limit that spares battery reserves moves no lever into them and releases what has become reserve. Bounds are released slowly,
 * while every limit they load has room; they are released at once when their cause is gone. A silent meter freezes its levers, and
 * after a minute moves them to their safe defaults.
 */
export function guard(
  limits: readonly WatchedValue[],
  levers: readonly GuardLever[],
  previous: GuardState,
  { settings, stepS, terminals, spare = levers, whole = levers, idle = [] }: GuardCycle,
): GuardResult {
  const response = Math.max(settings.responseS, 4 * stepS);
  const sparing = new Set(limits.filter(({ spares }) => spares === true).map(({ id }) => id));
  const bounds = boundsOf(
    levers,
    inSpans(previous, spare, (by) => sparing.has(by)),
    { stepS, response },
  );
  const held = [...levers, ...idle.filter(({ key }) => bounds.has(key))];
  const leap = letGo({
    limits: [...limits, ...(terminals ?? [])],
    levers: held,
    bounds,
    pending: previous.pending,
    leap: previous.leap,
    settings,
    stepS,
    response,
  });
  const pending: Record<string, GuardPending> = {};
  const passed: Excess[] = [];
  const interventions: Intervention[] = [];
  const silent: string[] = [];
  const relieved = new Set<string>();
  const { marginPct } = settings;
  const voltages = [...limits, ...(terminals ?? [])];
  const calm = calmOf(previous, { terminals: voltages, levers, stepS });
  const fell = fallsOf(limits, previous, { settings, stepS });
  const outdated = outdatedBy(fell, limits, voltages);
  const headroom = new Headroom({
    terminals: voltages,
    levers,
    bounds,
    marginPct,
    lostAfterS: 2 * response,
    calm,
    outdated,
  });
  const reliefCheck = new ReliefCheck(previous, { limits, levers, bounds, stepS, response });
  const seen = new Set(limits.filter(({ value }) => value !== null && Number.isFinite(value)).map(({ id }) => id));
  for (const [rank, limit] of limits.entries()) {
    if (limit.value === null || !Number.isFinite(limit.value)) {
      silent.push(limit.element);
      reliefCheck.forget(limit);
      pending[`${limit.id}:max`] = blind(limit, previous.pending[`${limit.id}:max`], { levers, bounds, stepS, seen });
      continue;
    }
    const sigma = sigmaOf(limit, settings);
    for (const side of SIDES) {
      const bound = limit[side];
      if (!Number.isFinite(bound)) continue;
      const key = `${limit.id}:${side}`;
      const over = side === 'max' ? limit.value - bound : bound - limit.value;
      const isUrgent = side === 'max' && isLoading(limit) && limit.value > NEAR_PICK_UP * bound;
      // Near the pick-up of a relay no lever is tested.
      if (isUrgent) reliefCheck.forget(limit);
      else reliefCheck.judge(limit, { side, over, sigma });
      const coming = comingTo(limit, { side, levers, bounds, response });
      const entry = advance(previous.pending[key], over, { stepS, response, sigma, coming });
      pending[key] = entry;
      const { id, element, quantity, value } = limit;
      if (over > 0) passed.push({ limit: id, element, quantity, value, bound, over });
      const outstanding = entry.amount + leapt(leap, key, response);
      const isClear = over > Math.max(outstanding, 0) && over - outstanding > CLEAR_SIGMAS * sigma;
      const still = isClear ? over - outstanding : sigma > 0 ? entry.mean! - leapt(leap, key, response) : 0;
      if (still <= 0 || reliefCheck.isTrying(element)) continue;
      const other = previous.pending[`${limit.id}:${side === 'max' ? 'min' : 'max'}`];
      note(entry, other, response);
      const gain = Math.max(LEAST_GAIN, 0.5 ** entry.swings!);
      const need = gain * (still + marginOf(limit, marginPct));
      // Measured limits outrank unmeasured ones.
      const higher = new Set(limits.slice(0, rank).flatMap(({ id }) => (seen.has(id) ? [id] : [])));
      const own = limit.spares === true ? spare : levers;
      const isFrozen = (key: string): boolean => reliefCheck.isFrozen(element, key, { isUrgent });
      const given = relieve({
        limit,
        side,
        need,
        levers: own.filter(({ key }) => !isFrozen(key)),
        bounds,
        response,
        higher,
        headroom,
        isUrgent,
      });
      const total = given.values().reduce((sum, amount) => sum + amount, 0);
      request(entry, total, isClear);
      reliefCheck.note(limit, { side, over, given });
      relieved.add(key);
      interventions.push({
        limit: id,
        element,
        quantity,
        value,
        bound,
        met: Math.min(1, total / need),
        left: leftOf({
          limit,
          side,
          need,
          given: total,
          levers: whole,
          usable: new Map(own.map((lever) => [lever.key, lever])),
          bounds,
          isFrozen,
          response,
        }),
        levers: [...given.keys()],
      });
    }
  }
  release({ limits, levers: held, bounds, pending, settings, stepS, response });
  return finish(held, bounds, {
    pending,
    passed,
    interventions,
    silent,
    leap: proven(leap, relieved, response),
    more: {
      ...reliefCheck.state(),
      ...(calm === undefined ? {} : { calm }),
      ...(Object.keys(fell).length === 0 ? {} : { fell }),
    },
  });
}

/**
 * Loads behind heads that fell without relief, and the age of the fall, s. A load that rises again is dropped: its meter erred, or
 * the load came back.
 */
function fallsOf(
  limits: readonly WatchedValue[],
  { fell = {}, pending }: GuardState,
  { settings, stepS }: Pick<GuardCycle, 'settings' | 'stepS'>,
): Record<string, number> {
  const heads = limits.filter(({ quantity }) => quantity === 'activePowerKw');
  const now = heads.filter((limit) => hasFallen(limit, 'max', { pending, settings }));
  const back = new Set(heads.filter((limit) => hasRisen(limit, { pending, settings })).map(({ id }) => id));
  const ages = Object.entries(fell).map(([id, ageS]): [string, number] => [id, ageS + stepS]);
  return Object.fromEntries([
    ...ages.filter(([id, ageS]) => ageS < FALL_KNOWN_S && !back.has(id)),
    ...now.map(({ id, ageS = 0 }): [string, number] => [id, ageS]),
  ]);
}

/** Voltages behind these heads whose reading is older than the fall. */
function outdatedBy(
  fell: Readonly<Record<string, number>>,
  limits: readonly WatchedValue[],
  voltages: readonly WatchedValue[],
): ReadonlySet<string> {
  const heads = limits.filter(({ id }) => id in fell);
  return new Set(
    voltages
      .filter(
        ({ quantity, element, ageS = 0 }) =>
          quantity === 'voltagePu' && heads.some(({ id, perKw }) => perKw.has(element) && ageS > fell[id]!),
      )
      .map(({ id }) => id),
  );
}

const isLoading = ({ quantity }: WatchedValue): boolean => quantity === 'currentA' || quantity === 'apparentPowerKva';

/** What levers that recently came closer to their bounds will still give to a side of a limit, in its unit. */
function comingTo(
  limit: WatchedValue,
  {
    side,
    levers,
    bounds,
    response,
  }: {
    readonly side: Side;
    readonly levers: readonly GuardLever[];
    readonly bounds: ReadonlyMap<string, GuardBound>;
    readonly response: number;
  },
): number {
  let coming = 0;
  for (const lever of levers) {
    const bound = bounds.get(lever.key)!;
    if (bound.gap === undefined || bound.missS >= response || !Number.isFinite(lever.value)) continue;
    coming += reachOf(limit, lever) * (towards(lever, bound) - lever.value) * (side === 'max' ? -1 : 1);
  }
  return Math.max(0, coming);
}

/** What the last leap gives to a side of a limit while the meter may not show it yet. */
const leapt = (leap: GuardLeap | undefined, key: string, response: number): number =>
  leap !== undefined && leap.ageS < response ? (leap.gives[key] ?? 0) : 0;

/**
 * Records whether the loop hunts, in an entry that is about to be relieved. If the sensitivities are several times too small,
 * relief overshoots to the other side, or release gives back too much.
 */
function note(entry: GuardPending, other: GuardPending | undefined, response: number): void {
  const swung = entry.clear === true && other !== undefined && other.ageS < SWING_RESPONSES * response;
  if (swung) entry.swings = Math.max(entry.swings ?? 0, other.swings ?? 0) + 1;
  else if (entry.clear === true && entry.ageS < QUIET_S) {
    entry.relapses = Math.min((entry.relapses ?? 0) + 1, MOST_RELAPSES);
  }
  entry.clear = false;
}

function boundsOf(
  levers: readonly GuardLever[],
  { bounds }: GuardState,
  { stepS, response }: { stepS: number; response: number },
): Map<string, GuardBound> {
  const copies = new Map<string, GuardBound>();
  for (const [key, bound] of Object.entries(bounds)) copies.set(key, { ...bound });
  for (const lever of levers) {
    const bound = copies.get(lever.key) ?? { min: null, max: null, minBy: null, maxBy: null, missS: 0 };
    const slack = 0.05 * Math.max(Math.abs(lever.span.minKw), Math.abs(lever.span.maxKw), 1);
    const gap = Math.max(
      bound.max === null ? 0 : lever.value - bound.max,
      bound.min === null ? 0 : bound.min - lever.value,
    );
    // A measurement older than the command says nothing about it.
    const known = lever.ageS <= response;
    const isNearer = bound.gap !== undefined && gap < bound.gap - slack;
    if (!(gap > slack)) {
      bound.missS = 0;
      delete bound.gap;
    } else if (known) {
      bound.missS = isNearer ? 0 : Math.min(bound.missS + stepS, 10 * response);
      bound.gap = isNearer || bound.gap === undefined ? gap : bound.gap;
    }
    copies.set(lever.key, bound);
  }
  return copies;
}

function finish(
  levers: readonly GuardLever[],
  bounds: Map<string, GuardBound>,
  rest: {
    pending: Record<string, GuardPending>;
    passed: Excess[];
    interventions: Intervention[];
    silent: string[];
    leap: GuardLeap | undefined;
    more: Pick<GuardState, 'checks' | 'findings' | 'calm' | 'fell'>;
  },
): GuardResult {
  const activeBounds: Record<string, GuardBound> = {};
  const ranges = new Map<string, PowerRange>();
  const reasons = new Map<string, string>();
  const present = new Map(levers.map((lever) => [lever.key, lever]));
  for (const [key, bound] of bounds) {
    const lever = present.get(key);
    // The device is no longer configured, or can no longer be commanded.
    if (lever === undefined) continue;
    const span = lever.soon ?? lever.span;
    if (bound.max !== null && bound.max >= span.maxKw) [bound.max, bound.maxBy] = [null, null];
    if (bound.min !== null && bound.min <= span.minKw) [bound.min, bound.minBy] = [null, null];
    if (bound.min === null && bound.max === null) continue;
    activeBounds[key] = bound;
    ranges.set(key, { minKw: bound.min ?? -Infinity, maxKw: bound.max ?? Infinity });
    reasons.set(key, [...new Set([bound.minBy, bound.maxBy].filter((each) => each !== null))].join(', '));
  }
  return {
    state: {
      bounds: activeBounds,
      pending: rest.pending,
      ...(rest.leap === undefined ? {} : { leap: rest.leap }),
      ...rest.more,
    },
    ranges,
    reasons,
    passed: rest.passed,
    interventions: rest.interventions,
    silent: rest.silent,
    findings: (rest.more.findings ?? []).filter(({ verdict }) => verdict !== 'right'),
  };
}
