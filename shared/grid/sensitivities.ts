import { endCurrents, fromNode, toNode, type NodeState } from './flows.ts';
import type { RadialGrid, RadialWorkspace } from './radial.ts';

/** How everything answers to one unit of one cause: derivatives at the solved state. */
export interface SensitivityColumn {
  /** Per bus index, pu per unit of the cause. */
  readonly vmPu: Float64Array;
  /** Per branch index, kW, kvar and kVA per unit of the cause; apparent power at zero flow has no derivative and counts 0. */
  readonly fromKw: Float64Array;
  readonly fromKvar: Float64Array;
  readonly toKw: Float64Array;
  readonly toKvar: Float64Array;
  readonly fromKva: Float64Array;
  readonly toKva: Float64Array;
  readonly lossesKw: number;
}

export interface Sensitivities {
  /** One column per bus asked for: per kW (per kvar) more consumption there. */
  readonly perKw: readonly SensitivityColumn[];
  readonly perKvar: readonly SensitivityColumn[];
}

/**
 * The power flow equations linearised at a solved state and eliminated along the tree, exactly: in each subtree
 * dJ = A dV + b with a real 2x2 matrix A, so one column costs one pass up and one down.
 */
export interface Linearisation {
  readonly grid: RadialGrid;
  readonly workspace: RadialWorkspace;
  /** A per node, row by row: change of the current into the node with its voltage. */
  readonly admittance: Float64Array;
  /** (1 + z A)^-1 per node, row by row. */
  readonly inverse: Float64Array;
}

/** What moves: current drawn at nodes, and the branches whose ratio moves. */
interface Cause {
  readonly drawRe: Float64Array;
  readonly drawIm: Float64Array;
  /** Voltage added behind each node's branch (at a source: its own). */
  readonly liftRe: Float64Array;
  readonly liftIm: Float64Array;
  /** Branch whose ratio moves, as its node, and d(conj a) J of it. */
  ratioNode: number;
  ratioUpRe: number;
  ratioUpIm: number;
}

/**
 * Linearises at the state that the workspace holds; solve again and this is void. `into`: an earlier answer for the same grid, whose
 * arrays are used again.
 */
export function linearise(grid: RadialGrid, workspace: RadialWorkspace, into?: Linearisation): Linearisation {
  if (!workspace.solution.converged) throw new RangeError('sensitivities need a solved state');
  const { vRe, vIm, p, q, b: susceptance, aRe, aIm, r, x } = workspace;
  const nodes = grid.nodeBus.length;
  const { admittance, inverse } = into ?? {
    admittance: new Float64Array(4 * nodes),
    inverse: new Float64Array(4 * nodes),
  };
  for (let node = 0; node < nodes; node++) {
    const re = vRe[node]!;
    const im = vIm[node]!;
    const square = re * re + im * im;
    const iRe = (p[node]! * re + q[node]! * im) / square;
    const iIm = (p[node]! * im - q[node]! * re) / square;
    admittance[4 * node] = (p[node]! - 2 * re * iRe) / square + grid.gPu[node]!;
    admittance[4 * node + 1] = (q[node]! - 2 * im * iRe) / square - susceptance[node]!;
    admittance[4 * node + 2] = (-q[node]! - 2 * re * iIm) / square + susceptance[node]!;
    admittance[4 * node + 3] = (p[node]! - 2 * im * iIm) / square + grid.gPu[node]!;
  }
  for (let node = nodes - 1; node >= grid.sourceCount; node--) {
    const at = 4 * node;
    const [a, b, c, d] = [admittance[at]!, admittance[at + 1]!, admittance[at + 2]!, admittance[at + 3]!];
    const m00 = 1 + r[node]! * a - x[node]! * c;
    const m01 = r[node]! * b - x[node]! * d;
    const m10 = x[node]! * a + r[node]! * c;
    const m11 = 1 + x[node]! * b + r[node]! * d;
    const det = m00 * m11 - m01 * m10;
    const i00 = m11 / det;
    const i01 = -m01 / det;
    const i10 = -m10 / det;
    const i11 = m00 / det;
    inverse[at] = i00;
    inverse[at + 1] = i01;
    inverse[at + 2] = i10;
    inverse[at + 3] = i11;
    // A M, then conj(a) (A M) a, as the parent sees this subtree.
    const s00 = a * i00 + b * i10;
    const s01 = a * i01 + b * i11;
    const s10 = c * i00 + d * i10;
    const s11 = c * i01 + d * i11;
    const u = aRe[node]!;
    const w = aIm[node]!;
    const t00 = s00 * u + s01 * w;
    const t01 = -s00 * w + s01 * u;
    const t10 = s10 * u + s11 * w;
    const t11 = -s10 * w + s11 * u;
    const up = 4 * grid.parent[node]!;
    admittance[up]! += u * t00 + w * t10;
    admittance[up + 1]! += u * t01 + w * t11;
    admittance[up + 2]! += u * t10 - w * t00;
    admittance[up + 3]! += u * t11 - w * t01;
  }
  return { grid, workspace, admittance, inverse };
}

