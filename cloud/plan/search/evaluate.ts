import { createWorkspace, solveRadial, type RadialOptions, type RadialWorkspace } from '../../../shared/grid/radial.ts';
import { flowInto, importOf, type Solved } from '../problem/ac.ts';
import { billOf, tradeEur, type Bill, type Traded } from './bill.ts';
import { pointMw, pointViolation } from '../problem/connection-point.ts';
import { isActive, isWhole, type Layout, type Scenario } from '../problem/layout.ts';
import { levelAt } from '../problem/positions.ts';
import type { SteppedDevice } from '../problem/problem.ts';

/** Prices of a violation, EUR per unit and hour: above all else that the plan could pay. */
export interface ViolationPrices {
  /** Per percent of nominal voltage, per percent of a branch's rating, per MW at the source and at a connection point. */
  readonly voltage: number;
  readonly flow: number;
  readonly source: number;
  readonly point: number;
}

/** At a corner of the forecast a violation is dear, at its middle it is dearer. */
export const CORNER_SHARE = 0.3;

/** Worst violation of each kind in one state. */
export interface StepViolation {
  voltagePct: number;
  flowPct: number;
  sourceMw: number;
  /** At the meter of a connection point. */
  pointMw: number;
}

export const HELD: Readonly<StepViolation> = { voltagePct: 0, flowPct: 0, sourceMw: 0, pointMw: 0 };

/** What decisions come to, by power flows or by the model around one. */
export interface Expected extends Traded {
  /** [scenario][step] */
  readonly violations: readonly (readonly StepViolation[])[];
}

/** A vector of decisions with the power flow behind it, for each scenario and step. */
export interface Evaluation extends Expected, Bill {
  readonly x: Float64Array;
  readonly converged: boolean;
  /** [scenario][step] */
  readonly solved: readonly (readonly Solved[])[];
}

/** Where power flows are kept: one evaluation at a time. */
export type Bench = readonly (readonly RadialWorkspace[])[];

export const newBench = (layout: Layout): Bench =>
  layout.scenarios.map(() => Array.from({ length: layout.steps }, () => createWorkspace(layout.grid)));

/** What a power flow is made of. */
interface Injections {
  readonly activePowerKw: Float64Array;
  readonly reactivePowerKvar: Float64Array;
  readonly capacitorKvar: Float64Array | undefined;
  readonly sourceVoltagePu: number;
}

/** Consumption and capacitors at each bus, and the source, in one scenario under the decisions. */
export function injections(layout: Layout, x: Float64Array, scenario: Scenario, step: number): Injections {
  const { problem, grid, controls, nodes } = layout;
  const buses = grid.busIds.length;
  const loads = problem.loads[scenario] ?? problem.loads.mid;
  const activePowerKw = loads.activePowerKw.slice(step * buses, (step + 1) * buses);
  const reactivePowerKvar = loads.reactivePowerKvar.slice(step * buses, (step + 1) * buses);
  let sourceVoltagePu = problem.sourceVoltagePu;
  let capacitorKvar: Float64Array | undefined;
  for (let index = 0; index < controls.length; index++) {
    const control = controls[index]!;
    const value = x[step * controls.length + index]!;
    if (isWhole(control.role)) {
      const level = levelAt(problem.devices[control.device] as SteppedDevice, value);
      if (control.role === 'source') sourceVoltagePu = level;
      else {
        capacitorKvar ??= new Float64Array(buses);
        capacitorKvar[grid.nodeBus[nodes[control.input % nodes.length]!]!]! += level;
      }
      continue;
    }
    const share = scenarioShare(layout, { x, scenario, step, control: index });
    if (share === 0 && !isClipped(layout, { scenario, step, control: index, x })) continue;
    const bus = grid.nodeBus[nodes[control.input % nodes.length]!]!;
    const target = isActive(control.role) ? activePowerKw : reactivePowerKvar;
    target[bus]! += control.sign * 1000 * (share === 0 ? availableLow(layout, control.device, step) : value);
  }
  return { activePowerKw, reactivePowerKvar, capacitorKvar, sourceVoltagePu };
}

interface At {
  readonly x: Float64Array;
  readonly scenario: Scenario;
  readonly step: number;
  readonly control: number;
}

/** MW that the sun gives at least. */
function availableLow(layout: Layout, device: number, step: number): number {
  const item = layout.problem.devices[device]!;
  return item.kind === 'pv' ? (item.availableLowKw?.[step] ?? item.availableKw[step]!) / 1000 : 0;
}

