import type { Agreement, Layout } from '../problem/layout.ts';
import type { LpSolver } from '../problem/lp.ts';
import { descend, roundsOnward, type Descended } from './descend.ts';
import {
  evaluate,
  feasibleSteps,
  meritOf,
  newBench,
  violationEur,
  violationsEur,
  type Evaluation,
} from './evaluate.ts';
import { controlsOf, inOrder, openIn } from './in-order.ts';
import { oneDirection } from './one-direction.ts';
import type { Optimised } from './optimised.ts';
import { towards } from './restore.ts';
import { COLD } from './round.ts';
import { Scratch } from './scratch.ts';
import { SAME_EUR } from './stepwise.ts';

/** Searches for the agreement at which the cuts of each step end, and around the plants in their order. */
const PLACE_TURNS = 5;
const ORDER_TURNS = 2;
/** Less sun than this is none, MW. */
const NOTHING_MW = 1e-6;
/** Iterations of a plan with its order, as a multiple of those of one without: beyond them each search has one round. */
const EFFORT = 6;

/**
 * Curtails by last in, first out. Which plants are cut wholly, and which not at all, is fixed by bounds, and the programme decides the rest
 * of the plan around them: reactive power and storages of a plan with the cheapest cuts would not suit the order. In each step one agreement
 * is cut in part, older ones are not cut, newer ones feed in nothing; where that breaks a limit, an older agreement is tried. Then newer
 * plants get what is left, in order, and the rest is searched again. Limits come first: where the order breaks one further than the plan
 * does, the plan stays as it was. A plan that cuts nobody is in order as it is.
 */
export function lastInFirstOut(found: Optimised, solver: LpSolver): Optimised {
  const { layout } = found;
  const { best } = found;
  if (!layout.agreements.some((one) => isCut(layout, one, best.x))) return found;
  const [lower, upper] = [layout.lower.slice(), layout.upper.slice()];
  const reset = (): void => {
    layout.lower.set(lower);
    layout.upper.set(upper);
  };
  let next = placed(found, solver, reset);
  reset();
  next = { ...next, ...inOrder(next).found };
  const allowedEur = violationsEur(layout, found.best, found.prices);
  const keeps = ({ best, prices }: Optimised): boolean =>
    violationsEur(layout, best, prices).every((eur, step) => eur <= allowedEur[step]! + SAME_EUR);
  if (!keeps(next)) return { ...found, ...countOf(next) };
  for (let turn = 0; turn < ORDER_TURNS; turn++) {
    onlyReleased(layout, next.best.x);
    const searched = around(next, next.best.x, solver);
    reset();
    const { found: put, isExact } = inOrder(searched);
    const better = { ...searched, ...put };
    if (!isExact || better.merit >= next.merit || !keeps(better)) return { ...next, ...countOf(searched) };
    next = better;
  }
  return next;
}

/** Decisions in which all limits that the plan keeps stay kept, with one agreement cut in part in each step, or none. */
function placed(found: Optimised, solver: LpSolver, reset: () => void): Optimised {
  const { layout, prices } = found;
  const kept = feasibleSteps(layout, found.best, prices);
  const places = layout.hours.map((_, step) => placeOf(layout, found.best.x, step));
  let next = found;
  for (let turn = 1; turn <= PLACE_TURNS; turn++) {
    reset();
    const x = next.best.x.slice();
    // Where a limit is broken anyway, the order may not break it further, so nothing is bounded.
    for (const [step, place] of places.entries()) if (kept.has(step)) bound(layout, x, step, place);
    next = around(next, x, solver, true);
    const keeps = feasibleSteps(layout, next.best, prices);
    const broken = [...kept].filter((step) => !keeps.has(step) && places[step]! >= 0);
    if (broken.length === 0) break;
    for (const step of broken) places[step] = turn >= PLACE_TURNS - 1 ? -1 : Math.floor((places[step]! - 1) / 2);
  }
  return around(next, next.best.x, solver);
}

