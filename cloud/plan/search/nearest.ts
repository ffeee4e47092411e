import { evaluate, keepsAsMuch, meritOf, newBench, violationEur } from './evaluate.ts';
import type { LpSolver } from '../problem/lp.ts';
import { modelAround, type NetworkModel } from './model.ts';
import { oneDirection } from './one-direction.ts';
import { COLD, solveAround } from './round.ts';
import type { Optimised } from './optimised.ts';
import type { Found } from './stepwise.ts';
import { samePositions } from './whole-positions.ts';

/** Shares of a control's range within which the plan in force is made feasible again: the devices' bounds have moved on. */
const REACHES = [1e-3, 0.02, 0.1] as const;
/** Shares of the way from the best to the plan in force. */
const FRACTIONS = [1, 0.75, 0.5, 0.25] as const;
const LOSS_TOLERANCE = 0.01;

type Searched = Found & Pick<Optimised, 'nothingMerit'>;

interface Nearest extends Pick<Found, 'best' | 'merit'> {
  readonly model: NetworkModel;
}

/**
 * Among plans of the same cost, within the tolerance of the search, the nearest to the plan in force: many distribute reactive power or
 * charging differently for the same worth, and setpoints should not jump between them. What devices can do over the horizon is convex while
 * stepped devices keep their positions, so a mean of two plans is feasible too. A plan that breaks a limit is no equal of one that keeps
 * all. Undefined: the plan that was found is the nearest.
 */
export function nearestOfEqual(found: Searched, inForce: Float64Array, solver: LpSolver): Nearest | undefined {
  const { layout, prices } = found;
  const target = doable(found, inForce, solver);
  if (target === undefined) return undefined;
  const equal = found.merit + layout.options.tolerance * Math.max(1, Math.abs(found.merit));
  const allowed = Math.min(equal, Math.max(found.merit, found.nothingMerit));
  const foundEur = violationEur(layout, found.best, prices);
  const bench = newBench(layout);
  const fractions = samePositions(layout, target, found.best.x) ? FRACTIONS : FRACTIONS.slice(0, 1);
  for (const fraction of fractions) {
    const mean = target.map((value, at) => found.best.x[at]! + fraction * (value - found.best.x[at]!));
    const x = oneDirection(layout, mean) ?? mean;
    const best = evaluate(layout, x, bench);
    const merit = meritOf(layout, best, prices);
    if (merit <= allowed && keepsAsMuch(foundEur, violationEur(layout, best, prices)))
      return { best, merit, model: modelAround(layout, best) };
  }
  return undefined;
}

/** The plan in force, changed as little as makes it feasible now; undefined if it has no power flow or cannot be made feasible. */
function doable({ layout, prices }: Searched, inForce: Float64Array, solver: LpSolver): Float64Array | undefined {
  const there = evaluate(layout, inForce, newBench(layout));
  if (!there.converged) return undefined;
  const model = modelAround(layout, there);
  const options = {
    ...COLD,
    solver,
    prices,
    merit: Infinity,
    lossTolerance: LOSS_TOLERANCE,
    stays: true,
    healing: false,
  };
  // Reactive power stays as it is where possible: otherwise each new plan would move it as far as it may.
  const all = new Set(layout.hours.keys());
  for (const resting of [all, undefined])
    for (const trust of REACHES) {
      const { proposal } = solveAround(layout, model, { ...options, trust, resting });
      if (proposal !== undefined) return proposal.x;
    }
  return undefined;
}
