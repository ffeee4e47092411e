import { flowOf, type BranchEnd } from './ac.ts';
import { ratingMva, sourceLimits, voltageBand } from './evaluate.ts';
import type { Layout, Scenario } from './layout.ts';
import { flowDerivative } from './linearise.ts';
import {
  flowModel,
  inputChange,
  lossGradient,
  lossValue,
  movedBy,
  ratedNodes,
  type Moved,
  type NetworkModel,
  type StepModel,
} from './model.ts';

/** A row of the linear programme that stands for the network, written anew around each power flow. */
export type NetworkRow =
  | { readonly kind: 'voltage'; readonly scenario: number; readonly step: number; node: number; side: 'min' | 'max' }
  | {
      readonly kind: 'flow';
      readonly scenario: number;
      readonly step: number;
      readonly node: number;
      readonly end: BranchEnd;
      /** Tangent of the rating's circle: cos P + sin Q <= rating. */
      readonly cos: number;
      readonly sin: number;
    }
  | {
      readonly kind: 'source';
      readonly scenario: number;
      readonly step: number;
      readonly side: 'imported' | 'exported';
    }
  | {
      readonly kind: 'capability';
      readonly step: number;
      readonly device: number;
      readonly cos: number;
      readonly sin: number;
    }
  /** Losses are no less than their tangent at a point (controls of the step). */
  | { readonly kind: 'loss'; readonly step: number; readonly point: Float64Array };

/** Tolerances below which a row is not worth adding: percent of voltage, MVA or MW, MW of losses. */
const VOLTAGE_PCT = 1e-4;
const POWER_MW = 1e-5;

const scenarioOf = (layout: Layout, row: { readonly scenario: number }): Scenario => layout.scenarios[row.scenario]!;

/** Writes a row into the builder. */
export function writeRow(layout: Layout, network: NetworkModel, row: NetworkRow): void {
  const { builder } = layout;
  switch (row.kind) {
    case 'voltage': {
      const model = network.steps[row.scenario]![row.step]!;
      const [least, most] = voltageBand(layout, row.node);
      const { lin, solved } = model;
      const here = Math.hypot(solved.workspace.vRe[row.node]!, solved.workspace.vIm[row.node]!);
      const coefficient = (input: number): number => 100 * lin.dvm[input * lin.nodes + row.node]!;
      const base = 100 * here - atPoint(layout, network, model, coefficient);
      if (row.side === 'max') builder.row(-Infinity, 100 * most - base);
      else builder.row(100 * least - base, Infinity);
      entries(layout, model, coefficient);
      builder.entry(slackColumn(layout, row, 'voltage'), row.side === 'max' ? -1 : 1);
      return;
    }
    case 'flow': {
      const model = network.steps[row.scenario]![row.step]!;
      const { flow, dMw, dMvar } = flowModel(model, row.node, row.end);
      const coefficient = (input: number): number => row.cos * dMw[input]! + row.sin * dMvar[input]!;
      const base = row.cos * flow.mw + row.sin * flow.mvar - atPoint(layout, network, model, coefficient);
      builder.row(-Infinity, ratingMva(layout, row.node) - base);
      entries(layout, model, coefficient);
      builder.entry(slackColumn(layout, row, 'flow'), -1);
      return;
    }
    case 'source': {
      const model = network.steps[row.scenario]![row.step]!;
      const [importMw, exportMw] = sourceLimits(layout, scenarioOf(layout, row), row.step);
      const sign = row.side === 'imported' ? 1 : -1;
      const coefficient = (input: number): number => sign * model.dImport[input]!;
      const base = sign * model.importMw - atPoint(layout, network, model, coefficient);
      builder.row(-Infinity, (row.side === 'imported' ? importMw : exportMw) - base);
      entries(layout, model, coefficient);
      builder.entry(slackColumn(layout, row, 'source'), -1);
      return;
    }
    case 'capability': {
      const device = layout.problem.devices[row.device]!;
      builder.row(-Infinity, 'apparentPowerKva' in device ? device.apparentPowerKva! / 1000 : Infinity);
      for (const [index, control] of layout.controls.entries()) {
        if (control.device !== row.device || control.role === 'limit') continue;
        const part = control.role === 'reactive' ? row.sin : row.cos;
        builder.entry(row.step * layout.controls.length + index, part * control.sign);
      }
      return;
    }
    case 'loss': {
      const model = network.steps[0]![row.step]!;
      const offset = row.step * layout.controls.length;
      const full = network.at.x.slice();
      // Where losses are not what costs, the one tangent moves with the model.
      const point = isCurved(layout, row.step) ? row.point : network.at.x.subarray(offset, offset + row.point.length);
      full.set(point, offset);
      const moved = movedBy(model, inputChange(layout, network, model, full));
      const gradient = lossGradient(layout, model, moved);
      let base = lossValue(layout, model, network.at.lossMw[row.step]!, moved);
      for (const [index, control] of layout.controls.entries())
        if (model.share[index] === 1) base -= gradient[control.input]! * control.sign * point[index]!;
      builder.row(base, isCurved(layout, row.step) ? Infinity : base);
      builder.entry(layout.step[row.step]!.losses, 1);
      entries(layout, model, (input) => -gradient[input]!);
      return;
    }
  }
}

