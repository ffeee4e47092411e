import { createWorkspace, solveRadial, type RadialOptions, type RadialWorkspace } from '../../../shared/grid/radial.ts';
import { importOf } from '../problem/ac.ts';
import { billOf, tradeEur, type Bill, type Traded } from './bill.ts';
import type { At, Constraint } from './constraints/constraint.ts';
import { constraints } from './constraints/table.ts';
import { injections } from './injections.ts';
import { impedanceMw } from './loads.ts';
import type { Layout } from '../problem/layout.ts';
import type { OperatingPoint } from './model.ts';
import { raisedEur, type StandingPeaks } from '../problem/peak-charges.ts';

/** Price of a violation by constraint, EUR per unit of its slack and hour: above all else that the plan could pay. */
export type ViolationPrices = Readonly<Record<string, number>>;

/** Price of a violation at a corner of the forecast, as a share of that at its middle. */
export const CORNER_SHARE = 0.3;

/** Worst violation of each constraint in one state, for each of its slacks in their unit. */
export type StepViolation = Readonly<Record<string, readonly number[]>>;

export const violationsOf = (read: (constraint: Constraint) => readonly number[]): StepViolation =>
  Object.fromEntries(constraints.map((constraint) => [constraint.kind, read(constraint)]));

/** The outcome of decisions, by power flows or by the model around one. */
export interface Expected extends Traded {
  /** [scenario][step] */
  readonly violations: readonly (readonly StepViolation[])[];
}

/** A vector of decisions with its power flow for each scenario and step. */
export interface Evaluation extends Expected, Bill, OperatingPoint {
  readonly converged: boolean;
}

/** Workspaces of power flows: they hold one evaluation at a time. */
export type Bench = readonly (readonly RadialWorkspace[])[];

export const newBench = (layout: Layout): Bench =>
  layout.scenarios.map(() => Array.from({ length: layout.steps }, () => createWorkspace(layout.grid)));

/**
 * Tolerances of a power flow: the first far below the 1e-4 pu by which a violation is judged, the second to tell whether there is one (2e-5
 * pu).
 */
export const TOLERANCE_PU = 1e-9;
export const ASKED_TOLERANCE_PU = 1e-7;

interface StepFlow {
  readonly converged: boolean;
  readonly violation: StepViolation;
  readonly importMw: number;
  readonly lossMw: number;
}

/** Solves the power flow of one scenario and step. */
function solveStep(
  layout: Layout,
  x: Float64Array,
  { scenario, step }: At,
  { workspace, ...options }: { readonly workspace: RadialWorkspace } & Pick<RadialOptions, 'tolerancePu' | 'stateOnly'>,
): StepFlow {
  const input = injections(layout, x, layout.scenarios[scenario]!, step);
  const { converged } = solveRadial(layout.grid, input, workspace, { warmStart: true, ...options });
  const solved = { grid: layout.grid, workspace };
  const importMw = importOf(solved).mw;
  let consumed = impedanceMw(solved, input.conductanceKw);
  const { activePowerKw } = input;
  for (let bus = 0; bus < activePowerKw.length; bus++) consumed += activePowerKw[bus]! / 1000;
  return {
    converged,
    violation: violationsOf((constraint) => constraint.violation(layout, { x, solved, scenario, step })),
    importMw,
    lossMw: importMw - consumed,
  };
}

/** Solves the power flow of each scenario and step, with its cost and its violations. */
export function evaluate(layout: Layout, x: Float64Array, bench: Bench): Evaluation {
  const { steps } = layout;
  const importMw = new Float64Array(steps);
  const lossMw = new Float64Array(steps);
  const violations: StepViolation[][] = [];
  let converged = true;
  for (const [index, scenario] of layout.scenarios.entries()) {
    const row: StepViolation[] = [];
    for (let step = 0; step < steps; step++) {
      const state = { scenario: index, step };
      const flow = solveStep(layout, x, state, { workspace: bench[index]![step]!, tolerancePu: TOLERANCE_PU });
      converged &&= flow.converged;
      row.push(flow.violation);
      if (scenario !== 'mid') continue;
      importMw[step] = flow.importMw;
      lossMw[step] = flow.lossMw;
    }
    violations.push(row);
  }
  return {
    x,
    converged,
    solved: bench.map((row) => row.map((workspace) => ({ grid: layout.grid, workspace }))),
    violations,
    importMw,
    lossMw,
    ...billOf(layout, x, { importMw, lossMw }),
  };
}

