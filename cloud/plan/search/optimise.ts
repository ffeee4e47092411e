import { LoadstoneError } from '../../../shared/outcome/outcome.ts';
import {
  evaluate,
  keptSteps,
  meritOf,
  newBench,
  violationEur,
  type Bench,
  type Evaluation,
  type ViolationPrices,
} from './evaluate.ts';
import { sharesThatSolve, withShares, type Collapse } from './collapse.ts';
import { buildLayout } from './build-layout.ts';
import { freed } from './freed.ts';
import { isLarge, isWhole, type Layout } from '../problem/layout.ts';
import { onSteps, type Decisions } from './decisions.ts';
import type { LpSolver } from '../problem/lp.ts';
import { modelAround, stepModel, type NetworkModel } from './model.ts';
import { nearestOfEqual } from './nearest.ts';
import type { DispatchProblem } from '../problem/problem.ts';
import { healingPrices, violationPrices } from './programme-prices.ts';
import {
  bindingOf,
  COLD,
  energyPrices,
  purged,
  solveAround,
  type BindingRow,
  type Programme,
  type Round,
  type RoundOptions,
} from './round.ts';
import { oneWay } from './one-way.ts';
import { curtailed, towards } from './restore.ts';
import { Scratch } from './scratch.ts';
import { samePositions, wholePositions } from './whole-positions.ts';

/** Smallest share of a control's range that the trust region shrinks to. */
const LEAST_TRUST = 1e-4;
/** Around an earlier plan the trust region starts with this share. */
const EARLIER_TRUST = 0.25;
/** Losses are refined as the rounds come nearer. */
const LOSS_TOLERANCES = [0.1, 0.03, 0.01, 0.003] as const;
const VIOLATION_PART = 0.3;
/** Of the rounds, those in which positions need not be whole; and the least for what is then sought under whole ones. */
const RELAXED_SHARE = 0.4;
const LEAST_ROUNDS = 1;
/** Under whole positions the search is near its end: losses are refined at once. */
const WHOLE_NEARER = 2;
const WHOLE_TURNS = 2;
/** Rounds that a large problem gets once all limits are kept. */
const LARGE_ROUNDS = 5;
/** And those that it gets to keep them: programmes are small where little has to move. */
const HEALING_ROUNDS = 40;
/** Searches with further ways barred; after them what is decided is only told apart. */
const APART_TURNS = 3;
/** Plans for growing shares of the loads where doing nothing has no power flow. */
const CLIMBS = 4;

export interface Optimised {
  readonly layout: Layout;
  readonly prices: ViolationPrices;
  readonly best: Evaluation;
  readonly nothing: Evaluation;
  readonly merit: number;
  readonly nothingMerit: number;
  /** Around the best point, with the rows that bind there. */
  readonly model: NetworkModel;
  readonly binding: readonly BindingRow[];
  /** What one MWh more of consumption at the source costs per step, EUR; absent where the solver failed. */
  readonly energyEurPerMwh: Float64Array | undefined;
  /** Set where no decision was found that has a power flow at all of the loads: then the plan is for the share of them that has. */
  readonly collapse: Collapse | undefined;
  readonly rounds: number;
  readonly programmes: number;
  readonly iterations: number;
}

/**
 * Successive linear programmes around the AC power flow, with losses to second order by tangents, network rows added when the model
 * says that they are broken, and a trust region on the merit of cost and violations. Held by counts, never by time: the same
 * problem with the same earlier plan gives the same answer, whatever the solver solved before. Starts from doing nothing, or from the
 * earlier plan, which takes fewer rounds, and never answers with what is worse by merit than doing nothing.
 */
export function optimise(problem: DispatchProblem, solver: LpSolver, earlier?: Decisions): Optimised {
  const layout = buildLayout(problem);
  const nothing = evaluate(layout, layout.start, newBench(layout));
  const start = startOf(layout, nothing);
  if (start === undefined) return climb(problem, nothing, solver);
  const inForce = earlier && onSteps(layout, earlier);
  // From far outside of the limits a large programme has more rows than it is worth: the way back within comes first.
  const isFar =
    isLarge(layout) && inForce === undefined && violationEur(layout, nothing, pricesAt(layout, nothing)) > 0;
  const searched = search({ layout, nothing, start, solver, earlier: inForce, ...(isFar ? { maxRounds: 0 } : {}) });
  const found = apart(kept(searched, solver), solver);
  const near = inForce === undefined ? found : { ...found, ...nearestOfEqual(found, inForce, solver) };
  const free = freed(near);
  return free === undefined ? near : { ...near, ...free, model: modelAround(layout, free.best) };
}

/** Doing nothing, or where that has no power flow, curtailing the sun; undefined where that has none either. */
function startOf(layout: Layout, nothing: Evaluation): Float64Array | undefined {
  if (nothing.converged) return layout.start;
  const x = curtailed(layout);
  return evaluate(layout, x, newBench(layout)).converged ? x : undefined;
}