/** Whether losses cost in this step, so that their tangents from below are enough; else one tangent holds as an equality. */
export function isCurved({ problem }: Layout, step: number): boolean {
  const { importEurPerMwh, exportEurPerMwh, lossesEurPerMwh } = problem.prices;
  return Math.min(importEurPerMwh[step]!, exportEurPerMwh[step]!) + lossesEurPerMwh > 0;
}

function slackColumn(
  layout: Layout,
  row: { readonly scenario: number; readonly step: number },
  kind: 'voltage' | 'flow' | 'source',
): number {
  return layout.step[row.step]!.slack[kind][row.scenario === 0 ? 'mid' : 'corner'];
}

/** Sum of coefficient times control at the model's own point. */
function atPoint(
  layout: Layout,
  network: NetworkModel,
  model: StepModel,
  coefficient: (input: number) => number,
): number {
  const offset = model.step * layout.controls.length;
  let sum = 0;
  for (const [index, control] of layout.controls.entries())
    if (model.share[index] === 1) sum += coefficient(control.input) * control.sign * network.at.x[offset + index]!;
  return sum;
}

function entries(layout: Layout, model: StepModel, coefficient: (input: number) => number): void {
  const offset = model.step * layout.controls.length;
  for (const [index, control] of layout.controls.entries())
    if (model.share[index] === 1) layout.builder.entry(offset + index, coefficient(control.input) * control.sign);
}

/** What a solution says besides its controls. */
export interface Proposal {
  readonly x: Float64Array;
  /** Losses that the programme counted with, MW per step. */
  readonly losses: Float64Array;
  /** Values of all columns. */
  readonly all: Float64Array;
  /** Share by which losses may be counted too low before a further tangent is worth its row. */
  readonly lossTolerance: number;
}

/** Rows that the model says the proposal breaks and that are not in the programme yet, worst first of each kind and step. */
export function missingRows(layout: Layout, network: NetworkModel, proposal: Proposal): NetworkRow[] {
  const rows: NetworkRow[] = [];
  const rated = ratedNodes(layout);
  for (const [scenario, models] of network.steps.entries())
    for (const model of models) {
      const change = movedBy(model, inputChange(layout, network, model, proposal.x));
      voltageRows(layout, { model, scenario, change, proposal }, rows);
      flowRows(layout, { model, scenario, change, proposal }, rated, rows);
      sourceRows(layout, { model, scenario, change, proposal }, rows);
      if (scenario === 0) lossRows(layout, network, { model, scenario, change, proposal }, rows);
    }
  capabilityRows(layout, proposal, rows);
  return rows;
}