const isClipped = (layout: Layout, { scenario, control }: At): boolean =>
  scenario === 'low' && layout.controls[control]!.role === 'limit';

/**
 * How a control counts in a scenario: 1 as it is, 0 not at all. Where the sun is high a plant feeds in up to its limit; where it is
 * low, what the sun gives, unless the limit is lower still.
 */
export function scenarioShare(layout: Layout, { x, scenario, step, control }: At): 0 | 1 {
  const { role, device } = layout.controls[control]!;
  if (role === 'feed-in') return scenario === 'mid' ? 1 : 0;
  if (role !== 'limit') return 1;
  if (scenario === 'mid') return 0;
  if (scenario === 'high') return 1;
  return x[step * layout.controls.length + control]! < availableLow(layout, device, step) ? 1 : 0;
}

/** Far below what a violation is judged by (1e-4 pu); and where it is only asked whether one is there (2e-5 pu). */
export const TOLERANCE_PU = 1e-9;
export const ASKED_TOLERANCE_PU = 1e-7;

interface StepFlow {
  readonly converged: boolean;
  readonly violation: StepViolation;
  readonly importMw: number;
  readonly lossMw: number;
}

/** The power flow of one scenario and step. */
function solveStep(
  layout: Layout,
  x: Float64Array,
  { scenario, step }: { readonly scenario: Scenario; readonly step: number },
  { workspace, ...options }: { readonly workspace: RadialWorkspace } & Pick<RadialOptions, 'tolerancePu' | 'stateOnly'>,
): StepFlow {
  const input = injections(layout, x, scenario, step);
  const { converged } = solveRadial(layout.grid, input, workspace, { warmStart: true, ...options });
  const solved = { grid: layout.grid, workspace };
  const importMw = importOf(solved).mw;
  let consumed = 0;
  const { activePowerKw } = input;
  for (let bus = 0; bus < activePowerKw.length; bus++) consumed += activePowerKw[bus]! / 1000;
  return {
    converged,
    violation: violationOf(layout, solved, { x, scenario, step }),
    importMw,
    lossMw: importMw - consumed,
  };
}

