import { isLarge, type Layout } from '../problem/layout.ts';
import type { LpSolver } from '../problem/lp.ts';
import {
  evaluate,
  feasibleSteps,
  meritOf,
  violationEur,
  type Bench,
  type Evaluation,
  type ViolationPrices,
} from './evaluate.ts';
import { modelAround, stepModel } from './model.ts';
import type { Optimised } from './optimised.ts';
import { violationPrices } from './programme-prices.ts';
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
import type { Scratch } from './scratch.ts';

/** Rounds of a large problem that searches on once all limits are kept. */
const LARGE_ROUNDS = 5;
/** Rounds of a large problem until they are: programmes are small where little has to move. */
const HEALING_ROUNDS = 40;
/** Smallest trust region, as a share of a control's range. */
const LEAST_TRUST = 1e-4;
/** Trust region around an earlier plan. */
const EARLIER_TRUST = 0.25;
/** Losses are refined as the rounds converge. */
const LOSS_TOLERANCES = [0.1, 0.03, 0.01, 0.003] as const;
const VIOLATION_PART = 0.3;
/** With whole positions the search is near its end, so losses are refined at once. */
const WHOLE_NEARER = 2;

/** Bound of a search that goes on from decisions; a small problem has that of its options. `healing`: only until all limits are kept. */
export const roundsOnward = (layout: Layout, healing: boolean): { readonly maxRounds?: number } =>
  isLarge(layout) ? { maxRounds: healing ? HEALING_ROUNDS : LARGE_ROUNDS } : {};

export interface Descent {
  readonly layout: Layout;
  readonly nothing: Evaluation;
  /** Decisions that have a power flow. */
  readonly start: Float64Array;
  readonly solver: LpSolver;
  readonly scratch: Scratch;
  /** Decisions of an earlier plan: close to the best now, but the devices' bounds have moved on. */
  readonly earlier?: Float64Array | undefined;
  readonly maxRounds?: number | undefined;
  readonly maxIterations?: number | undefined;
  /** Set if stepped devices stay at their positions: the prices of the search, and the programme that it left. */
  readonly whole?: { readonly prices: ViolationPrices; readonly programme: Programme } | undefined;
  /** Only violations count, whatever it costs to remove them. */
  readonly healing?: boolean;
  /** Rows that a programme still lacks are no reason to trust its model less. */
  readonly patient?: boolean;
}

export interface Descended extends Optimised {
  readonly programme: Programme;
  /** Holds the power flows of the best. */
  readonly bench: Bench;
  /** The last decisions on the way that kept all limits. */
  readonly feasibleX: Float64Array | undefined;
}

/** Solves linear programmes around the power flow, round after round, until none of them helps; see `optimise`. */
export function descend({ layout, nothing, start, solver, scratch, earlier, ...options }: Descent): Descended {
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
  let feasibleX: Float64Array | undefined;
  // Steps that keep all limits need not move, until resting no longer helps.
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
    const resting = rests ? feasibleSteps(layout, best, prices) : undefined;
    const asked = { ...state, trust, solver, lossTolerance, prices, merit, stays, healing, resting };
    const round = solveAround(layout, model, asked);
    count.programmes += round.programmes;
    count.iterations += round.iterations;
    if (round.proposal === undefined) break;
    state = { rows: round.rows, basis: round.result.basis };
    const promised = merit - round.promisedMerit;
    const candidate = evaluate(layout, round.proposal.x, spare);
    const reached = weigh(candidate);
    const reduction = merit - reached;
    const idle = promised < layout.options.tolerance * (healing ? merit : worth(best.objectiveEur, merit));
    const last = (healing && reached === 0) || (round.complete && idle);
    // If no step is worth taking, the first programme around the decisions still names the obstacle.
    if (reduction > 0 || last || marginals === undefined) marginals = marginalsOf(layout, round);
    if (reduction > 0) {
      state = purged(layout, state);
      best = candidate;
      merit = reached;
      if (violationEur(layout, best, prices) === 0) feasibleX = best.x;
      [bench, spare] = [spare, bench];
      if (!round.complete && !patient) trust /= 2;
      else if (reduction > 0.75 * promised) trust = Math.min(1, 2 * trust);
      else if (reduction < 0.25 * promised) trust /= 2;
      model = modelAround(layout, best, model);
    } else if (rests) rests = false;
    else trust /= 4;
    if (last && (!rests || reached === 0)) break;
    if (last) rests = false;
  }
  scratch.give({ bench: spare });
  const { binding = [], energyEurPerMwh } = marginals ?? {};
  const found = { best, merit, model, bench, binding, energyEurPerMwh, programme: state, feasibleX, ...count };
  return { layout, prices, nothing, nothingMerit, collapse: undefined, ...found };
}

export const pricesAt = (layout: Layout, at: Evaluation): ViolationPrices =>
  violationPrices(layout, stepModel(layout, at, { index: 0, step: 0 }));

/** The binding rows and marginal prices of a solved programme. */
interface Marginals {
  readonly binding: BindingRow[];
  readonly energyEurPerMwh: Float64Array;
}

const marginalsOf = (layout: Layout, { rows, result }: Pick<Round, 'rows' | 'result'>): Marginals => ({
  binding: bindingOf(rows, result),
  energyEurPerMwh: energyPrices(layout, result),
});

/** The scale of a saving: the cost, and a part of the violations, which are priced far above it. */
const worth = (objectiveEur: number, merit: number): number =>
  Math.max(1, Math.abs(objectiveEur)) + VIOLATION_PART * Math.max(0, merit - objectiveEur);

interface Near {
  readonly round: Round;
  readonly best: Evaluation;
  readonly merit: number;
  readonly bench: Bench;
}

/**
 * An earlier plan is no solution yet, because levels of storages need not fit; one programme around it makes it one. Undefined if there is
 * no solution or no power flow.
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