const pricesAt = (layout: Layout, at: Evaluation): ViolationPrices =>
  violationPrices(layout, stepModel(layout, at, { index: 0, step: 0 }));

/**
 * Where a storage would charge and discharge at once, the lesser way is barred in that step and the rest sought anew. Of what is told
 * apart on the way the best stays: a later search may end in what comes out worse once it is told apart too.
 */
function apart(found: Optimised, solver: LpSolver): Optimised {
  const { layout, prices, nothing } = found;
  let next = found;
  let told: Pick<Optimised, 'best' | 'merit'> = { best: found.best, merit: Infinity };
  for (let turn = 0; ; turn++) {
    const x = oneWay(layout, next.best.x, (at) => {
      layout.upper[at] = 0;
    });
    if (x === undefined)
      return next.merit <= told.merit ? next : { ...next, ...told, model: modelAround(layout, told.best) };
    const best = evaluate(layout, x, newBench(layout));
    const merit = meritOf(layout, best, prices);
    if (merit < told.merit) told = { best, merit };
    const scratch = new Scratch(layout);
    const whole = { prices, programme: COLD };
    const maxRounds = turn < APART_TURNS ? layout.options.maxRounds : 0;
    next = { ...next, ...descend({ layout, nothing, start: x, solver, scratch, whole, patient: true, maxRounds }) };
  }
}

/**
 * A search that ends with a limit broken is not yet a problem that cannot be solved. Where curtailing the sun keeps all limits, the
 * answer is approached from there as far as they stay kept; else the violations alone are brought down. From what keeps all limits
 * the search goes on.
 */
function kept(found: Optimised, solver: LpSolver): Optimised {
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
      ...(isLarge(layout) ? { maxRounds: healing ? HEALING_ROUNDS : LARGE_ROUNDS } : {}),
    });
    count.rounds += next.rounds;
    count.programmes += next.programmes;
    count.iterations += next.iterations;
    return next;
  };
  let safe = known;
  if (!known.converged || broken(known)) {
    const violation = (one: Evaluation): number => violationEur(layout, one, prices);
    // A large search has not begun yet: what is nearer to the limits is the better beginning.
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
    const from = evaluate(layout, better.keptX ?? near, newBench(layout));
    const best = evaluate(layout, towards(layout, from, better.best.x, prices), newBench(layout));
    better = { ...better, best, merit: meritOf(layout, best, prices), model: modelAround(layout, best) };
  }
  return { ...better, ...count };
}

/**
 * Where doing nothing has no power flow: plans for the largest share of the loads that has one, which relieves the network, and
 * from that plan for a larger share, until all of the loads have one or no more can be had. LS-OPT-002 where not even a network
 * without its loads has one.
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
    throw new LoadstoneError('LS-OPT-002', `no power flow converges for ${problem.id}, not even without its loads`);
  return found;
}

/**
 * Where something is stepped, first as if it stood between positions too, then at the whole positions that are best around that
 * answer, all else sought anew under them, and once more, as long as that helps. Whatever comes of it, staying where it stands and
 * seeking the rest is better than doing nothing.
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

interface Descent {
  readonly layout: Layout;
  readonly nothing: Evaluation;
  /** Decisions that have a power flow. */
  readonly start: Float64Array;
  readonly solver: LpSolver;
  readonly scratch: Scratch;
  /** Decisions of an earlier plan: near what is best now, but what devices can do has moved on. */
  readonly earlier?: Float64Array | undefined;
  readonly maxRounds?: number | undefined;
  readonly maxIterations?: number | undefined;
  /** Set where what is stepped stays at its positions: the prices of the search, and the programme that it left. */
  readonly whole?: { readonly prices: ViolationPrices; readonly programme: Programme } | undefined;
  /** Violations alone count, whatever it costs to be rid of them. */
  readonly healing?: boolean;
  /** What of a programme is still missing is no reason to trust its model less. */
  readonly patient?: boolean;
}

interface Descended extends Optimised {
  readonly programme: Programme;
  /** Where the power flows of the best are. */
  readonly bench: Bench;
  /** The last decisions on the way that kept all limits. */
  readonly keptX: Float64Array | undefined;
}

