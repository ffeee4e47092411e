import { flowOf, importOf, type BranchEnd, type Flow, type Solved } from '../problem/ac.ts';
import type { Traded } from './bill.ts';
import { scenarioShare } from './injections.ts';
import { impedanceGradient, loadsOf } from './loads.ts';
import { isActive, isWhole, type Layout, type Scenario } from '../problem/layout.ts';
import {
  combined,
  flowWeights,
  gradientOf,
  importGradient,
  linearise,
  noWeights,
  type Linearisation,
  type StateChange,
} from './linearise.ts';
import { slopeAt } from '../problem/positions.ts';
import type { SteppedDevice } from '../problem/problem.ts';

/** The network around one power flow: values, and derivatives with respect to each control of the step. */
export interface StepModel {
  readonly scenario: Scenario;
  readonly step: number;
  readonly solved: Solved;
  readonly lin: Linearisation;
  /** How a control moves its input in this scenario: 0 not at all, 1 as it is; for a position, the slope of its level. */
  readonly share: Float64Array;
  readonly importMw: number;
  /** Change of the import per MW, Mvar or pu of each input. */
  readonly dImport: Float64Array;
  /** Change of the losses, likewise; only of the expected state, since others have no cost. */
  readonly dLoss: Float64Array | undefined;
  /** Flows and their derivatives by node and end, made at first use. */
  readonly flows: Map<number, FlowModel>;
  /** Derivatives of the voltage's magnitude by node, pu per MW, Mvar or pu of each input, made at first use. */
  readonly voltages: Map<number, Float64Array>;
}

export interface FlowModel {
  readonly flow: Flow;
  readonly dMw: Float64Array;
  readonly dMvar: Float64Array;
}

/** Decisions with their power flows, [scenario][step]. */
export interface OperatingPoint extends Traded {
  readonly x: Float64Array;
  readonly solved: readonly (readonly Solved[])[];
}

/** Models of all scenarios and steps, [scenario][step], around decisions. */
export interface NetworkModel {
  readonly at: OperatingPoint;
  readonly steps: readonly (readonly StepModel[])[];
}

/** `before`: a model that is no longer needed; its arrays are reused. */
export function modelAround(layout: Layout, at: OperatingPoint, before?: NetworkModel): NetworkModel {
  return {
    at,
    steps: layout.scenarios.map((_, index) =>
      Array.from({ length: layout.steps }, (_, step) =>
        stepModel(layout, at, { index, step }, before?.steps[index]![step]!.lin),
      ),
    ),
  };
}

/** One step of one scenario; `into`: arrays to reuse. */
export function stepModel(
  layout: Layout,
  at: OperatingPoint,
  { index, step }: { readonly index: number; readonly step: number },
  into?: Linearisation,
): StepModel {
  const scenario = layout.scenarios[index]!;
  const solved = at.solved[index]![step]!;
  const lin = linearise(solved, layout.nodes, into);
  const share = Float64Array.from(layout.controls, ({ role }, control) =>
    isWhole(role)
      ? stepShare(layout, { solved, control, position: at.x[step * layout.controls.length + control]! })
      : scenarioShare(layout, { x: at.x, scenario, step, control }),
  );
  return { scenario, step, share, importMw: importOf(solved).mw, ...slopesAt(layout, { scenario, step, solved, lin }) };
}

/** The part of a model that changes with its power flow. */
export function slopesAt(
  layout: Layout,
  { scenario, step, solved, lin }: Pick<StepModel, 'scenario' | 'step' | 'solved' | 'lin'>,
): Pick<StepModel, 'solved' | 'lin' | 'dImport' | 'dLoss' | 'flows' | 'voltages'> {
  const dImport = importGradient(solved, lin);
  const dLoss = scenario === 'mid' ? lossSlopes(layout, { step, solved, lin, dImport }) : undefined;
  return { solved, lin, dImport, dLoss, flows: new Map(), voltages: new Map() };
}

interface StepAt {
  readonly solved: Solved;
  readonly control: number;
  readonly position: number;
}

/** Effect of one more position: pu of the source, or Mvar of a bank at the voltage of its bus. */
function stepShare({ problem, controls, nodes }: Layout, { solved, control, position }: StepAt): number {
  const { device, role, input } = controls[control]!;
  const slope = slopeAt(problem.devices[device] as SteppedDevice, position);
  if (role === 'source') return slope;
  const node = nodes[input % nodes.length]!;
  const { vRe, vIm } = solved.workspace;
  return (slope / 1000) * (vRe[node]! ** 2 + vIm[node]! ** 2);
}

function lossSlopes(
  layout: Layout,
  { step, solved, lin, dImport }: Pick<StepModel, 'step' | 'solved' | 'lin' | 'dImport'>,
): Float64Array {
  const followed = impedanceGradient(solved, lin, loadsOf(layout, 'mid', step).conductanceKw);
  const places = layout.nodes.length;
  return dImport.map((change, input) => change - (input < places ? 1 : 0) - (followed?.[input] ?? 0));
}

type Rows = Pick<StepModel, 'lin' | 'solved' | 'flows' | 'voltages'>;