interface Look {
  readonly model: StepModel;
  readonly scenario: number;
  readonly change: Moved;
  readonly proposal: Proposal;
}

function voltageRows(layout: Layout, { model, scenario, change, proposal }: Look, rows: NetworkRow[]): void {
  const { lin, solved, step } = model;
  const slack = proposal.all[slackColumn(layout, { scenario, step }, 'voltage')]! + VOLTAGE_PCT;
  for (let node = layout.grid.sourceCount; node < lin.nodes; node++) {
    const re = solved.workspace.vRe[node]!;
    const im = solved.workspace.vIm[node]!;
    const here = Math.sqrt(re * re + im * im);
    const vm = here + (re * change.state.dvRe[node]! + im * change.state.dvIm[node]!) / here;
    const [least, most] = voltageBand(layout, node);
    if (100 * (vm - most) > slack) rows.push({ kind: 'voltage', scenario, step, node, side: 'max' });
    if (100 * (least - vm) > slack) rows.push({ kind: 'voltage', scenario, step, node, side: 'min' });
  }
}

function flowRows(
  layout: Layout,
  { model, scenario, change, proposal }: Look,
  rated: readonly number[],
  rows: NetworkRow[],
): void {
  const { step } = model;
  const slack = proposal.all[slackColumn(layout, { scenario, step }, 'flow')]! + POWER_MW;
  for (const node of rated) {
    const rating = ratingMva(layout, node);
    for (const end of ['near', 'far'] as const) {
      const flow = flowOf(model.solved, node, end);
      const by = flowDerivative(model.solved, change.state, { node, end });
      const mw = flow.mw + by.mw;
      const mvar = flow.mvar + by.mvar;
      const size = Math.hypot(mw, mvar);
      if (size - rating > slack)
        rows.push({ kind: 'flow', scenario, step, node, end, cos: mw / size, sin: mvar / size });
    }
  }
}

function sourceRows(layout: Layout, { model, scenario, change, proposal }: Look, rows: NetworkRow[]): void {
  const { step } = model;
  const slack = proposal.all[slackColumn(layout, { scenario, step }, 'source')]! + POWER_MW;
  let mw = model.importMw;
  for (const [input, by] of change.inputs.entries()) mw += model.dImport[input]! * by;
  const [importMw, exportMw] = sourceLimits(layout, layout.scenarios[scenario]!, step);
  if (mw - importMw > slack) rows.push({ kind: 'source', scenario, step, side: 'imported' });
  if (-mw - exportMw > slack) rows.push({ kind: 'source', scenario, step, side: 'exported' });
}

function lossRows(layout: Layout, network: NetworkModel, { model, change, proposal }: Look, rows: NetworkRow[]): void {
  const { step } = model;
  if (!isCurved(layout, step)) return;
  const value = lossValue(layout, model, network.at.lossMw[step]!, change);
  const gap = value - proposal.losses[step]!;
  if (gap < 1e-5 + proposal.lossTolerance * Math.abs(value)) return;
  const from = step * layout.controls.length;
  rows.push({ kind: 'loss', step, point: proposal.x.slice(from, from + layout.controls.length) });
}

function capabilityRows(layout: Layout, { x }: Proposal, rows: NetworkRow[]): void {
  for (const [device, item] of layout.problem.devices.entries()) {
    if (!('apparentPowerKva' in item) || item.apparentPowerKva === undefined) continue;
    for (let step = 0; step < layout.steps; step++) {
      let mw = 0;
      let mvar = 0;
      for (const [index, control] of layout.controls.entries()) {
        if (control.device !== device || control.role === 'limit') continue;
        const value = control.sign * x[step * layout.controls.length + index]!;
        if (control.role === 'reactive') mvar += value;
        else mw += value;
      }
      const size = Math.hypot(mw, mvar);
      if (size - item.apparentPowerKva / 1000 > POWER_MW)
        rows.push({ kind: 'capability', step, device, cos: mw / size, sin: mvar / size });
    }
  }
}
