import { capabilityOf } from './capability.ts';
import type { Look } from './constraints/constraint.ts';
import { violationsOf, type Expected, type StepViolation } from './evaluate.ts';
import type { Layout } from '../problem/layout.ts';
import { inputChange, lossValue, movedBy, type Moved, type NetworkModel, type StepModel } from './model.ts';
import { groupOf, isCurved, type NetworkRow } from './network-rows.ts';
import { servedBy, type SessionSide } from '../problem/sessions.ts';

/** Below this a row of sessions is not worth adding. */
const ENERGY_KWH = 1e-2;

/** A solution of a programme. */
export interface Proposal {
  readonly x: Float64Array;
  /** Losses that the programme assumed, MW per step. */
  readonly losses: Float64Array;
  /** Values of all columns. */
  readonly all: Float64Array;
  /** Share by which losses may be too low before another tangent is worth its row. */
  readonly lossTolerance: number;
  /** Whether to return the rows of all broken limits, not of the worst alone. */
  readonly every?: boolean;
  /** Steps in which to look at the network; absent: all. */
  readonly steps?: ReadonlySet<number> | undefined;
}

/** What the model says of a proposal, and the rows that it breaks and the programme lacks. */
export interface Inspection extends Expected {
  readonly rows: NetworkRow[];
}

/** Returns the rows of the worst places of each state: the peaks of the excess along the tree, worst first. */
export function inspect(layout: Layout, network: NetworkModel, proposal: Proposal): Inspection {
  const rows: NetworkRow[] = [];
  const importMw = new Float64Array(layout.steps);
  const lossMw = new Float64Array(layout.steps);
  const over = new Float64Array(layout.grid.parent.length);
  let change: Moved | undefined;
  const violations = network.steps.map((models, scenario) =>
    models.map((model): StepViolation => {
      const { step } = model;
      if (proposal.steps?.has(step) === false) return violationsOf(() => []);
      change = movedBy(model, inputChange(layout, network, model, proposal.x), change);
      const { x: proposed, every = false } = proposal;
      if (scenario === 0) {
        lossMw[step] = lossRows({ layout, network, model, change, proposal, rows });
        importMw[step] = importOf(model, change);
      }
      const look: Look = { layout, model, x: network.at.x, scenario, step, change, proposed, every, over };
      return violationsOf((constraint) => {
        const columns = layout.step[step]!.slack[constraint.kind]!;
        const allowed = columns.map((column) => proposal.all[column[groupOf(scenario)]]!);
        const seen = constraint.inspect(look, allowed);
        rows.push(...seen.rows);
        return seen.worst;
      });
    }),
  );
  capabilityRows(layout, proposal, rows);
  sessionRows(layout, proposal, rows);
  return { rows, violations, importMw, lossMw };
}

function importOf(model: StepModel, { inputs }: Moved): number {
  let mw = model.importMw;
  for (let input = 0; input < inputs.length; input++) mw += model.dImport[input]! * inputs[input]!;
  return mw;
}

interface LossLook {
  readonly layout: Layout;
  readonly network: NetworkModel;
  readonly model: StepModel;
  readonly change: Moved;
  readonly proposal: Proposal;
  readonly rows: NetworkRow[];
}

/** Adds a row if the losses are too low; returns the losses, MW. */
function lossRows({ layout, network, model, change, proposal, rows }: LossLook): number {
  const { step } = model;
  const value = lossValue(layout, model, network.at.lossMw[step]!, change);
  const gap = value - proposal.losses[step]!;
  if (!isCurved(layout, step) || gap < 1e-5 + proposal.lossTolerance * Math.abs(value)) return value;
  const from = step * layout.controls.length;
  rows.push({ kind: 'loss', step, point: proposal.x.slice(from, from + layout.controls.length) });
  return value;
}

/** Adds sets of steps in which sessions are offered more than they can take, or less than they need. */
function sessionRows(layout: Layout, { x, all }: Proposal, rows: NetworkRow[]): void {
  for (const [device, { missing }] of layout.devices.entries()) {
    if (missing === undefined) continue;
    const { leftKwh, missingKwh, tooMuch, tooLittle } = servedBy(layout, device, x);
    const add = (side: SessionSide, steps: Uint8Array): void =>
      void rows.push({ kind: 'sessions', step: steps.lastIndexOf(1), device, side, steps });
    if (missingKwh - 1000 * all[missing.unserved]! > ENERGY_KWH) add('due', tooLittle);
    if (leftKwh - 1000 * all[missing.untaken]! > ENERGY_KWH) add('most', tooMuch);
  }
}

function capabilityRows(layout: Layout, { x }: Proposal, rows: NetworkRow[]): void {
  for (const device of layout.problem.devices.keys()) {
    const capability = capabilityOf(layout, device);
    if (capability === undefined) continue;
    for (let step = 0; step < layout.steps; step++) {
      const power = capability.power(x, step);
      if (!capability.isBeyond(power)) continue;
      const size = Math.hypot(power.mw, power.mvar);
      rows.push({ kind: 'capability', step, device, cos: power.mw / size, sin: power.mvar / size });
    }
  }
}
