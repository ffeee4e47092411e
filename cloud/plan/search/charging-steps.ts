import { withChosenSteps } from '../problem/ev-device.ts';
import type { DispatchProblem, EvDevice, EvSession, Uninterrupted } from '../problem/problem.ts';
import { hoursOf } from '../problem/session-flow.ts';
import { leftHours, servedBy } from '../problem/sessions.ts';
import { limitPrice, priceParts } from './price.ts';
import { violationsEur } from './evaluate.ts';
import { isLimit } from './network-rows.ts';
import type { Optimised } from './optimised.ts';
import { SAME_EUR } from './stepwise.ts';

/** Energy moved away from where the plan had it, EUR/kWh: decides between steps of the same price. */
const MOVED_EUR_PER_KWH = 1e-3;
/** Energy missing at departure, and floors for which others would have to give way, as multiples of the price of unserved energy. */
const MISSING = 4;
const SHORT = 2;
/** A limit is felt that adds more than this to the price of consumption, EUR/MWh. */
const FELT_EUR_PER_MWH = 1e-2;
const EPSILON_KWH = 1e-6;
/** A power that is this much less is rounded, kW. */
const SAME_KW = 0.05;

type Steady = EvSession & { readonly uninterrupted: Uninterrupted };
const isSteady = (session: EvSession): session is Steady => session.uninterrupted !== undefined;
const isOpen = (session: EvSession): boolean =>
  isSteady(session) && session.lastStep >= 0 && session.uninterrupted.steps === undefined;

/** Whether a problem has sessions that must not pause, with no steps chosen yet. */
export const hasOpenSessions = ({ devices }: DispatchProblem): boolean =>
  devices.some((device) => device.kind === 'ev' && device.sessions.some(isOpen));

/**
 * The problem with the steps chosen in which sessions charge that must not pause, given a plan in which they may. Start and end of each are
 * those of least cost at the plan's prices, with its energy left where it is as far as possible; a session that charges begins at once. Where
 * a limit binds, what the plan gives the site counts as all that there is, unless others give way. Exact for one session that does not move
 * the prices; several at a site choose one after the other.
 */
export function withSteps(relaxed: Optimised): DispatchProblem {
  const { problem, hours } = relaxed.layout;
  const devices = problem.devices.map((item, device) => {
    if (item.kind !== 'ev' || !item.sessions.some(isOpen)) return item;
    return withChosenSteps(item, chosenAt(relaxed, device), leftHours(item, hours));
  });
  return { ...problem, devices };
}

/** What a site has in each step for sessions whose steps are not chosen yet. */
interface Room {
  /** What is left of each step, h. */
  readonly hours: Float64Array;
  /** Price of consumption, EUR/kWh. */
  readonly price: readonly number[];
  /** What the site can take, and what it can take without making others give way, kWh. Both shrink with each choice. */
  readonly most: Float64Array;
  readonly free: Float64Array;
  readonly unservedEurPerKwh: number;
}

function chosenAt(relaxed: Optimised, device: number): EvSession[] {
  const { layout, best } = relaxed;
  const { controls, steps } = layout;
  const item = layout.problem.devices[device] as EvDevice;
  const index = controls.findIndex((one) => one.device === device && one.role === 'power');
  const control = controls[index]!;
  const hours = leftHours(item, layout.hours);
  const kwhOf = (values: Float64Array, step: number): number =>
    values[step * controls.length + index]! * 1000 * hours[step]!;
  const prices = Array.from(hours, (_, step) => priceParts(relaxed, step, control.input));
  const most = Float64Array.from(hours, (_, step) => kwhOf(layout.upper, step));
  const room: Room = {
    hours,
    price: prices.map(({ energy, losses, congestion, voltage }) => (energy + losses + congestion + voltage) / 1000),
    most,
    free: most.map((kwh, step) => {
      const { congestion, voltage, penalty } = prices[step]!;
      return congestion + voltage + penalty > FELT_EUR_PER_MWH ? kwhOf(best.x, step) : kwh;
    }),
    unservedEurPerKwh: item.unservedEurPerKwh,
  };
  const { flow } = servedBy(layout, device, best.x);
  const sessions = [...item.sessions];
  const inOrder = [...sessions.keys()]
    .filter((at) => isOpen(sessions[at]!))
    .toSorted(
      (a, b) => startsAt(sessions[a]!) - startsAt(sessions[b]!) || sessions[a]!.lastStep - sessions[b]!.lastStep,
    );
  for (const at of inOrder) {
    const session = sessions[at] as Steady;
    const choice = chooseSteps(session, room, flow.subarray(at * steps, (at + 1) * steps));
    if (choice === undefined) continue;
    for (const [step, kwh] of choice.kwh.entries()) {
      room.most[step] = Math.max(0, room.most[step]! - kwh);
      room.free[step] = Math.max(0, room.free[step]! - kwh);
    }
    sessions[at] = choice.session;
  }
  return sessions;
}

