import { linearise as eliminate, type Linearisation as Elimination } from '../../../shared/grid/sensitivities.ts';
import type { BranchEnd, Solved } from '../problem/ac.ts';

/**
 * Exact first derivatives of a solved power flow with respect to consumption at chosen nodes and to the voltage of the sources. Inputs are
 * ordered [P at each node..., Q at each node..., source voltage]: MW, Mvar, pu. Nothing dense is kept: `combined` multiplies by a change of
 * the inputs, `gradientOf` gives one row, and each takes one pass up and one down the tree.
 */
export interface Linearisation {
  readonly inputs: number;
  readonly nodes: number;
  /** Elimination of the solved power flow; void once that is solved again. */
  readonly elimination: Elimination;
  /** Node of each place. */
  readonly at: Int32Array;
}

/** `into`: an earlier result for as many nodes, whose arrays are reused. */
export const linearise = (solved: Solved, at: Int32Array, into?: Linearisation): Linearisation => ({
  inputs: 2 * at.length + 1,
  nodes: solved.grid.parent.length,
  elimination: eliminate(solved.grid, solved.workspace, into?.elimination),
  at,
});

/** Change of the complex voltages and currents, [node], when all inputs change together. */
export interface StateChange {
  readonly dvRe: Float64Array;
  readonly dvIm: Float64Array;
  /** Of the series current into each node. */
  readonly djRe: Float64Array;
  readonly djIm: Float64Array;
}

/** Scratch of `combined`: current drawn at each node. */
let drawn = new Float64Array(0);

/** One pass up and one down the tree, however many inputs change. `into`: an earlier result, whose arrays are reused. */
export function combined(
  { nodes, inputs, elimination, at }: Linearisation,
  change: Float64Array,
  into?: StateChange,
): StateChange {
  const { grid, workspace, admittance: n, inverse: m } = elimination;
  const { r, x, aRe, aIm, vRe, vIm } = workspace;
  const k = drawn.length === 2 * nodes ? drawn.fill(0) : (drawn = new Float64Array(2 * nodes));
  for (let input = 0; input < inputs - 1; input++) {
    const by = change[input]!;
    if (by === 0) continue;
    const node = at[input % at.length]!;
    const re = vRe[node]!;
    const im = vIm[node]!;
    const scale = (by * 1000) / ((re * re + im * im) * grid.baseKva);
    const active = input < at.length;
    k[2 * node]! += scale * (active ? re : im);
    k[2 * node + 1]! += scale * (active ? im : -re);
  }
  for (let i = nodes - 1; i >= grid.sourceCount; i--) {
    const kRe = k[2 * i]!;
    const kIm = k[2 * i + 1]!;
    if (kRe === 0 && kIm === 0) continue;
    const zRe = r[i]! * kRe - x[i]! * kIm;
    const zIm = r[i]! * kIm + x[i]! * kRe;
    const dRe = -(m[4 * i]! * zRe + m[4 * i + 1]! * zIm);
    const dIm = -(m[4 * i + 2]! * zRe + m[4 * i + 3]! * zIm);
    const jRe = kRe + n[4 * i]! * dRe + n[4 * i + 1]! * dIm;
    const jIm = kIm + n[4 * i + 2]! * dRe + n[4 * i + 3]! * dIm;
    const up = 2 * grid.parent[i]!;
    k[up]! += aRe[i]! * jRe + aIm[i]! * jIm;
    k[up + 1]! += aRe[i]! * jIm - aIm[i]! * jRe;
  }
  const out = into ?? noChange(nodes);
  descend(elimination, { out, k, source: change[inputs - 1]! });
  return out;
}

