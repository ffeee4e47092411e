import { linearise, GridResponses, type LoadQuantity, type GridResponse } from '../../shared/grid/sensitivities.ts';
import type { Measurement } from './measurements.ts';
import type { EstimateModel } from './model.ts';
import type { Unknowns } from './unknowns.ts';

/** A value of the solved power flow and its response to one unit of a cause. */
export interface Output {
  readonly value: number;
  answer(response: GridResponse): number;
  /** The bus whose voltage it is, so that the drops on its path count; -1: not a voltage. */
  readonly bus: number;
}

/** Responses by bus to what the unknowns move, per kW and per kvar, and to the source. */
export interface Answers {
  readonly perKw: readonly (GridResponse | undefined)[];
  readonly perKvar: readonly (GridResponse | undefined)[];
  readonly source: GridResponse;
}

export function answersOf(model: EstimateModel, unknowns: Unknowns): Answers {
  const responses = new GridResponses(linearise(model.grid, model.workspace));
  const moved = new Set(unknowns.list.flatMap(({ moves }) => moves.map(({ bus }) => bus)));
  const toLoads = (quantity: LoadQuantity): (GridResponse | undefined)[] =>
    model.grid.busIds.map((_, bus) => (moved.has(bus) ? responses.toLoad(bus, quantity) : undefined));
  return { perKw: toLoads('activePowerKw'), perKvar: toLoads('reactivePowerKvar'), source: responses.toSource(0) };
}

export function rowOf(
  model: EstimateModel,
  unknowns: Unknowns,
  { output, answers }: { output: Output; answers: Answers },
): Float64Array {
  const perKw = answersAt(output, answers.perKw);
  const perKvar = answersAt(output, answers.perKvar);
  const perSource = output.answer(answers.source);
  const { list } = unknowns;
  const row = new Float64Array(list.length);
  for (let at = 0; at < row.length; at++) {
    const { moves, sourcePu } = list[at]!;
    let sum = sourcePu * perSource;
    for (const { bus, kw, kvar } of moves) sum += kw * perKw[bus]! + kvar * perKvar[bus]!;
    row[at] = sum;
  }
  if (output.bus >= 0)
    alongPath(model, unknowns, output.bus, (at, drop) => {
      row[at] = unknowns.list[at]!.dropShare * drop;
    });
  return row;
}

function answersAt(output: Output, responses: readonly (GridResponse | undefined)[]): Float64Array {
  const answers = new Float64Array(responses.length);
  for (let bus = 0; bus < answers.length; bus++) {
    const response = responses[bus];
    if (response !== undefined) answers[bus] = output.answer(response);
  }
  return answers;
}

/** Visits the branches between a bus and the head of its feeder: index of the branch's unknown, and the voltage it adds, pu. */
function alongPath(
  model: EstimateModel,
  { branchAt }: Unknowns,
  bus: number,
  visit: (at: number, drop: number) => void,
): void {
  const { grid, workspace } = model;
  const { vmPu } = workspace.solution;
  for (let node = grid.busNode[bus]!; node >= grid.sourceCount; node = grid.parent[node]!) {
    const at = branchAt.get(grid.nodeBranch[node]!);
    if (at === undefined) continue;
    visit(at, vmPu[grid.nodeBus[node]!]! - vmPu[grid.nodeBus[grid.parent[node]!]!]!);
  }
}

export function dropOf(
  model: EstimateModel,
  unknowns: Unknowns,
  { bus, deviates }: { bus: number; deviates: Float64Array },
): number {
  let sum = 0;
  alongPath(model, unknowns, bus, (at, drop) => {
    sum += unknowns.list[at]!.dropShare * drop * deviates[at]!;
  });
  return sum;
}

/** A state of the unknowns and the injections it implies. */
export interface Present {
  readonly unknowns: Unknowns;
  readonly deviates: Float64Array;
  readonly kw: Float64Array;
  readonly kvar: Float64Array;
}

/** What the solved model predicts for a measurement. */
export function shown(model: EstimateModel, { shows }: Measurement, present: Present): number {
  const { unknowns, deviates } = present;
  switch (shows.what) {
    case 'voltage':
      return model.workspace.solution.vmPu[shows.bus]! + dropOf(model, unknowns, { bus: shows.bus, deviates });
    case 'head':
    case 'transformer':
      return flowOutput(model, shows).value;
    case 'injection':
      return present[shows.unit][shows.bus]!;
    case 'device': {
      const at = unknowns.deviceAt.get(shows.id)![shows.unit === 'kw' ? 0 : 1];
      const middle = shows.unit === 'kw' ? unknowns.middleKw.get(shows.id)! : 0;
      return middle + unknowns.list[at]!.moves[0]![shows.unit] * deviates[at]!;
    }
  }
}

/** Response of a measurement to each unknown, to first order at the solved state. */
export function rowFor(
  model: EstimateModel,
  { shows }: Measurement,
  { unknowns, answers }: { unknowns: Unknowns; answers: Answers },
): Float64Array {
  switch (shows.what) {
    case 'voltage':
      return rowOf(model, unknowns, { output: voltageOutput(model, shows.bus), answers });
    case 'head':
    case 'transformer':
      return rowOf(model, unknowns, { output: flowOutput(model, shows), answers });
    case 'injection':
      return Float64Array.from(unknowns.list, ({ moves }) =>
        moves.reduce((sum, move) => (move.bus === shows.bus ? sum + move[shows.unit] : sum), 0),
      );
    case 'device': {
      const at = unknowns.deviceAt.get(shows.id)![shows.unit === 'kw' ? 0 : 1];
      const row = new Float64Array(unknowns.list.length);
      row[at] = unknowns.list[at]!.moves[0]![shows.unit];
      return row;
    }
  }
}

type FlowShown = Extract<Measurement['shows'], { what: 'head' | 'transformer' }>;

function flowOutput(model: EstimateModel, shows: FlowShown): Output {
  const { solution } = model.workspace;
  const kw = shows.unit === 'kw';
  if (shows.what === 'transformer') {
    const key = kw ? 'toKw' : 'toKvar';
    const at = model.transformerBranch;
    return { value: -solution[key][at]!, bus: -1, answer: (response) => -response.flow(at, key) };
  }
  const { outward, headBranch } = model.feeders[shows.feeder]!;
  const key = outward ? (kw ? 'fromKw' : 'fromKvar') : kw ? 'toKw' : 'toKvar';
  return { value: solution[key][headBranch]!, bus: -1, answer: (response) => response.flow(headBranch, key) };
}

/** Voltage of a bus as an output. */
export const voltageOutput = (model: EstimateModel, bus: number): Output => ({
  value: model.workspace.solution.vmPu[bus]!,
  bus,
  answer: (response) => response.vmPu(bus),
});