const startsAt = ({ uninterrupted }: EvSession): number => (uninterrupted?.charging === true ? 0 : 1);

interface Choice {
  readonly session: Steady;
  /** What it gets in each step by the choice. */
  readonly kwh: Float64Array;
}

/** The cheapest steps for a session. `plannedKwh`: what it has where it may pause. Undefined: it has no time left. */
function chooseSteps(session: Steady, room: Room, plannedKwh: Float64Array): Choice | undefined {
  const { hours, price, most } = room;
  const { uninterrupted, energyKwh, lastStep, lastShare, maxKw } = session;
  const floors = Float64Array.from(hours, (_, step) => uninterrupted.kw * hoursOf(session, hours, step));
  // A person may hold the site below the floor, or another session need all of it.
  const holds = (step: number): boolean => most[step]! >= floors[step]! - EPSILON_KWH;
  const byPrice = [...hours.keys()].toSorted((a, b) => price[a]! - price[b]! || a - b);
  let found: (Choice & { readonly eur: number }) | undefined;
  for (let first = 0; first <= (uninterrupted.charging ? 0 : lastStep); first++) {
    const steps = new Uint8Array(hours.length);
    let [floorsKwh, mostKwh] = [0, 0];
    for (let last = first; last <= lastStep && floorsKwh <= energyKwh + EPSILON_KWH; last++) {
      mostKwh += maxKw * hoursOf(session, hours, last);
      // It has its energy within its last step, unless there is too little time. One of unknown need charges until it leaves.
      steps[last] = last === lastStep && mostKwh <= energyKwh && holds(last) ? 1 : 0;
      const { kwh, eur } = spread(session, { first, last, steps, floors, byPrice, plannedKwh }, room);
      const mayEnd = last === lastStep || Number.isFinite(energyKwh);
      if (mayEnd && (found === undefined || eur < found.eur - SAME_EUR))
        found = {
          session: {
            ...session,
            firstStep: first,
            lastStep: last,
            lastShare: last === lastStep ? lastShare : undefined,
            uninterrupted: { ...uninterrupted, steps: steps.slice() },
          },
          kwh,
          eur,
        };
      steps[last] = 0;
      if (!holds(last)) continue;
      steps[last] = 1;
      floorsKwh += floors[last]!;
    }
  }
  return found;
}

interface Stretch {
  readonly first: number;
  readonly last: number;
  /** 1 for the steps with a floor, and the floor of each step, kWh. */
  readonly steps: Uint8Array;
  readonly floors: Float64Array;
  /** All steps, the cheapest first. */
  readonly byPrice: readonly number[];
  readonly plannedKwh: Float64Array;
}