const beyond = (value: number, free: number): number => (value <= free ? 0 : value);

/** Price of all violations, EUR. */
export function violationEur(
  layout: Layout,
  { violations }: Pick<Expected, 'violations'>,
  prices: ViolationPrices,
): number {
  return violationsEur(layout, { violations }, prices).reduce((sum, eur) => sum + eur, 0);
}

/** Price of the violations in each step, EUR. */
export const violationsEur = (
  layout: Layout,
  { violations }: Pick<Expected, 'violations'>,
  prices: ViolationPrices,
): number[] =>
  Array.from({ length: layout.steps }, (_, step) =>
    stepViolationEur(
      layout,
      step,
      violations.map((row) => row[step]!),
      prices,
    ),
  );

/** Whether a change keeps all limits if they were kept before, by the price of violations before and after, EUR. */
export const keepsAsMuch = (beforeEur: number, afterEur: number): boolean => beforeEur > 0 || afterEur === 0;

/** Steps in which all limits are kept. */
export const feasibleSteps = (layout: Layout, expected: Expected, prices: ViolationPrices): Set<number> =>
  new Set(violationsEur(layout, expected, prices).flatMap((eur, step) => (eur === 0 ? [step] : [])));

/** `each`: violations of one step, by scenario. */
function stepViolationEur(
  layout: Layout,
  step: number,
  each: readonly StepViolation[],
  prices: ViolationPrices,
): number {
  let sum = 0;
  for (const group of ['mid', 'corner'] as const) {
    const scenarios = layout.scenarios.flatMap((scenario, index) =>
      (scenario === 'mid') === (group === 'mid') ? [index] : [],
    );
    let eur = 0;
    for (const { kind, slack } of constraints)
      for (const at of each[0]![kind]!.keys()) {
        const worst = scenarios.reduce((most, index) => Math.max(most, each[index]![kind]![at]!), 0);
        eur += beyond(worst, slack.heldUpTo) * prices[kind]!;
      }
    sum += (group === 'mid' ? 1 : CORNER_SHARE) * layout.hours[step]! * eur;
  }
  return sum;
}

/** The worth of one step under decisions, EUR, without the devices' own costs. */
export interface StepWorth {
  /** Energy, losses, and import above the peaks that stand anyway. */
  readonly costEur: number;
  readonly violationEur: number;
}

/** `spare`: a workspace for each scenario. `peaks` absent: no peak costs anything. A step without a power flow costs Infinity. */
export function stepWorth(
  layout: Layout,
  x: Float64Array,
  step: number,
  { prices, spare, peaks }: { prices: ViolationPrices; spare: readonly RadialWorkspace[]; peaks?: StandingPeaks },
): StepWorth {
  const options = { tolerancePu: ASKED_TOLERANCE_PU, stateOnly: true };
  const flows = layout.scenarios.map((_, scenario) =>
    solveStep(layout, x, { scenario, step }, { workspace: spare[scenario]!, ...options }),
  );
  if (flows.some(({ converged }) => !converged)) return { costEur: Infinity, violationEur: Infinity };
  const { importMw, lossMw } = flows[0]!;
  const { lossesEurPerMwh } = layout.problem.prices;
  return {
    costEur:
      tradeEur(layout, step, importMw) +
      lossesEurPerMwh * lossMw * layout.hours[step]! +
      raisedEur(peaks?.[step] ?? [], importMw),
    violationEur: stepViolationEur(
      layout,
      step,
      flows.map(({ violation }) => violation),
      prices,
    ),
  };
}

/** What the trust region minimises: cost and violations together; Infinity without a power flow. */
export const meritOf = (layout: Layout, evaluation: Evaluation, prices: ViolationPrices): number =>
  evaluation.converged ? evaluation.objectiveEur + violationEur(layout, evaluation, prices) : Infinity;
