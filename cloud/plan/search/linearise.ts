import { linearise as eliminate, type Linearisation as Elimination } from '../../../shared/grid/sensitivities.ts';
import type { BranchEnd, Flow, Solved } from '../problem/ac.ts';

/**
 * Exact first derivatives of a solved power flow to consumption at chosen nodes and to the voltage of the sources. Inputs are
 * ordered [P at each node..., Q at each node..., source voltage]: MW, Mvar, pu. Entries stand at [input * nodes + node].
 */
export interface Linearisation {
  readonly inputs: number;
  readonly nodes: number;
  /** Change of the complex voltage, and of the series current into the node, per unit. */
  readonly dvRe: Float64Array;
  readonly dvIm: Float64Array;
  readonly djRe: Float64Array;
  readonly djIm: Float64Array;
  /** Change of the voltage's magnitude. */
  readonly dvm: Float64Array;
  /** What it was made from: void when the power flow is solved anew. */
  readonly elimination: Elimination;
  /** Node of each place. */
  readonly at: Int32Array;
}

/**
 * Uses the elimination along the tree: dJ = A dV + k in each subtree. Each input costs one pass up its path and one pass down.
 * `into`: an earlier answer for as many inputs and nodes, whose arrays are used again.
 */
export function linearise(solved: Solved, at: Int32Array, into?: Linearisation): Linearisation {
  const nodes = solved.grid.parent.length;
  const inputs = 2 * at.length + 1;
  const array = (): Float64Array => new Float64Array(inputs * nodes);
  const elimination = eliminate(solved.grid, solved.workspace, into?.elimination);
  const arrays = into ?? { dvRe: array(), dvIm: array(), djRe: array(), djIm: array(), dvm: array() };
  const out: Linearisation = {
    inputs,
    nodes,
    dvRe: arrays.dvRe,
    dvIm: arrays.dvIm,
    djRe: arrays.djRe,
    djIm: arrays.djIm,
    dvm: arrays.dvm,
    elimination,
    at,
  };
  const k = new Float64Array(2 * nodes);
  for (let input = 0; input < inputs; input++) {
    k.fill(0);
    const source = input === inputs - 1;
    if (!source) ascend(elimination, { node: at[input % at.length]!, active: input < at.length, k });
    descend(elimination, { out, k, offset: input * nodes, source: source ? 1 : 0 });
  }
  return out;
}

/** Carries the current that one MW or Mvar at a node draws up to its source: k of each node on the way. */
function ascend(
  { grid, workspace, admittance: n, inverse: m }: Elimination,
  { node, active, k }: { readonly node: number; readonly active: boolean; readonly k: Float64Array },
): void {
  const { r, x, aRe, aIm } = workspace;
  const re = workspace.vRe[node]!;
  const im = workspace.vIm[node]!;
  const square = ((re * re + im * im) * grid.baseKva) / 1000;
  let kRe = (active ? re : im) / square;
  let kIm = (active ? im : -re) / square;
  let i = node;
  for (;;) {
    k[2 * i] = kRe;
    k[2 * i + 1] = kIm;
    if (i < grid.sourceCount) return;
    // With the parent's voltage fixed: dV = -M z k, dJ = k + A dV.
    const zRe = r[i]! * kRe - x[i]! * kIm;
    const zIm = r[i]! * kIm + x[i]! * kRe;
    const dRe = -(m[4 * i]! * zRe + m[4 * i + 1]! * zIm);
    const dIm = -(m[4 * i + 2]! * zRe + m[4 * i + 3]! * zIm);
    const jRe = kRe + n[4 * i]! * dRe + n[4 * i + 1]! * dIm;
    const jIm = kIm + n[4 * i + 2]! * dRe + n[4 * i + 3]! * dIm;
    kRe = aRe[i]! * jRe + aIm[i]! * jIm;
    kIm = aRe[i]! * jIm - aIm[i]! * jRe;
    i = grid.parent[i]!;
  }
}

interface Descent {
  readonly out: StateChange & { readonly dvm?: Float64Array };
  readonly k: Float64Array;
  readonly offset: number;
  /** Change of the sources' voltage, pu. */
  readonly source: number;
}