/** Everything per kW and per kvar of more consumption at each of the buses (bus indices; de-energised ones answer with zeros). */
export function sensitivities(grid: RadialGrid, workspace: RadialWorkspace, buses: readonly number[]): Sensitivities {
  const linearisation = linearise(grid, workspace);
  return {
    perKw: buses.map((bus) => loadColumn(linearisation, bus, 'activePowerKw')),
    perKvar: buses.map((bus) => loadColumn(linearisation, bus, 'reactivePowerKvar')),
  };
}

/** Per kW or kvar of more consumption at a bus. */
export function loadColumn(
  linearisation: Linearisation,
  bus: number,
  quantity: 'activePowerKw' | 'reactivePowerKvar',
): SensitivityColumn {
  const { grid, workspace } = linearisation;
  const cause = noCause(grid);
  const node = grid.busNode[bus]!;
  if (node >= 0) {
    const re = workspace.vRe[node]!;
    const im = workspace.vIm[node]!;
    const scale = 1 / ((re * re + im * im) * grid.baseKva);
    cause.drawRe[node] = (quantity === 'activePowerKw' ? re : im) * scale;
    cause.drawIm[node] = (quantity === 'activePowerKw' ? im : -re) * scale;
  }
  return column(linearisation, cause);
}

/** Per step up of a transformer's tap position (index into `grid.transformers`). */
export function tapColumn(linearisation: Linearisation, transformer: number): SensitivityColumn {
  const { grid, workspace } = linearisation;
  const cause = noCause(grid);
  const { node, neutralRatio, tapStep } = grid.transformers[transformer]!;
  if (node >= 0) {
    const { aRe, aIm, vRe, vIm, jRe, jIm, r, x } = workspace;
    const atTo = grid.nodeAtTo[node] === 1;
    const magnitude = Math.sqrt(aRe[node]! ** 2 + aIm[node]! ** 2);
    const relative = (neutralRatio * tapStep) / (atTo ? 1 / magnitude : magnitude);
    const turn = atTo ? -relative : relative;
    const impedance = atTo ? 0 : 2 * relative;
    const up = grid.parent[node]!;
    const dRe = aRe[node]! * turn;
    const dIm = aIm[node]! * turn;
    const zRe = r[node]! * impedance;
    const zIm = x[node]! * impedance;
    cause.liftRe[node] = dRe * vRe[up]! - dIm * vIm[up]! - zRe * jRe[node]! + zIm * jIm[node]!;
    cause.liftIm[node] = dRe * vIm[up]! + dIm * vRe[up]! - zRe * jIm[node]! - zIm * jRe[node]!;
    cause.ratioNode = node;
    cause.ratioUpRe = dRe * jRe[node]! + dIm * jIm[node]!;
    cause.ratioUpIm = dRe * jIm[node]! - dIm * jRe[node]!;
  }
  return column(linearisation, cause);
}

/** Per pu of a source's voltage (index into `grid.sourceIds`). */
export function sourceColumn(linearisation: Linearisation, source: number): SensitivityColumn {
  const { grid, workspace } = linearisation;
  const cause = noCause(grid);
  const voltage = Math.sqrt(workspace.vRe[source]! ** 2 + workspace.vIm[source]! ** 2);
  cause.liftRe[source] = workspace.vRe[source]! / voltage;
  cause.liftIm[source] = workspace.vIm[source]! / voltage;
  return column(linearisation, cause);
}

function noCause(grid: RadialGrid): Cause {
  const zeros = (): Float64Array => new Float64Array(grid.nodeBus.length);
  return {
    drawRe: zeros(),
    drawIm: zeros(),
    liftRe: zeros(),
    liftIm: zeros(),
    ratioNode: -1,
    ratioUpRe: 0,
    ratioUpIm: 0,
  };
}