/** The agreement at which the sun that the plan feeds in a step would be used up if the oldest fed in first; their number if all have it. */
function placeOf(layout: Layout, x: Float64Array, step: number): number {
  const first = step * layout.controls.length;
  const agreements = layout.agreements.map((one) => openIn(layout, one, step));
  const sumOf = (values: Float64Array, agreement: Agreement): number =>
    agreement.reduce((sum, { feedIn }) => sum + values[first + feedIn]!, 0);
  let left = agreements.reduce((sum, one) => sum + sumOf(x, one), 0);
  const place = agreements.findIndex((one) => (left -= sumOf(layout.upper, one)) < -NOTHING_MW);
  return place < 0 ? agreements.length : place;
}

/** Bounds a step: agreements before `place` feed in what they have, those after it nothing. Moves `x` there. */
function bound(layout: Layout, x: Float64Array, step: number, place: number): void {
  const first = step * layout.controls.length;
  for (const [at, agreement] of layout.agreements.entries())
    for (const index of controlsOf(openIn(layout, agreement, step))) {
      const control = first + index;
      if (at < place) layout.lower[control] = layout.upper[control]!;
      else if (at > place) layout.upper[control] = 0;
      x[control] = Math.min(layout.upper[control]!, Math.max(layout.lower[control]!, x[control]!));
    }
}

/** Bounds plants that are cut wholly to nothing, and all others to no less than they feed in. */
function onlyReleased(layout: Layout, x: Float64Array): void {
  for (let step = 0; step < layout.steps; step++) {
    const first = step * layout.controls.length;
    for (const agreement of layout.agreements)
      for (const index of controlsOf(openIn(layout, agreement, step))) {
        const at = first + index;
        if (x[at] === 0) layout.upper[at] = 0;
        else layout.lower[at] = Math.min(layout.upper[at]!, x[at]!);
      }
  }
}

/** Searches on from decisions, within the bounds as they are. Stepped devices stay. `healing`: only until all limits are kept. */
function around(from: Optimised, start: Float64Array, solver: LpSolver, healing = false): Optimised {
  const { layout, nothing, prices } = from;
  const found = descend({
    layout,
    nothing,
    start,
    solver,
    scratch: new Scratch(layout),
    whole: { prices, programme: COLD },
    healing,
    patient: true,
    maxIterations: EFFORT * layout.options.maxIterations - from.iterations,
    ...roundsOnward(layout, healing),
  });
  const kept = keptOf(found, start);
  const x = oneDirection(layout, kept.x);
  const best = x === undefined ? kept : evaluate(layout, x, newBench(layout));
  return {
    ...found,
    best,
    merit: meritOf(layout, best, prices),
    rounds: from.rounds + found.rounds,
    programmes: from.programmes + found.programmes,
    iterations: from.iterations + found.iterations,
  };
}

/** The outcome of a search, or as far on the way to it as all limits are kept that were kept before. */
function keptOf({ layout, prices, best, feasibleX }: Descended, start: Float64Array): Evaluation {
  const isKept = (one: Evaluation): boolean => violationEur(layout, one, prices) === 0;
  if (isKept(best)) return best;
  const from = evaluate(layout, feasibleX ?? start, newBench(layout));
  if (!isKept(from)) return best;
  const near = evaluate(layout, towards(layout, from, best.x, prices), newBench(layout));
  return isKept(near) ? near : from;
}

const isCut = ({ controls, hours, upper }: Layout, agreement: Agreement, x: Float64Array): boolean =>
  controlsOf(agreement).some((index) =>
    hours.some((_, step) => x[step * controls.length + index]! < upper[step * controls.length + index]! - NOTHING_MW),
  );

const countOf = ({
  rounds,
  programmes,
  iterations,
}: Optimised): Pick<Optimised, 'rounds' | 'programmes' | 'iterations'> => ({
  rounds,
  programmes,
  iterations,
});

/** The first of some plans that can be put in order without losing a limit; the last of them, not in order, if none can. */
export function firstInOrder(plans: readonly Optimised[]): Optimised {
  for (const plan of plans) {
    const { found, isExact } = inOrder(plan);
    if (isExact) return { ...plan, ...found, isInOrder: true };
  }
  return { ...plans.at(-1)!, isInOrder: false };
}
