import { deviceFacts, type DeviceFact } from '../problem/device-facts.ts';
import type { LimitRow } from '../search/constraints/constraint.ts';
import { constraintOf, constraints } from '../search/constraints/table.ts';
import { violationEur, type StepViolation } from '../search/evaluate.ts';
import type { LpBasis, LpProblem, LpResult, LpSolver } from '../problem/lp.ts';
import { inspect } from '../search/inspect.ts';
import { isLimit, writeRow, type LossRow, type NetworkRow } from '../search/network-rows.ts';
import type { Optimised } from '../search/optimised.ts';

/** One constraint of a conflict: a limit of the network, or what a device cannot do in a span of steps (inclusive). */
export type ConflictMember =
  | { readonly kind: 'limit'; readonly row: LimitRow }
  | { readonly kind: 'device'; readonly fact: DeviceFact; readonly fromStep: number; readonly toStep: number };

export interface FoundConflict {
  readonly members: readonly ConflictMember[];
  /** Whether each member was found to be needed; otherwise the solves ran out, or the solver failed, before that. */
  readonly isMinimal: boolean;
}

/** Most steps that are looked at alone, worst first, before all of them together. */
const ALONE = 3;
/** Most turns of adding rows that the solution breaks. */
const TURNS = 20;
/** Most solves in all, about twice those of a plan's search: other plans wait for the same thread. */
const MOST_SOLVES = 120;
/** A solve counts once for each of so many simplex iterations, at least once. */
const ITERATIONS = 200;
/** Elastic slack, percent of voltage by the constraints' weights, above which nothing fits. */
const BROKEN = 1e-3;
/** Multipliers up to here are numerical error. */
const NO_DUAL = 1e-9;
const EVERY_TANGENT = 1e9;

/**
 * A smallest set of constraints that cannot hold together near a plan that passes limits: an irreducible infeasible subset of the problem
 * linearised there, so no proof that no plan keeps them. The multipliers of an elastic programme (slack on the network's limits, which alone is priced) name an infeasible
 * set, and a deletion filter tries each of its members (Chinneck and Dravnieks, ORSA J. Computing 3, 1991; multipliers as a start: Gleeson
 * and Ryan, 1990). Without any one of its members the rest can hold, unless the solves run out first. Looks at the worst steps one by one,
 * then at all together; first at the median of the forecast, then with the room for its errors. Undefined if the model knows of no
 * conflict, or none is found within the solves.
 */
export function conflictOf(
  optimised: Optimised,
  solver: LpSolver,
  mostSolves = MOST_SOLVES,
): FoundConflict | undefined {
  if (violationEur(optimised.layout, optimised.best, optimised.prices) === 0) return undefined;
  const worst = worstSteps(optimised);
  const facts = new Map(deviceFacts(optimised.layout).map((fact) => [keyOfFact(fact), fact]));
  const solves = { left: mostSolves };
  const spans = [...worst.slice(0, ALONE).map((step) => new Set([step])), new Set(optimised.layout.hours.keys())];
  for (const atMedian of brokenAtMedian(optimised) ? [true, false] : [false])
    for (const steps of spans) {
      const rows = seedRows(optimised).filter((row) => steps.has(row.step) && (!atMedian || isAtMedian(row)));
      const search: Search = { optimised, facts, solver, solves, steps, atMedian, rows, basis: undefined };
      const proof = proofFor(search, (key, step) => facts.has(key) || steps.has(step));
      if (isProof(proof)) return minimised(search, proof);
    }
  return undefined;
}

const isAtMedian = (row: Row): boolean => !isLimit(row) || row.scenario === 0;

const brokenAtMedian = ({ layout: { hours }, best }: Optimised): boolean =>
  [...hours.keys()].some((step) => isBroken(best.violations[0]![step]!));

const isBroken = (found: StepViolation): boolean =>
  constraints.some(({ kind, slack }) => found[kind]!.some((by) => by > slack.heldUpTo));

/** Rows that bind in the plan are the likeliest to conflict. */
const seedRows = ({ binding }: Optimised): Row[] => binding.map(({ row }) => row).filter(isRow);

