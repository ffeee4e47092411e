import { LoadstoneError } from '../../../shared/outcome/outcome.ts';
import { deviceCost } from '../problem/device-cost.ts';
import { isLarge, isWhole, type Layout } from '../problem/layout.ts';
import type { LpSolver } from '../problem/lp.ts';
import type { DispatchProblem } from '../problem/problem.ts';
import { buildLayout } from './build-layout.ts';
import { calmed } from './calm.ts';
import { hasOpenSessions, withoutFloors, withSteps } from './charging-steps.ts';
import { sharesThatSolve, withShares } from './collapse.ts';
import { decisionsOf, onSteps, type Decisions } from './decisions.ts';
import { descend, pricesAt, roundsOnward, type Descended, type Descent } from './descend.ts';
import { evaluate, keepsAsMuch, meritOf, newBench, violationEur, type Evaluation } from './evaluate.ts';
import { freed } from './freed.ts';
import { firstInOrder, lastInFirstOut } from './last-in-first-out.ts';
import { modelAround } from './model.ts';
import { nearestOfEqual } from './nearest.ts';
import { closeUnused, oneDirection } from './one-direction.ts';
import type { Optimised } from './optimised.ts';
import { healingPrices } from './programme-prices.ts';
import { curtailed, towards } from './restore.ts';
import { COLD, type Programme } from './round.ts';
import { Scratch } from './scratch.ts';
import { SAME_EUR } from './stepwise.ts';
import { samePositions, wholePositions } from './whole-positions.ts';

/** Share of the rounds in which positions need not be whole; then the least rounds and the turns of the search under whole ones. */
const RELAXED_SHARE = 0.4;
const LEAST_ROUNDS = 1;
const WHOLE_TURNS = 2;
/** Searches with more directions barred; after them charging and discharging are only separated. */
const APART_TURNS = 3;
/** Less than this for a level of charge that is missing at the end is numerical error, EUR. */
const NO_LEVEL_EUR = 1e-6;
/** Turns in which floors are given up that limits leave no room for. */
const FLOOR_TURNS = 2;
/** Plans for growing shares of the loads if doing nothing has no power flow. */
const CLIMBS = 4;

/**
 * The best plan found; never worse by merit than doing nothing, except where sessions must not pause. For these it plans first as if they
 * might, then chooses the steps in which they charge, and searches again from there. Limits come first: floors for which they leave no room
 * are given up, all of them if that is not enough.
 */
export function optimise(problem: DispatchProblem, solver: LpSolver, earlier?: Decisions): Optimised {
  const relaxed = optimiseAsStated(problem, solver, earlier);
  if (!hasOpenSessions(problem) || relaxed.collapse !== undefined) return relaxed;
  const { nothing, nothingMerit, layout, best } = relaxed;
  const count = { rounds: relaxed.rounds, programmes: relaxed.programmes, iterations: relaxed.iterations };
  let next: DispatchProblem | undefined = withSteps(relaxed);
  for (let turn = 0; turn <= FLOOR_TURNS && next !== undefined; turn++) {
    const found = optimiseAsStated(next, solver, decisionsOf(layout, best.x));
    count.rounds += found.rounds;
    count.programmes += found.programmes;
    count.iterations += found.iterations;
    const isKept =
      violationEur(found.layout, found.best, relaxed.prices) <= violationEur(layout, best, relaxed.prices) + SAME_EUR;
    if (isKept) return { ...found, nothing, nothingMerit, ...count };
    next = withoutFloors(found, relaxed);
  }
  return { ...relaxed, ...count };
}

/**
 * Successive linear programmes around the AC power flow, with losses to second order by tangents, network rows added when the model says
 * that they are broken, and a trust region on the merit of cost and violations. Bounded by counts, never by time: the same problem with the
 * same earlier plan gives the same result, whatever the solver solved before. Starts from doing nothing, or from the earlier plan, which
 * takes fewer rounds. The result is never worse by merit than doing nothing.
 */
function optimiseAsStated(problem: DispatchProblem, solver: LpSolver, earlier?: Decisions): Optimised {
  const layout = buildLayout(problem);
  const nothing = evaluate(layout, layout.start, newBench(layout));
  const start = startOf(layout, nothing);
  if (start === undefined) return apart(climb(problem, nothing, solver), solver);
  const inForce = earlier && onSteps(layout, earlier);
  // Far outside the limits a large programme has more rows than it is worth, so the way back within them comes first.
  const isFar =
    isLarge(layout) && inForce === undefined && violationEur(layout, nothing, pricesAt(layout, nothing)) > 0;
  const searched = search({ layout, nothing, start, solver, earlier: inForce, ...(isFar ? { maxRounds: 0 } : {}) });
  const found = lastInFirstOut(apart(restored(searched, solver), solver), solver);
  const calm = { ...found, ...calmed(found) };
  const near = inForce === undefined ? calm : { ...calm, ...nearestOfEqual(calm, inForce, solver) };
  const free = layout.agreements.length === 0 ? { ...near, ...freed(near) } : firstInOrder([near, calm, found]);
  return free.model.at === free.best ? free : { ...free, model: modelAround(layout, free.best) };
}