/** What a session takes from `first` to `last`: as planned where it can, the rest where it costs least; and the worth of that, EUR. */
function spread(
  session: Steady,
  { first, last, steps, floors, byPrice, plannedKwh }: Stretch,
  { hours, price, free, unservedEurPerKwh }: Room,
): { readonly kwh: Float64Array; readonly eur: number } {
  const kwh = new Float64Array(hours.length);
  const least = (step: number): number => (steps[step] === 1 ? floors[step]! : 0);
  const most = (step: number): number =>
    Math.max(least(step), Math.min(session.maxKw * hoursOf(session, hours, step), free[step]!));
  let [shortKwh, leftKwh] = [0, session.energyKwh];
  for (let step = first; step <= last; step++) {
    if (step < last || steps[step] === 1) shortKwh += Math.max(0, floors[step]! - free[step]!);
    kwh[step] = Math.max(least(step), Math.min(most(step), plannedKwh[step]!));
    leftKwh -= kwh[step]!;
  }
  const inside = byPrice.filter((step) => step >= first && step <= last);
  if (Number.isFinite(leftKwh))
    for (const step of leftKwh < 0 ? inside.toReversed() : inside) {
      const more = Math.max(least(step), Math.min(most(step), kwh[step]! + leftKwh)) - kwh[step]!;
      kwh[step]! += more;
      leftKwh -= more;
    }
  const missingKwh = Number.isFinite(leftKwh) ? Math.max(0, leftKwh) : 0;
  let eur = unservedEurPerKwh * (MISSING * missingKwh + SHORT * shortKwh);
  for (const [step, own] of kwh.entries())
    eur += price[step]! * own + (MOVED_EUR_PER_KWH * Math.abs(own - plannedKwh[step]!)) / 2;
  return { kwh, eur };
}

/**
 * The same choice without the floors that limits leave no room for: in each step in which `found` breaks a limit further than `relaxed`
 * does, of the sites that load it. Undefined: there are none.
 */
export function withoutFloors(found: Optimised, relaxed: Optimised): DispatchProblem | undefined {
  const { layout, binding, prices } = found;
  const before = violationsEur(relaxed.layout, relaxed.best, prices);
  const broken = violationsEur(layout, found.best, prices).map((eur, step) => eur > before[step]! + SAME_EUR);
  let isChanged = false;
  const devices = layout.problem.devices.map((item, device) => {
    if (item.kind !== 'ev' || !item.sessions.some(isSteady)) return item;
    const control = layout.controls.find((one) => one.device === device && one.role === 'power')!;
    const loads = new Set(
      binding.flatMap((one) =>
        isLimit(one.row) && broken[one.row.step] === true && limitPrice(found, one, control) > FELT_EUR_PER_MWH
          ? [one.row.step]
          : [],
      ),
    );
    const sessions = item.sessions.map((session) => {
      const { uninterrupted } = session;
      const steps = uninterrupted?.steps?.map((is, step) => (loads.has(step) ? 0 : is));
      if (steps === undefined || steps.every((is, step) => is === uninterrupted!.steps![step])) return session;
      isChanged = true;
      return { ...session, uninterrupted: { ...uninterrupted!, steps } };
    });
    return withChosenSteps(relaxed.layout.problem.devices[device] as EvDevice, sessions, leftHours(item, layout.hours));
  });
  return isChanged ? { ...layout.problem, devices } : undefined;
}

/** Sessions of a site that the plan cannot keep from pausing. */
export function pausedSessions({ layout, best }: Pick<Optimised, 'layout' | 'best'>, device: number): EvSession[] {
  const item = layout.problem.devices[device]!;
  if (item.kind !== 'ev') return [];
  const { controls } = layout;
  const index = controls.findIndex((one) => one.device === device && one.role === 'power');
  const kwIn = (step: number): number => 1000 * best.x[step * controls.length + index]!;
  const there = (step: number): Steady[] =>
    item.sessions.filter(isSteady).filter(({ firstStep = 0, lastStep }) => firstStep <= step && step < lastStep);
  return item.sessions.filter((session) => {
    if (!isSteady(session)) return false;
    const { uninterrupted, firstStep = 0, lastStep } = session;
    if (uninterrupted.steps === undefined) return lastStep >= 0;
    for (let step = firstStep; step < lastStep; step++)
      if (
        uninterrupted.steps[step] === 0 &&
        kwIn(step) < there(step).reduce((sum, one) => sum + one.uninterrupted.kw, 0) - SAME_KW
      )
        return true;
    return false;
  });
}