/** Whether the linearised problem can hold these constraints alone. */
export function canHold(optimised: Optimised, members: readonly ConflictMember[], solver: LpSolver): boolean {
  const facts = new Map(deviceFacts(optimised.layout).map((fact) => [keyOfFact(fact), fact]));
  const keys = new Set(members.map((one) => (one.kind === 'limit' ? keyOfRow(one.row) : keyOfFact(one.fact))));
  const steps = new Set(optimised.layout.hours.keys());
  const solves = { left: Infinity };
  const search: Search = { optimised, facts, solver, solves, steps, atMedian: false, rows: [], basis: undefined };
  return proofFor(search, (key) => keys.has(key)) === 'holds';
}

/** Steps with a violation: those at the median first, then the dearest. */
function worstSteps({ layout, best, prices }: Optimised): number[] {
  const eur = (found: StepViolation): number =>
    constraints.reduce((sum, { kind }) => found[kind]!.reduce((eur, by) => eur + by * prices[kind]!, sum), 0);
  return Array.from(layout.hours, (_, step) => {
    const [median, ...corners] = best.violations.map((row) => eur(row[step]!));
    return { step, median: median!, most: Math.max(median!, ...corners) };
  })
    .filter(({ most }) => most > 0)
    .sort((a, b) => b.median - a.median || b.most - a.most || a.step - b.step)
    .map(({ step }) => step);
}

interface Search {
  readonly optimised: Optimised;
  readonly facts: ReadonlyMap<string, DeviceFact>;
  readonly solver: LpSolver;
  /** Shared by all searches for one conflict. */
  readonly solves: { left: number };
  /** Steps whose limits take part. */
  readonly steps: ReadonlySet<number>;
  /** Whether only limits at the median of the forecast take part. */
  readonly atMedian: boolean;
  /** Rows of the network that some solution broke; each solution's basis fits the next programme. */
  readonly rows: Row[];
  basis: LpBasis | undefined;
}

type Row = Exclude<NetworkRow, LossRow>;

const isRow = (row: NetworkRow): row is Row => row.kind !== 'loss';

/** Which constraints take part, by key and the step of their row. */
type TakesPart = (key: string, step: number) => boolean;

/** Why a set of constraints cannot hold: the constraints that prove it, each with its steps. */
type Proof = ReadonlyMap<string, { readonly row: LimitRow | undefined; readonly steps: number[] }>;

const keyOfFact = ({ device, kind }: DeviceFact): string => `device ${device} ${kind}`;

/** One key for one limit: both ends of a branch and all tangents of its rating share it. */
function keyOfRow(row: Row): string {
  if (isLimit(row)) return `${row.kind} ${row.scenario} ${row.step} ${constraintOf(row).place(row)}`;
  return `device ${row.device} ${row.kind === 'capability' ? 'inverter' : 'energy'}`;
}

/** Identifies a row as it is written: each tangent of a rating and each set of steps has a row of its own. */
function nameOfRow(row: Row): string {
  const key = keyOfRow(row);
  if (isLimit(row)) return `${key} ${constraintOf(row).tangent?.(row) ?? ''}`;
  return row.kind === 'capability'
    ? `${key} ${row.step} ${row.cos.toFixed(6)} ${row.sin.toFixed(6)}`
    : `${key} ${row.side} ${row.steps.join('')}`;
}

type Verdict = Proof | 'holds' | 'unknown';

const isProof = (verdict: Verdict): verdict is Proof => typeof verdict !== 'string';

