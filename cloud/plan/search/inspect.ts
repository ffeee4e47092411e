import { flowInto, type BranchEnd } from '../problem/ac.ts';
import { pointMw, pointLimits, pointViolation } from '../problem/connection-point.ts';
import { HELD, ratingMva, sourceLimits, type Expected, type StepViolation } from './evaluate.ts';
import type { Layout } from '../problem/layout.ts';
import { flowDerivativeInto } from './linearise.ts';
import { inputChange, lossValue, movedBy, ratedNodes, type Moved, type NetworkModel, type StepModel } from './model.ts';
import { isCurved, slackColumn, type NetworkRow } from './network-rows.ts';
import { servedBy, type SessionSide } from '../problem/sessions.ts';

/** Tolerances below which a row is not worth adding: percent of voltage, percent of a rating, MW or MVA. */
const VOLTAGE_PCT = 1e-4;
const LOADING_PCT = 5e-4;
const POWER_MW = 1e-5;
const ENERGY_KWH = 1e-2;
/**
 * Rows of one kind and side that are added for a state at once. Limits along a feeder are broken together and held by the worst of
 * them: what the others still lack shows after the next solve.
 */
const PEAKS = 3;
const HALF = -50;

/** What a solution says. */
export interface Proposal {
  readonly x: Float64Array;
  /** Losses that the programme counted with, MW per step. */
  readonly losses: Float64Array;
  /** Values of all columns. */
  readonly all: Float64Array;
  /** Share by which losses may be counted too low before a further tangent is worth its row. */
  readonly lossTolerance: number;
  /** Rows of all places that are broken, not of the worst ones alone. */
  readonly every?: boolean;
  /** Only in these steps is the network looked at; absent: in all. */
  readonly steps?: ReadonlySet<number> | undefined;
}

/** What the model says of a proposal, and the rows that it breaks and that are not in the programme yet. */
export interface Inspection extends Expected {
  readonly rows: NetworkRow[];
}

/** Rows are those of the worst places of each state: the peaks of what is broken along the tree, worst first. */
export function inspect(layout: Layout, network: NetworkModel, proposal: Proposal): Inspection {
  const rows: NetworkRow[] = [];
  const rated = ratedNodes(layout);
  const importMw = new Float64Array(layout.steps);
  const lossMw = new Float64Array(layout.steps);
  const over = new Float64Array(layout.grid.parent.length);
  let change: Moved | undefined;
  const violations = network.steps.map((models, scenario) =>
    models.map((model) => {
      if (proposal.steps?.has(model.step) === false) return HELD;
      change = movedBy(model, inputChange(layout, network, model, proposal.x), change);
      const look = { layout, network, model, scenario, change, proposal, over, rows };
      if (scenario === 0) lossMw[model.step] = lossRows(look);
      const found: StepViolation = {
        voltagePct: voltageRows(look),
        flowPct: flowRows(look, rated),
        sourceMw: sourceRows(look, importMw),
        pointMw: pointRows(look),
      };
      return found;
    }),
  );
  capabilityRows(layout, proposal, rows);
  sessionRows(layout, proposal, rows);
  return { rows, violations, importMw, lossMw };
}

interface Look {
  readonly layout: Layout;
  readonly network: NetworkModel;
  readonly model: StepModel;
  readonly scenario: number;
  readonly change: Moved;
  readonly proposal: Proposal;
  /** What is broken at each node: written anew for each look. */
  readonly over: Float64Array;
  readonly rows: NetworkRow[];
}

/** Nodes at which more is broken than at their neighbours along the tree and than `least`, worst first, at most so many. */
function peaks({ layout: { grid }, over, proposal }: Look, least: number): number[] {
  const found: number[] = [];
  if (proposal.every === true) {
    for (let node = grid.sourceCount; node < over.length; node++) if (over[node]! > least) found.push(node);
    return found;
  }
  let top: Uint8Array | undefined;
  for (let node = grid.sourceCount; node < over.length; node++) {
    if (over[node]! <= least) continue;
    top ??= new Uint8Array(over.length).fill(1);
    const up = grid.parent[node]!;
    if (over[node]! > over[up]!) top[up] = 0;
    else top[node] = 0;
  }
  if (top === undefined) return found;
  for (let node = grid.sourceCount; node < over.length; node++)
    if (top[node] === 1 && over[node]! > least) found.push(node);
  return found.sort((a, b) => over[b]! - over[a]! || a - b).slice(0, PEAKS);
}

/** Answers with the worst violation, percent; likewise those below. */
function voltageRows(look: Look): number {
  const { layout, model, scenario, change, proposal, over, rows } = look;
  const { lin, solved, step } = model;
  const least = proposal.all[slackColumn(layout, { scenario, step }, 'voltage')]! + VOLTAGE_PCT;
  const { vRe, vIm } = solved.workspace;
  const { dvRe, dvIm } = change.state;
  let worst = 0;
  for (const side of ['max', 'min'] as const) {
    over.fill(-Infinity);
    for (let node = layout.grid.sourceCount; node < lin.nodes; node++) {
      const here = Math.sqrt(vRe[node]! ** 2 + vIm[node]! ** 2);
      const vm = here + (vRe[node]! * dvRe[node]! + vIm[node]! * dvIm[node]!) / here;
      const by = 100 * (side === 'max' ? vm - layout.bandHigh[node]! : layout.bandLow[node]! - vm);
      over[node] = by;
      if (by > worst) worst = by;
    }
    for (const node of peaks(look, least)) rows.push({ kind: 'voltage', scenario, step, node, side });
  }
  return worst;
}