export function flowModel(model: Rows, node: number, end: BranchEnd): FlowModel {
  const key = 2 * node + (end === 'near' ? 0 : 1);
  const known = model.flows.get(key);
  if (known !== undefined) return known;
  const { lin, solved } = model;
  const { bus, active, reactive } = flowWeights(solved, { node, end });
  const gradient = (weights: Float64Array): Float64Array => {
    const change = noWeights(lin.nodes);
    change.dvRe[bus] = weights[0]!;
    change.dvIm[bus] = weights[1]!;
    change.djRe[node] = weights[2]!;
    change.djIm[node] = weights[3]!;
    return gradientOf(lin, change);
  };
  const dMw = gradient(active);
  const dMvar = gradient(reactive);
  const made = { flow: flowOf(solved, node, end), dMw, dMvar };
  model.flows.set(key, made);
  return made;
}

export function voltageModel({ lin, solved, voltages }: Rows, node: number): Float64Array {
  const known = voltages.get(node);
  if (known !== undefined) return known;
  const { vRe, vIm } = solved.workspace;
  const volts = Math.hypot(vRe[node]!, vIm[node]!);
  const weights = noWeights(lin.nodes);
  weights.dvRe[node] = vRe[node]! / volts;
  weights.dvIm[node] = vIm[node]! / volts;
  const made = gradientOf(lin, weights);
  voltages.set(node, made);
  return made;
}

/** Drops what rows were made from: in a large network it takes more memory than all else. */
export function forgetRows({ steps }: NetworkModel): void {
  for (const { flows, voltages } of steps.flat()) {
    flows.clear();
    voltages.clear();
  }
}

/** Change of the inputs of a step's model when the controls move from the model's point to `x`. */
export function inputChange(layout: Layout, network: NetworkModel, model: StepModel, x: Float64Array): Float64Array {
  const change = new Float64Array(model.lin.inputs);
  const offset = model.step * layout.controls.length;
  const { controls } = layout;
  for (let index = 0; index < controls.length; index++) {
    const { input, sign } = controls[index]!;
    if (model.share[index] !== 0)
      change[input]! += sign * model.share[index]! * (x[offset + index]! - network.at.x[offset + index]!);
  }
  return change;
}

/** A change of the inputs with the change of the state that follows from it. */
export interface Moved {
  readonly inputs: Float64Array;
  readonly state: StateChange;
}

/** `into`: an earlier result, void afterwards. */
export const movedBy = (model: StepModel, inputs: Float64Array, into?: Moved): Moved => ({
  inputs,
  state: combined(model.lin, inputs, into?.state),
});

/** Losses of the expected state, to second order, MW. */
export function lossValue(layout: Layout, model: StepModel, loss: number, { inputs, state }: Moved): number {
  let value = loss;
  for (let input = 0; input < inputs.length; input++) value += model.dLoss![input]! * inputs[input]!;
  const { r } = model.solved.workspace;
  let curved = 0;
  for (let node = layout.grid.sourceCount; node < model.lin.nodes; node++)
    curved += r[node]! * (state.djRe[node]! ** 2 + state.djIm[node]! ** 2);
  return value + (curved * layout.grid.baseKva) / 1000;
}

/** Gradient of `lossValue` by input. */
export function lossGradient(layout: Layout, model: StepModel, { state }: Moved): Float64Array {
  const { lin, solved } = model;
  const { r } = solved.workspace;
  const scale = (2 * layout.grid.baseKva) / 1000;
  const weights = noWeights(lin.nodes);
  for (let node = layout.grid.sourceCount; node < lin.nodes; node++) {
    weights.djRe[node] = scale * r[node]! * state.djRe[node]!;
    weights.djIm[node] = scale * r[node]! * state.djIm[node]!;
  }
  const gradient = gradientOf(lin, weights);
  for (let input = 0; input < lin.inputs; input++) gradient[input]! += model.dLoss![input]!;
  return gradient;
}

/** Strongest response of any voltage to a controlled active power, pu per MW: the least and the most over the inputs. */
export function voltageAnswers(layout: Layout, model: StepModel): readonly [weakest: number, strongest: number] {
  let [weakest, most] = [Infinity, 0];
  const { lin, solved } = model;
  const { vRe, vIm } = solved.workspace;
  const unit = new Float64Array(lin.inputs);
  const inputs = new Set(layout.controls.filter(({ role }) => isActive(role)).map(({ input }) => input));
  let change: StateChange | undefined;
  for (const input of inputs) {
    unit[input] = 1;
    change = combined(lin, unit, change);
    unit[input] = 0;
    let strongest = 0;
    for (let node = layout.grid.sourceCount; node < lin.nodes; node++) {
      const along = vRe[node]! * change.dvRe[node]! + vIm[node]! * change.dvIm[node]!;
      strongest = Math.max(strongest, Math.abs(along) / Math.hypot(vRe[node]!, vIm[node]!));
    }
    weakest = Math.min(weakest, strongest);
    most = Math.max(most, strongest);
  }
  return [Math.max(1e-3, weakest === Infinity ? 1e-2 : weakest), most];
}

/** Nodes whose branch has a rating. */
export function ratedNodes(layout: Layout): number[] {
  const rated: number[] = [];
  for (let node = layout.grid.sourceCount; node < layout.grid.parent.length; node++)
    if (layout.ratings[node]! < Infinity) rated.push(node);
  return rated;
}