/** Doing nothing, or curtailing the sun if that has no power flow; undefined if neither has. */
function startOf(layout: Layout, nothing: Evaluation): Float64Array | undefined {
  if (nothing.converged) return layout.start;
  const x = curtailed(layout);
  return evaluate(layout, x, newBench(layout)).converged ? x : undefined;
}

/**
 * If a storage would charge and discharge at once, searches again with directions barred, unless separating alone is worth as much. Where
 * corners of the forecast break limits, storages would burn energy in all steps, and which direction is the lesser says little. If the plan
 * then breaks limits in the middle of the forecast too, the directions of a plan for the middle alone are tried.
 */
function apart(found: Optimised, solver: LpSolver): Optimised {
  const { layout, prices, collapse } = found;
  const alone = oneDirection(layout, found.best.x);
  if (alone === undefined) return found;
  const asGood = evaluate(layout, alone, newBench(layout));
  const worth = meritOf(layout, asGood, prices);
  const equal = found.merit + layout.options.tolerance * Math.max(1, Math.abs(found.merit));
  const broken = (one: Evaluation): number => violationEur(layout, one, prices);
  // A search that ended with a level of charge missing goes on: it may find the energy under the bars.
  if (
    worth <= Math.min(equal, found.nothingMerit) &&
    deviceCost(layout, alone).penaltyEur < NO_LEVEL_EUR &&
    keepsAsMuch(broken(found.best), broken(asGood))
  )
    return { ...found, best: asGood, merit: worth, model: modelAround(layout, asGood) };
  const open = layout.upper.slice();
  const first = barred(found, solver);
  const middleOnly = { ...layout, scenarios: layout.scenarios.slice(0, 1) };
  const inMiddle = ({ best }: Optimised): number => violationEur(middleOnly, best, prices);
  if (layout.scenarios.length === 1 || collapse !== undefined || inMiddle(first) === 0) return first;
  const bars = layout.upper.slice();
  layout.upper.set(open);
  const { problem } = layout;
  // Only directions are taken from it, so it needs no order of agreements.
  const devices = problem.devices.map((each) => (each.kind === 'pv' ? { ...each, connectedOn: undefined } : each));
  const middle = optimiseAsStated({ ...problem, devices, loads: { mid: problem.loads.mid } }, solver);
  const start = onSteps(layout, decisionsOf(middle.layout, middle.best.x));
  closeUnused(layout, start, (at) => {
    layout.upper[at] = 0;
  });
  const second = barred(again(found, { start, solver, maxRounds: layout.options.maxRounds }), solver);
  if (inMiddle(second) < inMiddle(first)) return second;
  layout.upper.set(bars);
  return first;
}

/**
 * Bars the lesser direction of each storage that would charge and discharge at once, and searches the rest again until none does. The best
 * of the separated decisions on the way stays: a later search may end worse once it is separated too.
 */
function barred(found: Optimised, solver: LpSolver): Optimised {
  const { layout, prices, nothing } = found;
  let next = found;
  let separated: Pick<Optimised, 'best' | 'merit'> = { best: nothing, merit: found.nothingMerit };
  for (let turn = 0; ; turn++) {
    const start = oneDirection(layout, next.best.x, (at) => {
      layout.upper[at] = 0;
    });
    if (start === undefined)
      return next.merit <= separated.merit
        ? next
        : { ...next, ...separated, model: modelAround(layout, separated.best) };
    const best = evaluate(layout, start, newBench(layout));
    const merit = meritOf(layout, best, prices);
    if (merit < separated.merit) separated = { best, merit };
    next = again(next, { start, solver, maxRounds: turn < APART_TURNS ? layout.options.maxRounds : 0 });
  }
}

/** A search from these decisions under the bars of now; without rounds it only evaluates them. */
function again(
  found: Optimised,
  { start, solver, maxRounds }: Pick<Descent, 'start' | 'solver' | 'maxRounds'>,
): Optimised {
  const { layout, prices, nothing } = found;
  const whole = { prices, programme: COLD };
  const next = {
    ...found,
    ...descend({ layout, nothing, start, solver, scratch: new Scratch(layout), whole, patient: true, maxRounds }),
    collapse: found.collapse,
  };
  return maxRounds === 0 ? next : restored(next, solver);
}

/**
 * A search that ends with a limit broken does not prove that the problem cannot be solved. If curtailing the sun keeps all limits, the
 * result is approached from there as far as they stay kept; otherwise the violations alone are brought down first. The search goes on from
 * decisions that keep all limits.
 */