/** Solves the power flow of each scenario and step, and says what it costs and where it breaks limits. */
export function evaluate(layout: Layout, x: Float64Array, bench: Bench): Evaluation {
  const { steps } = layout;
  const importMw = new Float64Array(steps);
  const lossMw = new Float64Array(steps);
  const violations: StepViolation[][] = [];
  let converged = true;
  for (const [index, scenario] of layout.scenarios.entries()) {
    const row: StepViolation[] = [];
    for (let step = 0; step < steps; step++) {
      const flow = solveStep(
        layout,
        x,
        { scenario, step },
        { workspace: bench[index]![step]!, tolerancePu: TOLERANCE_PU },
      );
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

/** Limits of one node's voltage, pu, with the room that is kept. Sources have none. */
export const voltageBand = ({ bandLow, bandHigh }: Layout, node: number): readonly [number, number] => [
  bandLow[node]!,
  bandHigh[node]!,
];

/** Rating of the branch that feeds a node, MVA; Infinity where there is none. */
export const ratingMva = ({ ratings }: Layout, node: number): number => ratings[node]!;

/** Limits at the source in one scenario and step, MW as magnitudes, with the relief of the joint quantile. */
export function sourceLimits(layout: Layout, scenario: Scenario, step: number): readonly [number, number] {
  const { limits } = layout.problem;
  const relief = (kw: readonly number[] | undefined): number => (kw?.[step] ?? 0) / 1000;
  return [
    limits.importKw[step]! / 1000 + (scenario === 'low' ? relief(limits.importReliefKw) : 0),
    limits.exportKw[step]! / 1000 + (scenario === 'high' ? relief(limits.exportReliefKw) : 0),
  ];
}

const flow = new Float64Array(2);

function violationOf(
  layout: Layout,
  solved: Solved,
  { x, scenario, step }: Pick<At, 'x' | 'scenario' | 'step'>,
): StepViolation {
  const { grid, bandLow, bandHigh, ratings } = layout;
  const { vRe, vIm } = solved.workspace;
  let voltagePct = 0;
  let flowPct = 0;
  for (let node = grid.sourceCount; node < grid.parent.length; node++) {
    const vm = Math.sqrt(vRe[node]! ** 2 + vIm[node]! ** 2);
    voltagePct = Math.max(voltagePct, 100 * (bandLow[node]! - vm), 100 * (vm - bandHigh[node]!));
    const rated = ratings[node]!;
    if (rated === Infinity) continue;
    flowInto(solved, node, 'near', flow);
    const near = flow[0]! * flow[0]! + flow[1]! * flow[1]!;
    flowInto(solved, node, 'far', flow);
    const far = flow[0]! * flow[0]! + flow[1]! * flow[1]!;
    flowPct = Math.max(flowPct, (100 * Math.sqrt(Math.max(near, far))) / rated - 100);
  }
  const [importMw, exportMw] = sourceLimits(layout, scenario, step);
  const { mw } = importOf(solved);
  const sourceMw = Math.max(0, mw - importMw, -mw - exportMw);
  let over = 0;
  for (let point = 0; point < layout.points.length; point++) {
    const at = { scenario, step, point };
    over = Math.max(over, pointViolation(layout, pointMw(layout, x, at), at));
  }
  return { voltagePct, flowPct, sourceMw, pointMw: over };
}

/** Violations up to here are the arithmetic's: far below what counts as broken. */
export const HELD_UP_TO: Readonly<StepViolation> = { voltagePct: 2e-3, flowPct: 1e-2, sourceMw: 2e-4, pointMw: 2e-5 };
const beyond = (value: number, free: number): number => (value <= free ? 0 : value);

/** Price of all violations, EUR. */
export function violationEur(
  layout: Layout,
  { violations }: Pick<Expected, 'violations'>,
  prices: ViolationPrices,
): number {
  let sum = 0;
  for (let step = 0; step < layout.steps; step++) {
    const each = violations.map((row) => row[step]!);
    sum += stepViolationEur(layout, step, each, prices);
  }
  return sum;
}

/** `each`: of one step, by scenario. */
function stepViolationEur(
  layout: Layout,
  step: number,
  each: readonly StepViolation[],
  prices: ViolationPrices,
): number {
  let sum = 0;
  for (const group of ['mid', 'corner'] as const) {
    const worst: StepViolation = { ...HELD };
    for (const [index, scenario] of layout.scenarios.entries()) {
      if ((scenario === 'mid') !== (group === 'mid')) continue;
      const one = each[index]!;
      worst.voltagePct = Math.max(worst.voltagePct, one.voltagePct);
      worst.flowPct = Math.max(worst.flowPct, one.flowPct);
      worst.sourceMw = Math.max(worst.sourceMw, one.sourceMw);
      worst.pointMw = Math.max(worst.pointMw, one.pointMw);
    }
    sum +=
      (group === 'mid' ? 1 : CORNER_SHARE) *
      layout.hours[step]! *
      (beyond(worst.voltagePct, HELD_UP_TO.voltagePct) * prices.voltage +
        beyond(worst.flowPct, HELD_UP_TO.flowPct) * prices.flow +
        beyond(worst.sourceMw, HELD_UP_TO.sourceMw) * prices.source +
        beyond(worst.pointMw, HELD_UP_TO.pointMw) * prices.point);
  }
  return sum;
}

/** What one step comes to under decisions, EUR: what devices cost in themselves is left out. */
export interface StepWorth {
  /** Energy, losses, and import above the peak that stands anyway. */
  readonly costEur: number;
  readonly violationEur: number;
}

/** `spare`: a workspace for each scenario. A step without a power flow costs Infinity. */
export function stepWorth(
  layout: Layout,
  x: Float64Array,
  step: number,
  { prices, spare, peakMw }: { prices: ViolationPrices; spare: readonly RadialWorkspace[]; peakMw: number },
): StepWorth {
  const options = { tolerancePu: ASKED_TOLERANCE_PU, stateOnly: true };
  const flows = layout.scenarios.map((scenario, index) =>
    solveStep(layout, x, { scenario, step }, { workspace: spare[index]!, ...options }),
  );
  if (flows.some(({ converged }) => !converged)) return { costEur: Infinity, violationEur: Infinity };
  const { importMw, lossMw } = flows[0]!;
  const { lossesEurPerMwh, peakEurPerKw } = layout.problem.prices;
  return {
    costEur:
      tradeEur(layout, step, importMw) +
      lossesEurPerMwh * lossMw * layout.hours[step]! +
      peakEurPerKw * 1000 * Math.max(0, importMw - peakMw),
    violationEur: stepViolationEur(
      layout,
      step,
      flows.map(({ violation }) => violation),
      prices,
    ),
  };
}

/** What the trust region weighs: cost and violations together. No power flow, no merit. */
export const meritOf = (layout: Layout, evaluation: Evaluation, prices: ViolationPrices): number =>
  evaluation.converged ? evaluation.costEur + violationEur(layout, evaluation, prices) : Infinity;