function descend(elimination: Elimination, { out, k, offset, source }: Descent): void {
  const { grid, workspace, admittance: n, inverse: m } = elimination;
  const { dvRe, dvIm, djRe, djIm, dvm } = out;
  const { vRe, vIm, r, x, aRe, aIm } = workspace;
  for (let i = 0; i < grid.parent.length; i++) {
    const here = offset + i;
    const volts = Math.sqrt(vRe[i]! ** 2 + vIm[i]! ** 2);
    let re = 0;
    let im = 0;
    if (i < grid.sourceCount) {
      re = (source * vRe[i]!) / volts;
      im = (source * vIm[i]!) / volts;
    } else {
      const up = offset + grid.parent[i]!;
      const tRe = aRe[i]! * dvRe[up]! - aIm[i]! * dvIm[up]! - r[i]! * k[2 * i]! + x[i]! * k[2 * i + 1]!;
      const tIm = aRe[i]! * dvIm[up]! + aIm[i]! * dvRe[up]! - r[i]! * k[2 * i + 1]! - x[i]! * k[2 * i]!;
      re = m[4 * i]! * tRe + m[4 * i + 1]! * tIm;
      im = m[4 * i + 2]! * tRe + m[4 * i + 3]! * tIm;
    }
    dvRe[here] = re;
    dvIm[here] = im;
    if (dvm !== undefined) dvm[here] = (vRe[i]! * re + vIm[i]! * im) / volts;
    djRe[here] = n[4 * i]! * re + n[4 * i + 1]! * im + k[2 * i]!;
    djIm[here] = n[4 * i + 2]! * re + n[4 * i + 3]! * im + k[2 * i + 1]!;
  }
}

interface Phasors {
  readonly v: readonly [number, number];
  readonly dv: readonly [number, number];
  readonly j: readonly [number, number];
  readonly dj: readonly [number, number];
}

function powerDerivative({ v, dv, j, dj }: Phasors, baseKva: number): Flow {
  const scale = baseKva / 1000;
  return {
    mw: (dv[0] * j[0] + dv[1] * j[1] + v[0] * dj[0] + v[1] * dj[1]) * scale,
    mvar: (dv[1] * j[0] - dv[0] * j[1] + v[1] * dj[0] - v[0] * dj[1]) * scale,
  };
}

/** Change of the complex voltages and currents, [node], when all inputs change together. */
export type StateChange = Pick<Linearisation, 'dvRe' | 'dvIm' | 'djRe' | 'djIm'>;

/** One pass up and one down the tree, whatever number of inputs changes. `into`: an earlier answer, whose arrays are used again. */
export function combined(
  { nodes, inputs, elimination, at }: Linearisation,
  change: Float64Array,
  into?: StateChange,
): StateChange {
  const { grid, workspace, admittance: n, inverse: m } = elimination;
  const { r, x, aRe, aIm, vRe, vIm } = workspace;
  const k = new Float64Array(2 * nodes);
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
  const array = (): Float64Array => new Float64Array(nodes);
  const out = into ?? { dvRe: array(), dvIm: array(), djRe: array(), djIm: array() };
  descend(elimination, { out, k, offset: 0, source: change[inputs - 1]! });
  return out;
}

interface BranchAt {
  readonly node: number;
  readonly end: BranchEnd;
  /** Where the change's nodes begin. */
  readonly offset?: number;
}

/** Change of `flowOf` with a change of the state. */
export function flowDerivative(solved: Solved, change: StateChange, at: BranchAt): Flow {
  const into = new Float64Array(2);
  flowDerivativeInto(solved, change, at, into);
  return { mw: into[0]!, mvar: into[1]! };
}

/** The same, MW and Mvar, where it is asked for at every branch and step: allocates nothing. */
export function flowDerivativeInto(
  { grid, workspace }: Solved,
  change: StateChange,
  { node, end, offset = 0 }: BranchAt,
  into: Float64Array,
): void {
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
  const dRe = change.dvRe[offset + at]!;
  const dIm = change.dvIm[offset + at]!;
  const inRe = jRe[node]!;
  const inIm = jIm[node]!;
  const dInRe = change.djRe[offset + node]!;
  const dInIm = change.djIm[offset + node]!;
  // What flows into the node, as it is at the other side of the ratio.
  const u = far ? 1 : aRe[node]!;
  const w = far ? 0 : aIm[node]!;
  const iRe = u * inRe + w * inIm + sign * (g * re - b * im);
  const iIm = u * inIm - w * inRe + sign * (g * im + b * re);
  const diRe = u * dInRe + w * dInIm + sign * (g * dRe - b * dIm);
  const diIm = u * dInIm - w * dInRe + sign * (g * dIm + b * dRe);
  const scale = grid.baseKva / 1000;
  into[0] = (dRe * iRe + dIm * iIm + re * diRe + im * diIm) * scale;
  into[1] = (dIm * iRe - dRe * iIm + im * diRe - re * diIm) * scale;
}

/** Derivative of `importOf` to one input. */
export function importDerivative({ grid, workspace }: Solved, lin: Linearisation, input: number): Flow {
  let mw = 0;
  let mvar = 0;
  for (let i = 0; i < grid.sourceCount; i++) {
    const k = input * lin.nodes + i;
    const one = powerDerivative(
      {
        v: [workspace.vRe[i]!, workspace.vIm[i]!],
        dv: [lin.dvRe[k]!, lin.dvIm[k]!],
        j: [workspace.jRe[i]!, workspace.jIm[i]!],
        dj: [lin.djRe[k]!, lin.djIm[k]!],
      },
      grid.baseKva,
    );
    mw += one.mw;
    mvar += one.mvar;
  }
  return { mw, mvar };
}
