import { slackOf, type Around, type LimitRow } from './constraints/constraint.ts';
import { constraintOf } from './constraints/table.ts';
import type { Control, Layout } from '../problem/layout.ts';
import { inputChange, lossGradient, lossValue, movedBy, type NetworkModel, type StepModel } from './model.ts';
import type { EvDevice } from '../problem/problem.ts';
import { leftHours, setKwh, type SessionSide } from '../problem/sessions.ts';

/** A tangent of the circle of an inverter's rating: cos P + sin Q <= rating. */
export interface CapabilityRow {
  readonly kind: 'capability';
  readonly step: number;
  readonly device: number;
  readonly cos: number;
  readonly sin: number;
}

/** Energy of sessions in a set of steps; 1 marks the steps in the set, `step` is the last of them. See sessions.ts. */
export interface SessionRow {
  readonly kind: 'sessions';
  readonly step: number;
  readonly device: number;
  readonly side: SessionSide;
  readonly steps: Uint8Array;
}

/** Losses are no less than their tangent at a point (controls of the step). */
export interface LossRow {
  readonly kind: 'loss';
  readonly step: number;
  readonly point: Float64Array;
}

/** A row of the linear programme that is added when it is broken; limits and losses are rewritten around each power flow. */
export type NetworkRow = LimitRow | CapabilityRow | SessionRow | LossRow;

export const isLimit = (row: NetworkRow): row is LimitRow => 'scenario' in row;
export const isSessions = (row: NetworkRow): row is SessionRow => !isLimit(row) && row.kind === 'sessions';

export function writeRow(layout: Layout, network: NetworkModel, row: NetworkRow): void {
  if (isLimit(row)) {
    writeLimit(layout, network, row);
    return;
  }
  const { builder } = layout;
  switch (row.kind) {
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
      // Where losses are no cost, their one tangent moves with the model.
      const point = isCurved(layout, row.step) ? row.point : network.at.x.subarray(offset, offset + row.point.length);
      full.set(point, offset);
      const moved = movedBy(model, inputChange(layout, network, model, full));
      const gradient = lossGradient(layout, model, moved);
      let base = lossValue(layout, model, network.at.lossMw[row.step]!, moved);
      for (const [index, control] of layout.controls.entries())
        base -= gradient[control.input]! * control.sign * model.share[index]! * point[index]!;
      builder.row(base, isCurved(layout, row.step) ? Infinity : base);
      builder.entry(layout.step[row.step]!.losses, 1);
      entries(layout, model, ({ input }) => -gradient[input]!);
      return;
    }
  }
}

function writeLimit(layout: Layout, network: NetworkModel, row: LimitRow): void {
  const { builder } = layout;
  const around = aroundOf(network, row);
  const constraint = constraintOf(row);
  const { value, bound, atMost, slope: full } = constraint.line(layout, around, row);
  const slope = clear(layout.controls, full);
  const rest = bound - (value - atPoint(layout, around, slope));
  if (atMost) builder.row(-Infinity, rest);
  else builder.row(rest, Infinity);
  entries(layout, around.model, slope);
  const slack = layout.step[row.step]!.slack[row.kind]![slackOf(constraint, row)]!;
  builder.entry(slack[groupOf(row.scenario)], atMost ? -1 : 1);
}

export const aroundOf = (
  { at, steps }: NetworkModel,
  { scenario, step }: Pick<LimitRow, 'scenario' | 'step'>,
): Around => ({
  model: steps[scenario]![step]!,
  x: at.x,
});

/** Whether losses cost in this step, so that tangents from below are enough; otherwise one tangent holds as an equality. */
export function isCurved({ problem }: Layout, step: number): boolean {
  const { importEurPerMwh, exportEurPerMwh, lossesEurPerMwh } = problem.prices;
  return Math.min(importEurPerMwh[step]!, exportEurPerMwh[step]!) + lossesEurPerMwh > 0;
}

/** Which of a slack's columns a scenario uses. */
export const groupOf = (scenario: number): 'mid' | 'corner' => (scenario === 0 ? 'mid' : 'corner');

/** Sum of slope times control at the model's own point. */
function atPoint({ controls }: Layout, { model, x }: Around, slope: (control: Control) => number): number {
  const offset = model.step * controls.length;
  let sum = 0;
  for (let index = 0; index < controls.length; index++) {
    const control = controls[index]!;
    if (model.share[index] !== 0) sum += slope(control) * control.sign * model.share[index]! * x[offset + index]!;
  }
  return sum;
}

function entries({ builder, controls }: Layout, model: StepModel, slope: (control: Control) => number): void {
  const offset = model.step * controls.length;
  for (let index = 0; index < controls.length; index++) {
    const control = controls[index]!;
    if (model.share[index] !== 0) builder.entry(offset + index, slope(control) * control.sign * model.share[index]!);
  }
}

/** With so many decisions a step, a limit's row leaves out coefficients below this share of its largest. */
const MANY = 200;
const FAINT = 1e-3;

function clear(controls: readonly Control[], slope: (control: Control) => number): (control: Control) => number {
  if (controls.length < MANY) return slope;
  let strongest = 0;
  for (const control of controls) strongest = Math.max(strongest, Math.abs(slope(control)));
  return (control) => {
    const answer = slope(control);
    return Math.abs(answer) < FAINT * strongest ? 0 : answer;
  };
}

/** A key for rows that say the same: a limit's row is not written again for the coefficients that it leaves out. */
export function keyOf(row: NetworkRow): string | undefined {
  if (!isLimit(row)) return undefined;
  const constraint = constraintOf(row);
  return `${row.kind} ${row.scenario} ${row.step} ${constraint.place(row)} ${constraint.tangent?.(row) ?? ''}`;
}