function descend({ layout, nothing, start, solver, scratch, earlier, ...options }: Descent): Descended {
  const { maxRounds = layout.options.maxRounds, maxIterations = layout.options.maxIterations } = options;
  const { whole, healing = false, patient = false } = options;
  const stays = whole !== undefined;
  let bench = scratch.bench();
  let spare = scratch.bench();
  let best = evaluate(layout, start, bench);
  const prices = whole?.prices ?? pricesAt(layout, best);
  const weigh = (one: Evaluation): number =>
    healing && one.converged ? violationEur(layout, one, prices) : meritOf(layout, one, prices);
  const nothingMerit = meritOf(layout, nothing, prices);
  const count = { rounds: 0, programmes: 0, iterations: 0 };
  let keptX: Float64Array | undefined;
  // Where all limits are kept nothing need move, until that no longer helps.
  let rests = healing;
  let state: Programme = whole?.programme ?? COLD;
  let marginals: Marginals | undefined;
  let merit = weigh(best);
  let trust = stays ? EARLIER_TRUST : 1;
  const near = earlier === undefined ? undefined : nearEarlier(layout, earlier, { solver, prices, scratch });
  if (near !== undefined) {
    count.rounds++;
    count.programmes += near.round.programmes;
    count.iterations += near.round.iterations;
    scratch.give({ bench: near.merit < merit ? bench : near.bench });
    if (near.merit < merit) {
      ({ best, merit, bench } = near);
      state = purged(layout, { rows: near.round.rows, basis: near.round.result.basis });
      marginals = marginalsOf(layout, near.round);
      trust = near.round.complete ? EARLIER_TRUST : EARLIER_TRUST / 2;
    }
  }
  let model = modelAround(layout, best, scratch.model());
  const goesOn = (): boolean =>
    maxRounds > 0 && (count.rounds === 0 || (count.rounds < maxRounds && count.iterations < maxIterations));
  while (goesOn() && trust >= LEAST_TRUST) {
    count.rounds++;
    const nearness = count.rounds + (stays ? WHOLE_NEARER : 0);
    const lossTolerance = LOSS_TOLERANCES[Math.min(nearness, LOSS_TOLERANCES.length) - 1]!;
    const resting = rests ? keptSteps(layout, best, prices) : undefined;
    const asked = { ...state, trust, solver, lossTolerance, prices, merit, stays, healing, resting };
    const round = solveAround(layout, model, asked);
    count.programmes += round.programmes;
    count.iterations += round.iterations;
    if (round.proposal === undefined) break;
    state = { rows: round.rows, basis: round.result.basis };
    const promised = merit - round.promisedMerit;
    const candidate = evaluate(layout, round.proposal.x, spare);
    const reached = weigh(candidate);
    const kept = merit - reached;
    const idle = promised < layout.options.tolerance * (healing ? merit : worth(best.costEur, merit));
    const last = (healing && reached === 0) || (round.complete && idle);
    // If no step is worth taking, the first programme around the decisions still names the obstacle.
    if (kept > 0 || last || marginals === undefined) marginals = marginalsOf(layout, round);
    if (kept > 0) {
      state = purged(layout, state);
      best = candidate;
      merit = reached;
      if (violationEur(layout, best, prices) === 0) keptX = best.x;
      [bench, spare] = [spare, bench];
      if (!round.complete && !patient) trust /= 2;
      else if (kept > 0.75 * promised) trust = Math.min(1, 2 * trust);
      else if (kept < 0.25 * promised) trust /= 2;
      model = modelAround(layout, best, model);
    } else if (rests) rests = false;
    else trust /= 4;
    if (last && (!rests || reached === 0)) break;
    if (last) rests = false;
  }
  scratch.give({ bench: spare });
  const { binding = [], energyEurPerMwh } = marginals ?? {};
  const found = { best, merit, model, bench, binding, energyEurPerMwh, programme: state, keptX, ...count };
  return { layout, prices, nothing, nothingMerit, collapse: undefined, ...found };
}

/** The binding rows and marginal prices of a solved programme. */
interface Marginals {
  readonly binding: BindingRow[];
  readonly energyEurPerMwh: Float64Array;
}

const marginalsOf = (layout: Layout, { rows, result }: Pick<Round, 'rows' | 'result'>): Marginals => ({
  binding: bindingOf(rows, result),
  energyEurPerMwh: energyPrices(layout, result),
});

/** What a saving is measured by: cost, and of violations, which are priced far above it, a part. */
const worth = (costEur: number, merit: number): number =>
  Math.max(1, Math.abs(costEur)) + VIOLATION_PART * Math.max(0, merit - costEur);

interface Near {
  readonly round: Round;
  readonly best: Evaluation;
  readonly merit: number;
  readonly bench: Bench;
}

/**
 * An earlier plan is no answer yet: levels of storages need not fit. One programme around it makes it one. Undefined where there is
 * none, or no power flow.
 */
function nearEarlier(
  layout: Layout,
  earlier: Float64Array,
  { solver, prices, scratch }: Pick<RoundOptions, 'solver' | 'prices'> & Pick<Descent, 'scratch'>,
): Near | undefined {
  const bench = scratch.bench();
  const there = evaluate(layout, earlier, bench);
  if (!there.converged) {
    scratch.give({ bench });
    return undefined;
  }
  const model = modelAround(layout, there, scratch.model());
  const around = {
    merit: meritOf(layout, there, prices),
    trust: EARLIER_TRUST,
    lossTolerance: LOSS_TOLERANCES[0],
    healing: false,
  };
  const round = solveAround(layout, model, { ...around, ...COLD, solver, prices, stays: false });
  scratch.give({ bench, model });
  if (round.proposal === undefined) return undefined;
  const own = scratch.bench();
  const best = evaluate(layout, round.proposal.x, own);
  return { round, best, merit: meritOf(layout, best, prices), bench: own };
}
