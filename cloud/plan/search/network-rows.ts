import type { BranchEnd } from '../problem/ac.ts';
import { pointLimits, pointMw } from '../problem/connection-point.ts';
import { ratingMva, sourceLimits, voltageBand } from './evaluate.ts';
import { isActive, type Control, type Layout, type Scenario, type SlackKind } from '../problem/layout.ts';
import {
  flowModel,
  inputChange,
  lossGradient,
  lossValue,
  movedBy,
  type NetworkModel,
  type StepModel,
} from './model.ts';
import type { EvDevice } from '../problem/problem.ts';
import { leftHours, setKwh, type SessionSide } from '../problem/sessions.ts';

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
  /** Limit at the meter of a connection point. */
  | {
      readonly kind: 'point';
      readonly scenario: number;
      readonly step: number;
      readonly point: number;
      readonly side: 'imported' | 'exported';
    }
  | {
      readonly kind: 'capability';
      readonly step: number;
      readonly device: number;
      readonly cos: number;
      readonly sin: number;
    }
  /** Energy of sessions in a set of steps, 1 for what is in it; `step` is its last. See sessions.ts. */
  | {
      readonly kind: 'sessions';
      readonly step: number;
      readonly device: number;
      readonly side: SessionSide;
      readonly steps: Uint8Array;
    }
  /** Losses are no less than their tangent at a point (controls of the step). */
  | { readonly kind: 'loss'; readonly step: number; readonly point: Float64Array };

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
      const pct = 100 / ratingMva(layout, row.node);
      const coefficient = (input: number): number => pct * (row.cos * dMw[input]! + row.sin * dMvar[input]!);
      const base = pct * (row.cos * flow.mw + row.sin * flow.mvar) - atPoint(layout, network, model, coefficient);
      builder.row(-Infinity, 100 - base);
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
    case 'point': {
      const model = network.steps[row.scenario]![row.step]!;
      const at = { scenario: scenarioOf(layout, row), step: row.step, point: row.point };
      const sign = row.side === 'imported' ? 1 : -1;
      const offset = row.step * layout.controls.length;
      let base = sign * pointMw(layout, network.at.x, at);
      const columns: [column: number, coefficient: number][] = [];
      for (const [index, control] of layout.controls.entries()) {
        if (model.share[index] !== 1 || !isBehind(layout, row.point, control)) continue;
        base -= sign * control.sign * network.at.x[offset + index]!;
        columns.push([offset + index, sign * control.sign]);
      }
      builder.row(-Infinity, pointLimits(layout, at)[row.side === 'imported' ? 0 : 1] - base);
      for (const [column, coefficient] of columns) builder.entry(column, coefficient);
      builder.entry(slackColumn(layout, row, 'point'), -1);
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
    case 'sessions': {
      const device = layout.problem.devices[row.device] as EvDevice;
      const kwh = setKwh(device, layout.hours, row.side, row.steps);
      const { unserved, untaken } = layout.devices[row.device]!.missing!;
      const left = leftHours(device, layout.hours);
      if (row.side === 'due') builder.row(kwh / 1000, Infinity);
      else builder.row(-Infinity, kwh / 1000);
      const power = layout.controls.findIndex((one) => one.device === row.device && one.role === 'power');
      for (const [step, within] of row.steps.entries())
        if (within === 1) builder.entry(step * layout.controls.length + power, left[step]!);
      builder.entry(row.side === 'due' ? unserved : untaken, row.side === 'due' ? 1 : -1);
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
        base -= gradient[control.input]! * control.sign * model.share[index]! * point[index]!;
      builder.row(base, isCurved(layout, row.step) ? Infinity : base);
      builder.entry(layout.step[row.step]!.losses, 1);
      entries(layout, model, (input) => -gradient[input]!);
      return;
    }
  }
}

/** Whether a control is active power behind a connection point. */
export const isBehind = ({ points }: Layout, point: number, { device, role }: Control): boolean =>
  isActive(role) && points[point]!.devices.includes(device);

/** Whether losses cost in this step, so that their tangents from below are enough; else one tangent holds as an equality. */
export function isCurved({ problem }: Layout, step: number): boolean {
  const { importEurPerMwh, exportEurPerMwh, lossesEurPerMwh } = problem.prices;
  return Math.min(importEurPerMwh[step]!, exportEurPerMwh[step]!) + lossesEurPerMwh > 0;
}

/** Column of the violation that a row may have. */
export function slackColumn(
  layout: Layout,
  row: { readonly scenario: number; readonly step: number },
  kind: SlackKind,
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
  const { controls } = layout;
  for (let index = 0; index < controls.length; index++) {
    const { input, sign } = controls[index]!;
    if (model.share[index] !== 0)
      sum += coefficient(input) * sign * model.share[index]! * network.at.x[offset + index]!;
  }
  return sum;
}

function entries(layout: Layout, model: StepModel, coefficient: (input: number) => number): void {
  const offset = model.step * layout.controls.length;
  const { controls } = layout;
  for (let index = 0; index < controls.length; index++) {
    const { input, sign } = controls[index]!;
    if (model.share[index] !== 0) layout.builder.entry(offset + index, coefficient(input) * sign * model.share[index]!);
  }
}
