import { flowOf, importOf, type BranchEnd, type Flow, type Solved } from './ac.ts';
import type { Evaluation } from './evaluate.ts';
import { ratingMva, scenarioShare } from './evaluate.ts';
import { isActive, type Layout, type Scenario } from './layout.ts';
import { flowDerivative, importDerivative, linearise, type Linearisation } from './linearise.ts';

/** The network around one power flow: values, and derivatives to each control of the step. */
export interface StepModel {
  readonly scenario: Scenario;
  readonly step: number;
  readonly solved: Solved;
  readonly lin: Linearisation;
  /** 1 where a control counts in this scenario. */
  readonly share: Float64Array;
  readonly importMw: number;
  /** Change of the import per MW, Mvar or pu of each input. */
  readonly dImport: Float64Array;
  /** Flows and their derivatives by node and end, made when first asked for. */
  readonly flows: Map<number, FlowModel>;
}

export interface FlowModel {
  readonly flow: Flow;
  readonly dMw: Float64Array;
  readonly dMvar: Float64Array;
}

/** Models of all scenarios and steps, [scenario][step], around an evaluated point. */
export interface NetworkModel {
  readonly at: Evaluation;
  readonly steps: readonly (readonly StepModel[])[];
}

export function modelAround(layout: Layout, at: Evaluation): NetworkModel {
  return {
    at,
    steps: layout.scenarios.map((scenario, index) =>
      Array.from({ length: layout.steps }, (_, step) => stepModel(layout, at, scenario, { index, step })),
    ),
  };
}

function stepModel(
  layout: Layout,
  at: Evaluation,
  scenario: Scenario,
  { index, step }: { readonly index: number; readonly step: number },
): StepModel {
  const solved = at.solved[index]![step]!;
  const lin = linearise(solved, layout.nodes);
  const share = Float64Array.from(layout.controls, (_, control) =>
    scenarioShare(layout, { x: at.x, scenario, step, control }),
  );
  return {
    scenario,
    step,
    solved,
    lin,
    share,
    importMw: importOf(solved).mw,
    dImport: Float64Array.from({ length: lin.inputs }, (_, input) => importDerivative(solved, lin, input).mw),
    flows: new Map(),
  };
}

export function flowModel(model: StepModel, node: number, end: BranchEnd): FlowModel {
  const key = 2 * node + (end === 'near' ? 0 : 1);
  const known = model.flows.get(key);
  if (known !== undefined) return known;
  const { lin, solved } = model;
  const dMw = new Float64Array(lin.inputs);
  const dMvar = new Float64Array(lin.inputs);
  for (let input = 0; input < lin.inputs; input++) {
    const change = flowDerivative(solved, lin, { node, end }, input);
    dMw[input] = change.mw;
    dMvar[input] = change.mvar;
  }
  const made = { flow: flowOf(solved, node, end), dMw, dMvar };
  model.flows.set(key, made);
  return made;
}

/** Change of the inputs of a step's model when the controls go from the model's point to `x`. */
export function inputChange(layout: Layout, network: NetworkModel, model: StepModel, x: Float64Array): Float64Array {
  const change = new Float64Array(model.lin.inputs);
  const offset = model.step * layout.controls.length;
  for (const [index, control] of layout.controls.entries())
    if (model.share[index] === 1)
      change[control.input]! += control.sign * (x[offset + index]! - network.at.x[offset + index]!);
  return change;
}

/** Losses of what is expected, to second order: value and gradient by input at a change of the inputs, MW. */
export function lossModel(
  layout: Layout,
  model: StepModel,
  loss: number,
  change: Float64Array,
): { readonly value: number; readonly gradient: Float64Array } {
  const { lin, solved } = model;
  const { r } = solved.workspace;
  const { nodes, inputs, djRe, djIm } = lin;
  const baseMva = layout.grid.baseKva / 1000;
  const gradient = new Float64Array(inputs);
  let value = loss;
  const places = layout.nodes.length;
  for (let input = 0; input < inputs; input++) {
    gradient[input] = model.dImport[input]! - (input < places ? 1 : 0);
    value += gradient[input]! * change[input]!;
  }
  for (let node = layout.grid.sourceCount; node < nodes; node++) {
    let re = 0;
    let im = 0;
    for (let input = 0; input < inputs; input++) {
      re += djRe[input * nodes + node]! * change[input]!;
      im += djIm[input * nodes + node]! * change[input]!;
    }
    const weight = r[node]! * baseMva;
    value += weight * (re * re + im * im);
    for (let input = 0; input < inputs; input++)
      gradient[input]! += 2 * weight * (re * djRe[input * nodes + node]! + im * djIm[input * nodes + node]!);
  }
  return { value, gradient };
}

/** Strongest answer of any voltage to any controlled active power, pu per MW: the least over devices. */
export function weakestAnswer(layout: Layout, network: NetworkModel): number {
  const model = network.steps[0]![0]!;
  let weakest = Infinity;
  for (const control of layout.controls) {
    if (!isActive(control.role)) continue;
    let strongest = 0;
    for (let node = layout.grid.sourceCount; node < model.lin.nodes; node++)
      strongest = Math.max(strongest, Math.abs(model.lin.dvm[control.input * model.lin.nodes + node]!));
    weakest = Math.min(weakest, strongest);
  }
  return Math.max(1e-4, weakest === Infinity ? 1e-2 : weakest);
}

/** Nodes whose branch has a rating. */
export function ratedNodes(layout: Layout): number[] {
  const rated: number[] = [];
  for (let node = layout.grid.sourceCount; node < layout.grid.parent.length; node++)
    if (ratingMva(layout, node) < Infinity) rated.push(node);
  return rated;
}