/** Solves the elastic programme of the included constraints, with all rows that its solutions break: whether all can hold, or why not. */
function proofFor(search: Search, takesPart: TakesPart): Verdict {
  const { optimised, solver, rows } = search;
  const { layout, model, best } = optimised;
  for (let turn = 0; turn <= TURNS && search.solves.left > 0; turn++) {
    const result = solver.solve(phaseOne(search, takesPart), search.basis);
    search.solves.left -= Math.max(1, result.iterations / ITERATIONS);
    if (result.status !== 'optimal') return 'unknown';
    search.basis = result.basis;
    if (result.objective > BROKEN) return proofOf(search, result);
    const proposal = {
      x: result.x.slice(0, best.x.length),
      losses: best.lossMw,
      all: result.x,
      lossTolerance: EVERY_TANGENT,
      every: true,
      steps: search.steps,
    };
    const known = new Set(rows.map(nameOfRow));
    const missing = inspect(layout, model, proposal)
      .rows.filter(isRow)
      .filter((row) => !search.atMedian || isAtMedian(row))
      .filter((row) => takesPart(keyOfRow(row), row.step) && !known.has(nameOfRow(row)));
    if (missing.length === 0) return 'holds';
    for (const row of missing) rows.push(row);
  }
  return 'unknown';
}

/** The programme with prices on slack only, without the rows and bounds that are left out. */
function phaseOne({ optimised, facts, rows }: Search, takesPart: TakesPart): LpProblem {
  const { layout, model } = optimised;
  const { builder } = layout;
  builder.truncate(layout.staticRows);
  for (const row of rows) writeRow(layout, model, row);
  const problem = builder.pack();
  problem.cost.fill(0);
  problem.lower.set(layout.lower);
  problem.upper.set(layout.upper);
  for (const [at, row] of rows.entries()) {
    if (takesPart(keyOfRow(row), row.step)) continue;
    problem.rowLower[layout.staticRows + at] = -Infinity;
    problem.rowUpper[layout.staticRows + at] = Infinity;
  }
  for (const [key, { bounds }] of facts)
    for (const { column, side, step } of bounds)
      if (!takesPart(key, step)) problem[side][column] = side === 'lower' ? -Infinity : Infinity;
  // Energy that no session can take would be a way out that does not exist.
  for (const { missing } of layout.devices) if (missing !== undefined) problem.upper[missing.untaken] = 0;
  for (const { slack } of layout.step)
    for (const { kind, slack: own } of constraints)
      for (const columns of slack[kind]!)
        for (const column of [columns.mid, columns.corner]) problem.cost[column] = own.weight;
  return problem;
}

const bears = (dual: number, side: 'lower' | 'upper'): boolean => (side === 'lower' ? dual > NO_DUAL : dual < -NO_DUAL);

/** The constraints with a multiplier, on a row or on a bound. */
function proofOf({ facts, rows, optimised: { layout } }: Search, { rowDual, columnDual }: LpResult): Proof {
  const proof = new Map<string, { row: LimitRow | undefined; steps: number[] }>();
  const add = (key: string, row: LimitRow | undefined, step: number): void => {
    const known = proof.get(key);
    if (known === undefined) proof.set(key, { row, steps: [step] });
    else known.steps.push(step);
  };
  for (const [at, row] of rows.entries())
    if (Math.abs(rowDual[layout.staticRows + at]!) > NO_DUAL)
      add(keyOfRow(row), isLimit(row) ? row : undefined, row.step);
  for (const [key, { bounds }] of facts)
    for (const { column, side, step } of bounds) if (bears(columnDual[column]!, side)) add(key, undefined, step);
  return proof;
}

/** Deletion filter: drops each member without which the others still cannot hold, and with it all that the new proof does not need. */
function minimised(search: Search, first: Proof): FoundConflict {
  let proof = first;
  const needed = new Set<string>();
  for (const key of first.keys()) {
    if (!proof.has(key)) continue;
    const rest = proof;
    const without = proofFor(search, (one) => one !== key && rest.has(one));
    if (isProof(without)) proof = without;
    else if (without === 'holds') needed.add(key);
  }
  return { members: membersOf(search, proof), isMinimal: [...proof.keys()].every((key) => needed.has(key)) };
}

function membersOf({ facts }: Search, proof: Proof): ConflictMember[] {
  return [...proof].map(([key, { row, steps }]): ConflictMember =>
    row === undefined
      ? { kind: 'device', fact: facts.get(key)!, fromStep: Math.min(...steps), toStep: Math.max(...steps) }
      : { kind: 'limit', row },
  );
}