/** Carries a change of the sources' voltage, pu, and of the currents drawn down the tree. */
function descend(
  { grid, workspace, admittance: n, inverse: m }: Elimination,
  { out, k, source }: { readonly out: StateChange; readonly k: Float64Array; readonly source: number },
): void {
  const { dvRe, dvIm, djRe, djIm } = out;
  const { vRe, vIm, r, x, aRe, aIm } = workspace;
  for (let i = 0; i < grid.parent.length; i++) {
    let re = 0;
    let im = 0;
    if (i < grid.sourceCount) {
      const volts = Math.sqrt(vRe[i]! ** 2 + vIm[i]! ** 2);
      re = (source * vRe[i]!) / volts;
      im = (source * vIm[i]!) / volts;
    } else {
      const up = grid.parent[i]!;
      const tRe = aRe[i]! * dvRe[up]! - aIm[i]! * dvIm[up]! - r[i]! * k[2 * i]! + x[i]! * k[2 * i + 1]!;
      const tIm = aRe[i]! * dvIm[up]! + aIm[i]! * dvRe[up]! - r[i]! * k[2 * i + 1]! - x[i]! * k[2 * i]!;
      re = m[4 * i]! * tRe + m[4 * i + 1]! * tIm;
      im = m[4 * i + 2]! * tRe + m[4 * i + 3]! * tIm;
    }
    dvRe[i] = re;
    dvIm[i] = im;
    djRe[i] = n[4 * i]! * re + n[4 * i + 1]! * im + k[2 * i]!;
    djIm[i] = n[4 * i + 2]! * re + n[4 * i + 3]! * im + k[2 * i + 1]!;
  }
}

/**
 * Change of one value per unit of each input, from the value's own weights on the change of the state: the adjoint of `combined`. `weights`
 * is void afterwards.
 */
export function gradientOf({ inputs, nodes, elimination, at }: Linearisation, weights: StateChange): Float64Array {
  const { grid, workspace, admittance: n, inverse: m } = elimination;
  const { vRe, vIm, r, x, aRe, aIm } = workspace;
  const { dvRe, dvIm, djRe, djIm } = weights;
  const out = new Float64Array(inputs);
  // From here on djRe and djIm are weights of the current drawn, summed from below.
  for (let i = nodes - 1; i >= 0; i--) {
    const jRe = djRe[i]!;
    const jIm = djIm[i]!;
    if (jRe === 0 && jIm === 0 && dvRe[i] === 0 && dvIm[i] === 0) continue;
    const re = dvRe[i]! + n[4 * i]! * jRe + n[4 * i + 2]! * jIm;
    const im = dvIm[i]! + n[4 * i + 1]! * jRe + n[4 * i + 3]! * jIm;
    if (i < grid.sourceCount) {
      const volts = Math.sqrt(vRe[i]! ** 2 + vIm[i]! ** 2);
      out[inputs - 1]! += (re * vRe[i]! + im * vIm[i]!) / volts;
      continue;
    }
    const tRe = m[4 * i]! * re + m[4 * i + 2]! * im;
    const tIm = m[4 * i + 1]! * re + m[4 * i + 3]! * im;
    const up = grid.parent[i]!;
    dvRe[up]! += aRe[i]! * tRe + aIm[i]! * tIm;
    dvIm[up]! += aRe[i]! * tIm - aIm[i]! * tRe;
    djRe[i] = jRe - r[i]! * tRe - x[i]! * tIm;
    djIm[i] = jIm + x[i]! * tRe - r[i]! * tIm;
  }
  for (let i = grid.sourceCount; i < nodes; i++) {
    const up = grid.parent[i]!;
    const kRe = aRe[i]! * djRe[up]! - aIm[i]! * djIm[up]!;
    const kIm = aRe[i]! * djIm[up]! + aIm[i]! * djRe[up]!;
    if (kRe === 0 && kIm === 0) continue;
    const nRe = n[4 * i]! * kRe + n[4 * i + 2]! * kIm;
    const nIm = n[4 * i + 1]! * kRe + n[4 * i + 3]! * kIm;
    const tRe = m[4 * i]! * nRe + m[4 * i + 2]! * nIm;
    const tIm = m[4 * i + 1]! * nRe + m[4 * i + 3]! * nIm;
    djRe[i]! += kRe - r[i]! * tRe - x[i]! * tIm;
    djIm[i]! += kIm + x[i]! * tRe - r[i]! * tIm;
  }
  for (let place = 0; place < at.length; place++) {
    const node = at[place]!;
    const re = vRe[node]!;
    const im = vIm[node]!;
    const scale = 1000 / ((re * re + im * im) * grid.baseKva);
    out[place] = scale * (re * djRe[node]! + im * djIm[node]!);
    out[at.length + place] = scale * (im * djRe[node]! - re * djIm[node]!);
  }
  return out;
}