/** One pass up (what each subtree draws more) and one down (what that does to voltages). */
function stateChange({ grid, workspace, admittance, inverse }: Linearisation, cause: Cause): NodeState {
  const { aRe, aIm, r, x } = workspace;
  const { parent, sourceCount } = grid;
  const { drawRe, drawIm, liftRe, liftIm } = cause;
  const nodes = parent.length;
  for (let node = nodes - 1; node >= sourceCount; node--) {
    const at = 4 * node;
    const eRe = liftRe[node]! - r[node]! * drawRe[node]! + x[node]! * drawIm[node]!;
    const eIm = liftIm[node]! - r[node]! * drawIm[node]! - x[node]! * drawRe[node]!;
    const vRe = inverse[at]! * eRe + inverse[at + 1]! * eIm;
    const vIm = inverse[at + 2]! * eRe + inverse[at + 3]! * eIm;
    const jRe = drawRe[node]! + admittance[at]! * vRe + admittance[at + 1]! * vIm;
    const jIm = drawIm[node]! + admittance[at + 2]! * vRe + admittance[at + 3]! * vIm;
    const up = parent[node]!;
    drawRe[up]! += aRe[node]! * jRe + aIm[node]! * jIm + (node === cause.ratioNode ? cause.ratioUpRe : 0);
    drawIm[up]! += aRe[node]! * jIm - aIm[node]! * jRe + (node === cause.ratioNode ? cause.ratioUpIm : 0);
  }
  const state = {
    vRe: new Float64Array(nodes),
    vIm: new Float64Array(nodes),
    jRe: new Float64Array(nodes),
    jIm: new Float64Array(nodes),
  };
  for (let node = 0; node < nodes; node++) {
    const at = 4 * node;
    let eRe = liftRe[node]!;
    let eIm = liftIm[node]!;
    if (node >= sourceCount) {
      const up = parent[node]!;
      eRe += aRe[node]! * state.vRe[up]! - aIm[node]! * state.vIm[up]!;
      eIm += aRe[node]! * state.vIm[up]! + aIm[node]! * state.vRe[up]!;
      eRe += x[node]! * drawIm[node]! - r[node]! * drawRe[node]!;
      eIm -= r[node]! * drawIm[node]! + x[node]! * drawRe[node]!;
      state.vRe[node] = inverse[at]! * eRe + inverse[at + 1]! * eIm;
      state.vIm[node] = inverse[at + 2]! * eRe + inverse[at + 3]! * eIm;
    } else {
      state.vRe[node] = eRe;
      state.vIm[node] = eIm;
    }
    state.jRe[node] = drawRe[node]! + admittance[at]! * state.vRe[node]! + admittance[at + 1]! * state.vIm[node]!;
    state.jIm[node] = drawIm[node]! + admittance[at + 2]! * state.vRe[node]! + admittance[at + 3]! * state.vIm[node]!;
  }
  return state;
}

function column(linearisation: Linearisation, cause: Cause): SensitivityColumn {
  const { grid, workspace } = linearisation;
  const change = stateChange(linearisation, cause);
  const { vRe, vIm, solution } = workspace;
  const vmPu = new Float64Array(grid.busIds.length);
  for (let node = 0; node < grid.nodeBus.length; node++) {
    const bus = grid.nodeBus[node]!;
    vmPu[bus] = (vRe[node]! * change.vRe[node]! + vIm[node]! * change.vIm[node]!) / solution.vmPu[bus]!;
  }
  const branch = (): Float64Array => new Float64Array(grid.branchIds.length);
  const result = { vmPu, fromKw: branch(), fromKvar: branch(), toKw: branch(), toKvar: branch() };
  const fromKva = branch();
  const toKva = branch();
  const now = new Float64Array(4);
  const moved = new Float64Array(4);
  let lossesKw = 0;
  for (let node = grid.sourceCount; node < grid.nodeBus.length; node++) {
    const index = grid.nodeBranch[node]!;
    const from = fromNode(grid, node);
    const to = toNode(grid, node);
    endCurrents(grid, workspace, workspace, { node, into: now });
    endCurrents(grid, workspace, change, { node, into: moved });
    if (node === cause.ratioNode) {
      const end = grid.nodeAtTo[node] === 1 ? 0 : 2;
      moved[end]! += cause.ratioUpRe;
      moved[end + 1]! += cause.ratioUpIm;
    }
    for (const [end, at, kw, kvar] of [
      [0, from, result.fromKw, result.fromKvar],
      [2, to, result.toKw, result.toKvar],
    ] as const) {
      const iRe = now[end]!;
      const iIm = now[end + 1]!;
      const dRe = moved[end]!;
      const dIm = moved[end + 1]!;
      kw[index] = (change.vRe[at]! * iRe + change.vIm[at]! * iIm + vRe[at]! * dRe + vIm[at]! * dIm) * grid.baseKva;
      kvar[index] = (change.vIm[at]! * iRe - change.vRe[at]! * iIm + vIm[at]! * dRe - vRe[at]! * dIm) * grid.baseKva;
    }
    fromKva[index] = apparent(
      solution.fromKw[index]!,
      solution.fromKvar[index]!,
      result.fromKw[index]!,
      result.fromKvar[index]!,
    );
    toKva[index] = apparent(solution.toKw[index]!, solution.toKvar[index]!, result.toKw[index]!, result.toKvar[index]!);
    lossesKw += result.fromKw[index]! + result.toKw[index]!;
  }
  return { ...result, fromKva, toKva, lossesKw };
}

function apparent(p: number, q: number, dp: number, dq: number): number {
  const s = Math.sqrt(p * p + q * q);
  return s === 0 ? 0 : (p * dp + q * dq) / s;
}