const flow = new Float64Array(2);
const by = new Float64Array(2);

function flowRows(look: Look, rated: readonly number[]): number {
  const { layout, model, scenario, change, proposal, over, rows } = look;
  const { step } = model;
  const least = proposal.all[slackColumn(layout, { scenario, step }, 'flow')]! + LOADING_PCT;
  over.fill(-Infinity);
  const ends = new Map<number, { readonly end: BranchEnd; readonly cos: number; readonly sin: number }>();
  let worst = 0;
  for (const node of rated) {
    const rating = ratingMva(layout, node);
    for (const end of ['near', 'far'] as const) {
      flowInto(model.solved, node, end, flow);
      flowDerivativeInto(model.solved, change.state, { node, end }, by);
      const mw = flow[0]! + by[0]!;
      const mvar = flow[1]! + by[1]!;
      const size = Math.sqrt(mw * mw + mvar * mvar);
      const pct = (100 * size) / rating - 100;
      // What a branch draws and loses itself is little beside its rating: at half of it the other end needs no look.
      if (end === 'near' && pct < HALF) break;
      if (pct <= over[node]!) continue;
      over[node] = pct;
      if (pct > worst) worst = pct;
      if (pct > least) ends.set(node, { end, cos: mw / size, sin: mvar / size });
    }
  }
  for (const node of peaks(look, least)) rows.push({ kind: 'flow', scenario, step, node, ...ends.get(node)! });
  return worst;
}

function sourceRows({ layout, model, scenario, change, proposal, rows }: Look, importMw: Float64Array): number {
  const { step } = model;
  const least = proposal.all[slackColumn(layout, { scenario, step }, 'source')]! + POWER_MW;
  let mw = model.importMw;
  const { inputs } = change;
  for (let input = 0; input < inputs.length; input++) mw += model.dImport[input]! * inputs[input]!;
  if (scenario === 0) importMw[step] = mw;
  const [importMost, exportMost] = sourceLimits(layout, layout.scenarios[scenario]!, step);
  if (mw - importMost > least) rows.push({ kind: 'source', scenario, step, side: 'imported' });
  if (-mw - exportMost > least) rows.push({ kind: 'source', scenario, step, side: 'exported' });
  return Math.max(0, mw - importMost, -mw - exportMost);
}

/** Of each connection point that its own limits do not hold; the worst violation, MW. */
function pointRows({ layout, model, scenario, proposal, rows }: Look): number {
  const { step } = model;
  const least = proposal.all[slackColumn(layout, { scenario, step }, 'point')]! + POWER_MW;
  let worst = 0;
  for (const point of layout.points.keys()) {
    const at = { scenario: layout.scenarios[scenario]!, step, point };
    const mw = pointMw(layout, proposal.x, at);
    const over = pointViolation(layout, mw, at);
    if (over > worst) worst = over;
    if (over > least)
      rows.push({
        kind: 'point',
        scenario,
        step,
        point,
        side: mw > pointLimits(layout, at)[0] ? 'imported' : 'exported',
      });
  }
  return worst;
}

/** Answers with the losses, MW. */
function lossRows({ layout, network, model, change, proposal, rows }: Look): number {
  const { step } = model;
  const value = lossValue(layout, model, network.at.lossMw[step]!, change);
  const gap = value - proposal.losses[step]!;
  if (!isCurved(layout, step) || gap < 1e-5 + proposal.lossTolerance * Math.abs(value)) return value;
  const from = step * layout.controls.length;
  rows.push({ kind: 'loss', step, point: proposal.x.slice(from, from + layout.controls.length) });
  return value;
}

/** Sets of steps in which sessions are offered more than they can take, or less than they need. */
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
  for (const [device, item] of layout.problem.devices.entries()) {
    if (!('apparentPowerKva' in item) || item.apparentPowerKva === undefined) continue;
    const own = layout.controls
      .map((control, index) => ({ ...control, index }))
      .filter((control) => control.device === device && control.role !== 'limit');
    for (let step = 0; step < layout.steps; step++) {
      let mw = 0;
      let mvar = 0;
      for (const control of own) {
        const value = control.sign * x[step * layout.controls.length + control.index]!;
        if (control.role === 'reactive') mvar += value;
        else mw += value;
      }
      const size = Math.hypot(mw, mvar);
      if (size - item.apparentPowerKva / 1000 > POWER_MW)
        rows.push({ kind: 'capability', step, device, cos: mw / size, sin: mvar / size });
    }
  }
}