function restored(found: Optimised, solver: LpSolver): Optimised {
  const { layout, prices, nothing } = found;
  const broken = (one: Evaluation): boolean => violationEur(layout, one, prices) > 0;
  if (!broken(found.best)) return found;
  const known = evaluate(layout, curtailed(layout), newBench(layout));
  const whole = { prices, programme: COLD };
  const count = { rounds: found.rounds, programmes: found.programmes, iterations: found.iterations };
  const onward = (from: Float64Array, healing: boolean): Descended => {
    const next = descend({
      layout,
      nothing,
      start: from,
      solver,
      scratch: new Scratch(layout),
      whole,
      healing,
      patient: true,
      ...roundsOnward(layout, healing),
    });
    count.rounds += next.rounds;
    count.programmes += next.programmes;
    count.iterations += next.iterations;
    return next;
  };
  let safe = known;
  if (!known.converged || broken(known)) {
    const violation = (one: Evaluation): number => violationEur(layout, one, prices);
    // A large search has not begun yet, so it starts from whatever is nearer to the limits.
    const nearer = isLarge(layout) && known.converged && violation(known) < violation(found.best);
    const healed = onward((nearer ? known : found.best).x, true);
    if (broken(healed.best)) {
      const merit = meritOf(layout, healed.best, prices);
      return merit < found.merit ? { ...healed, merit, ...count } : { ...found, ...count };
    }
    safe = healed.best;
  }
  const near = towards(layout, safe, found.best.x, prices);
  let better = onward(near, false);
  if (broken(better.best)) {
    const from = evaluate(layout, better.feasibleX ?? near, newBench(layout));
    const best = evaluate(layout, towards(layout, from, better.best.x, prices), newBench(layout));
    better = { ...better, best, merit: meritOf(layout, best, prices), model: modelAround(layout, best) };
  }
  return { ...better, ...count };
}

/**
 * For a problem in which doing nothing has no power flow: plans for the largest share of the loads that has one, which relieves the
 * network, and from that plan for a larger share, until all of the loads have one or the share no longer grows. Throws LS-OPT-002 if not
 * even a network without its loads has one.
 */
function climb(problem: DispatchProblem, nothing: Evaluation, solver: LpSolver): Optimised {
  let start = buildLayout(problem).start;
  let found: Optimised | undefined;
  for (let turn = 0; turn < CLIMBS; turn++) {
    const { shares, collapse } = sharesThatSolve(problem, start);
    if (
      collapse?.share === 0 ||
      (found?.collapse !== undefined && collapse !== undefined && collapse.share <= found.collapse.share)
    )
      break;
    const layout = buildLayout(withShares(problem, shares));
    found = { ...search({ layout, nothing, start, solver }), collapse };
    if (collapse === undefined) return found;
    start = found.best.x;
  }
  if (found === undefined)
    throw new LoadstoneError('LS-OPT-002', `the power flow of ${problem.id} does not converge, even without loads`);
  return found;
}

/**
 * With stepped devices, searches first as if they stood between positions too, then at the best whole positions around that result with all
 * else searched again, and once more while that helps. If that ends worse than doing nothing, the devices stay at their present positions
 * and only the rest is searched.
 */
function search(asked: Omit<Descent, 'scratch'>): Optimised {
  const { layout, start } = asked;
  const scratch = new Scratch(layout);
  const descent = { ...asked, scratch };
  if (!layout.controls.some(({ role }) => isWhole(role))) return descend(descent);
  const relaxed = descend({
    ...descent,
    maxRounds: Math.ceil(RELAXED_SHARE * layout.options.maxRounds),
    maxIterations: RELAXED_SHARE * layout.options.maxIterations,
  });
  const { prices } = relaxed;
  const count = { rounds: relaxed.rounds, programmes: relaxed.programmes, iterations: relaxed.iterations };
  const under = (from: Float64Array, programme: Programme, maxRounds: number): Descended => {
    const found = descend({
      ...descent,
      earlier: undefined,
      start: from,
      maxRounds,
      maxIterations: layout.options.maxIterations - count.iterations,
      whole: { prices, programme },
    });
    count.rounds += found.rounds;
    count.programmes += found.programmes;
    count.iterations += found.iterations;
    return found;
  };
  let { programme } = relaxed;
  let best: Descended | undefined;
  const healing = healingPrices(prices);
  let from = wholePositions(layout, relaxed.best, healing);
  scratch.give(relaxed);
  const bench = scratch.bench();
  if (!evaluate(layout, from, bench).converged) from = start;
  scratch.give({ bench });
  for (let turn = 0; turn < WHOLE_TURNS; turn++) {
    const found = under(from, programme, Math.max(LEAST_ROUNDS, layout.options.maxRounds - count.rounds));
    programme = found.programme;
    if (best !== undefined && found.merit >= best.merit) break;
    if (best !== undefined) scratch.give(best);
    best = found;
    from = wholePositions(layout, best.best, prices);
    if (samePositions(layout, from, best.best.x)) break;
  }
  if (best === undefined || best.merit > best.nothingMerit) best = under(start, COLD, layout.options.maxRounds);
  return { ...best, ...count };
}
