import { createWorkspace } from '../../../shared/grid/radial.ts';
import { curtailedEur } from '../problem/device-cost.ts';
import type { Agreement, Layout, Plant } from '../problem/layout.ts';
import { standingPeaks } from '../problem/peak-charges.ts';
import type { PvDevice } from '../problem/problem.ts';
import { capabilityOf } from './capability.ts';
import { evaluate, meritOf, newBench, stepWorth, type StepWorth } from './evaluate.ts';
import { SAME_EUR, type Found } from './stepwise.ts';

/** Bisections of the sun of one date. */
const HALVINGS = 14;
/** Kept from the edge that they find: a power flow that starts elsewhere may end just beyond it. */
const MARGIN = 2 ** -HALVINGS;
/** Less than this share of its sun is not worth a setpoint for a plant. */
const CRUMB = 0.001;

/** Indices of the controls of an agreement. */
export const controlsOf = (agreement: Agreement): number[] =>
  agreement.flatMap(({ feedIn, limit }) => (limit === undefined ? [feedIn] : [feedIn, limit]));

interface Ordered {
  readonly found: Pick<Found, 'best' | 'merit'>;
  readonly isExact: boolean;
}

/**
 * Last in, first out, by the AC power flow: in each step, plants from the oldest that is cut onwards start at nothing and take, the oldest
 * first, what breaks no limit. So a plant is cut only where no cut of newer ones could spare it; a newer one that does not load the limit
 * keeps its sun. If the plan of a step needs the sun of newer plants to keep a limit, they give up none of it, and the order is not exact.
 * All else is as planned.
 */
export function inOrder({ layout, prices, best, merit }: Found): Ordered {
  const x = best.x.slice();
  const spare = layout.scenarios.map(() => createWorkspace(layout.grid));
  const peaks = standingPeaks(layout, best.importMw);
  const worth = (step: number): StepWorth => stepWorth(layout, x, step, { prices, spare, peaks });
  let [isChanged, isExact] = [false, true];
  for (let step = 0; step < layout.steps; step++) {
    const first = step * layout.controls.length;
    const open = layout.agreements.map((one) => openIn(layout, one, step));
    const isCut = (one: Agreement): boolean =>
      controlsOf(one).some((index) => x[first + index]! < layout.upper[first + index]!);
    const oldest = open.findIndex(isCut);
    if (oldest < 0) continue;
    const free = open.slice(oldest);
    const moved = free.flatMap((one) => controlsOf(one).map((index) => first + index));
    const planned = moved.map((at) => x[at]!);
    const allowedEur = worth(step).violationEur;
    const raising = { layout, x, step, worth, allowedEur };
    for (const at of moved) x[at] = 0;
    for (const agreement of free) raise(agreement, raising);
    if (worth(step).violationEur > allowedEur) {
      const back = (): void => {
        for (const [index, at] of moved.entries()) x[at] = planned[index]!;
      };
      back();
      for (const agreement of free) raise(agreement, raising);
      // Plants of one date rise together, so one of them may have come down.
      if (worth(step).violationEur > allowedEur) back();
      isExact &&= !free.some((_, place) => isSparable(free, place, raising));
    }
    isChanged ||= moved.some((at, index) => x[at] !== planned[index]);
  }
  if (!isChanged) return { found: { best, merit }, isExact };
  const found = evaluate(layout, x, newBench(layout));
  return { found: { best: found, merit: meritOf(layout, found, prices) }, isExact };
}

/** The plants of an agreement that the plan decides in a step: none that a person holds, and none at night. */
export const openIn = ({ controls, lower, upper }: Layout, agreement: Agreement, step: number): Agreement =>
  agreement.filter((plant) =>
    controlsOf([plant]).some((index) => {
      const at = step * controls.length + index;
      return lower[at]! < upper[at]!;
    }),
  );

interface Raise {
  readonly layout: Layout;
  /** Changed. */
  readonly x: Float64Array;
  readonly step: number;
  readonly worth: (step: number) => StepWorth;
  /** Price of the violations that the plan has in this step anyway, EUR. */
  readonly allowedEur: number;
}

/** Gives the plants of an agreement as much more as breaks no limit further and is worth its cost. */
function raise(agreement: Agreement, { layout, x, step, worth, allowedEur }: Raise): void {
  const first = step * layout.controls.length;
  const capabilities = agreement.map(({ device }) => capabilityOf(layout, device));
  const put = (share: number): void => {
    for (const { feedIn, limit } of agreement) {
      // A plant feeds in what it has, up to its limit.
      const most = share * layout.upper[first + (limit ?? feedIn)]!;
      x[first + feedIn] = Math.min(layout.upper[first + feedIn]!, most);
      if (limit !== undefined) x[first + limit] = most;
    }
  };
  const shareOf = ({ feedIn, limit = feedIn }: Plant): number => {
    const most = layout.upper[first + limit]!;
    return most > 0 ? Math.min(1, x[first + limit]! / most) : 1;
  };
  const costEur = (share: number): number => {
    put(share);
    return agreement.reduce(
      (sum, { device, feedIn }) =>
        sum + curtailedEur(layout, layout.problem.devices[device] as PvDevice, step, x[first + feedIn]!),
      worth(step).costEur,
    );
  };
  const present = Math.min(...agreement.map((one) => shareOf(one)));
  const most = Math.max(worth(step).violationEur, allowedEur);
  const canTake = (share: number): boolean => {
    put(share);
    const canDo = capabilities.every((one) => one === undefined || !one.isBeyond(one.power(x, step)));
    return canDo && worth(step).violationEur <= most;
  };
  let share = present;
  if (canTake(1)) share = 1;
  else if (canTake(present + CRUMB)) share = bisected(present + CRUMB, canTake);
  if (share > present && costEur(share - CRUMB * (share - present)) < costEur(share) - SAME_EUR)
    share = cheapest([present, share], costEur);
  put(share < present + CRUMB ? present : share);
}

/** Whether an agreement could feed in more if newer ones fed in nothing. */
function isSparable(agreements: readonly Agreement[], place: number, raising: Raise): boolean {
  const x = raising.x.slice();
  const first = raising.step * raising.layout.controls.length;
  for (const newer of agreements.slice(place + 1)) for (const index of controlsOf(newer)) raising.x[first + index] = 0;
  const own = controlsOf(agreements[place]!).map((index) => first + index);
  raise(agreements[place]!, raising);
  const isSpared = own.some((at) => raising.x[at]! - x[at]! > CRUMB * raising.layout.upper[at]!);
  raising.x.set(x);
  return isSpared;
}

/** The highest share that can be taken, if `least` can and 1 cannot. */
function bisected(least: number, canTake: (share: number) => boolean): number {
  let [low, high] = [least, 1];
  for (let turn = 0; turn < HALVINGS; turn++) {
    const share = (low + high) / 2;
    if (canTake(share)) low = share;
    else high = share;
  }
  return low - MARGIN;
}

/** The cheapest share in a range, by thirds: cost is convex in feed-in. */
function cheapest(range: readonly [number, number], costEur: (share: number) => number): number {
  let [low, high] = range;
  for (let turn = 0; turn < HALVINGS; turn++) {
    const [left, right] = [(2 * low + high) / 3, (low + 2 * high) / 3];
    if (costEur(left) <= costEur(right)) high = right;
    else low = left;
  }
  return (low + high) / 2;
}