function noChange(nodes: number): StateChange {
  const array = (): Float64Array => new Float64Array(nodes);
  return { dvRe: array(), dvIm: array(), djRe: array(), djIm: array() };
}

let weights = noChange(0);

/** Zeroed weights for `gradientOf`; void at the next call. */
export function noWeights(nodes: number): StateChange {
  if (weights.dvRe.length !== nodes) return (weights = noChange(nodes));
  weights.dvRe.fill(0);
  weights.dvIm.fill(0);
  weights.djRe.fill(0);
  weights.djIm.fill(0);
  return weights;
}

interface BranchAt {
  readonly node: number;
  readonly end: BranchEnd;
}

/** Change of `flowOf` with a change of the state: MW and Mvar. Does not allocate. */
export function flowDerivativeInto(solved: Solved, change: StateChange, at: BranchAt, into: Float64Array): void {
  const { bus, node, active, reactive } = flowWeights(solved, at);
  const [dRe, dIm, dInRe, dInIm] = [change.dvRe[bus]!, change.dvIm[bus]!, change.djRe[node]!, change.djIm[node]!];
  into[0] = active[0]! * dRe + active[1]! * dIm + active[2]! * dInRe + active[3]! * dInIm;
  into[1] = reactive[0]! * dRe + reactive[1]! * dIm + reactive[2]! * dInRe + reactive[3]! * dInIm;
}

interface FlowWeights {
  /** The node whose voltage counts, and the node whose current counts. */
  bus: number;
  node: number;
  /** Weights on dvRe, dvIm of the first and djRe, djIm of the second. */
  readonly active: Float64Array;
  readonly reactive: Float64Array;
}

const weighed: FlowWeights = { bus: 0, node: 0, active: new Float64Array(4), reactive: new Float64Array(4) };

/** The result is void at the next call. */
export function flowWeights({ grid, workspace }: Solved, { node, end }: BranchAt): Readonly<FlowWeights> {
  const far = end === 'far';
  const at = far ? node : grid.parent[node]!;
  const branch = grid.nodeBranch[node]!;
  const atTo = far === (grid.nodeAtTo[node] === 1);
  const g = (atTo ? grid.branchToG : grid.branchFromG)[branch]!;
  const b = (atTo ? grid.branchToB : grid.branchFromB)[branch]!;
  const { vRe, vIm, jRe, jIm, aRe, aIm } = workspace;
  const sign = far ? -1 : 1;
  const re = vRe[at]!;
  const im = vIm[at]!;
  // Ratio that brings the current into the node to this end of the branch.
  const u = far ? 1 : aRe[node]!;
  const w = far ? 0 : aIm[node]!;
  const iRe = u * jRe[node]! + w * jIm[node]! + sign * (g * re - b * im);
  const iIm = u * jIm[node]! - w * jRe[node]! + sign * (g * im + b * re);
  const scale = grid.baseKva / 1000;
  const { active, reactive } = weighed;
  weighed.bus = at;
  weighed.node = node;
  active[0] = scale * (iRe + sign * (g * re + b * im));
  active[1] = scale * (iIm + sign * (g * im - b * re));
  active[2] = scale * (u * re - w * im);
  active[3] = scale * (w * re + u * im);
  reactive[0] = scale * (-iIm + sign * (g * im - b * re));
  reactive[1] = scale * (iRe - sign * (g * re + b * im));
  reactive[2] = scale * (u * im + w * re);
  reactive[3] = scale * (w * im - u * re);
  return weighed;
}

/** Derivative of the import with respect to each input, MW or Mvar. */
export function importGradient(
  { grid, workspace: { vRe, vIm, jRe, jIm } }: Solved,
  lin: Linearisation,
  part: 'active' | 'reactive' = 'active',
): Float64Array {
  const weights = noWeights(lin.nodes);
  const scale = grid.baseKva / 1000;
  const active = part === 'active';
  for (let i = 0; i < grid.sourceCount; i++) {
    weights.dvRe[i] = scale * (active ? jRe[i]! : -jIm[i]!);
    weights.dvIm[i] = scale * (active ? jIm[i]! : jRe[i]!);
    weights.djRe[i] = scale * (active ? vRe[i]! : vIm[i]!);
    weights.djIm[i] = scale * (active ? vIm[i]! : -vRe[i]!);
  }
  return gradientOf(lin, weights);
}
