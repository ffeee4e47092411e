import { endCurrents, fromNode, toNode, type NodeState } from './flows.ts';
import type { RadialGrid, RadialWorkspace } from './radial.ts';

/** Response of the whole grid to one unit of one cause: derivatives at the solved state. */
export interface SensitivityColumn {
  /** Per bus index, pu per unit of the cause. */
  readonly vmPu: Float64Array;
  /** Per branch index, kW, kvar and kVA per unit of the cause. Apparent power has no derivative at zero flow; it is 0 there. */
  readonly fromKw: Float64Array;
  readonly fromKvar: Float64Array;
  readonly toKw: Float64Array;
  readonly toKvar: Float64Array;
  readonly fromKva: Float64Array;
  readonly toKva: Float64Array;
  readonly lossesKw: number;
}

export interface Sensitivities {
  /** One column per requested bus: per kW (per kvar) of additional consumption there. */
  readonly perKw: readonly SensitivityColumn[];
  readonly perKvar: readonly SensitivityColumn[];
}

/**
 * The power flow equations linearised at a solved state and eliminated exactly along the tree. In each subtree dJ = A dV + b with a real
 * 2x2 matrix A, so one column costs one pass up and one down.
 */
export interface Linearisation {
  readonly grid: RadialGrid;
  readonly workspace: RadialWorkspace;
  /** A per node, row by row: change of the current into the node with its voltage. */
  readonly admittance: Float64Array;
  /** (1 + z A)^-1 per node, row by row. */
  readonly inverse: Float64Array;
}

/** A cause at one node. */
interface Cause {
  /** -1 for none. */
  readonly node: number;
  /** Change of the current drawn there. */
  readonly drawRe: number;
  readonly drawIm: number;
  /** Voltage added behind its branch, or at a source its own voltage. */
  readonly liftRe: number;
  readonly liftIm: number;
  /** d(conj a) J of its branch, if the branch's ratio changes. */
  readonly ratioUpRe: number;
  readonly ratioUpIm: number;
}

const NO_CAUSE: Cause = { node: -1, drawRe: 0, drawIm: 0, liftRe: 0, liftIm: 0, ratioUpRe: 0, ratioUpIm: 0 };

export type FlowQuantity = 'fromKw' | 'fromKvar' | 'toKw' | 'toKvar';

/** What a response needs. It is a copy, so that neither a later solve nor a later linearisation changes it. */
interface Solved
  extends NodeState, Pick<RadialWorkspace, 'aRe' | 'aIm' | 'r' | 'x'>, Pick<Linearisation, 'admittance' | 'inverse'> {
  readonly vmPu: Float64Array;
  /** Four per node: result of `endCurrents` for its branch. */
  readonly ends: Float64Array;
}

/** Response of voltages and flows to one unit of a cause. Each value is computed on request. */
export class GridResponse {
  readonly #grid: RadialGrid;
  readonly #solved: Solved;
  readonly #cause: Cause;
  readonly #change: NodeState;

  constructor(grid: RadialGrid, solved: Solved, cause: Cause) {
    this.#grid = grid;
    this.#solved = solved;
    this.#cause = cause;
    this.#change = stateChange(grid, solved, cause);
  }

  /** pu per unit of the cause; 0 for a de-energised bus. */
  vmPu(bus: number): number {
    const node = this.#grid.busNode[bus]!;
    if (node < 0) return 0;
    const { vRe, vIm, vmPu } = this.#solved;
    return (vRe[node]! * this.#change.vRe[node]! + vIm[node]! * this.#change.vIm[node]!) / vmPu[bus]!;
  }

  /** kW or kvar per unit of the cause. */
  flow(branch: number, quantity: FlowQuantity): number {
    const grid = this.#grid;
    const node = grid.branchNode[branch]!;
    if (node < 0) return 0;
    const { vRe, vIm } = this.#solved;
    const change = this.#change;
    const isTo = quantity === 'toKw' || quantity === 'toKvar';
    const at = isTo ? toNode(grid, node) : fromNode(grid, node);
    const end = isTo ? 2 : 0;
    const iRe = this.#solved.ends[4 * node + end]!;
    const iIm = this.#solved.ends[4 * node + end + 1]!;
    endCurrents(grid, this.#solved, change, { node, into: moved });
    const movesHere = node === this.#cause.node && isTo !== (grid.nodeAtTo[node] === 1);
    const dRe = moved[end]! + (movesHere ? this.#cause.ratioUpRe : 0);
    const dIm = moved[end + 1]! + (movesHere ? this.#cause.ratioUpIm : 0);
    return quantity === 'fromKw' || quantity === 'toKw'
      ? (change.vRe[at]! * iRe + change.vIm[at]! * iIm + vRe[at]! * dRe + vIm[at]! * dIm) * grid.baseKva
      : (change.vIm[at]! * iRe - change.vRe[at]! * iIm + vIm[at]! * dRe - vRe[at]! * dIm) * grid.baseKva;
  }
}

const moved = new Float64Array(4);

/**
 * Linearises at the state in the workspace. The next solve with the workspace invalidates the result. `into` is an earlier result for the
 * same grid whose arrays are reused.
 */
export function linearise(grid: RadialGrid, workspace: RadialWorkspace, into?: Linearisation): Linearisation {
  if (!workspace.solution.converged) throw new RangeError('sensitivities need a solved state');
  const { vRe, vIm, p, q, g: conductance, b: susceptance, aRe, aIm, r, x } = workspace;
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
    admittance[4 * node] = (p[node]! - 2 * re * iRe) / square + conductance[node]!;
    admittance[4 * node + 1] = (q[node]! - 2 * im * iRe) / square - susceptance[node]!;
    admittance[4 * node + 2] = (-q[node]! - 2 * re * iIm) / square + susceptance[node]!;
    admittance[4 * node + 3] = (p[node]! - 2 * im * iIm) / square + conductance[node]!;
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
    // A M, then conj(a) (A M) a: this subtree as seen by its parent.
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

/**
 * All derivatives per kW and per kvar of additional consumption at each of the buses (bus indices). They are zero for de-energised buses.
 */
export function sensitivities(grid: RadialGrid, workspace: RadialWorkspace, buses: readonly number[]): Sensitivities {
  const responses = new GridResponses(linearise(grid, workspace));
  const columns = (quantity: LoadQuantity): SensitivityColumn[] =>
    buses.map((bus) => columnOf(grid, workspace, responses.toLoad(bus, quantity)));
  return { perKw: columns('activePowerKw'), perKvar: columns('reactivePowerKvar') };
}

export type LoadQuantity = 'activePowerKw' | 'reactivePowerKvar';

/** Responses of a linearised state to one cause each. They stay valid when the workspace is solved again. */
export class GridResponses {
  readonly #grid: RadialGrid;
  readonly #solved: Solved;

  constructor({ grid, workspace, admittance, inverse }: Linearisation) {
    const { vRe, vIm, jRe, jIm, aRe, aIm, r, x, solution } = workspace;
    const ends = new Float64Array(4 * grid.nodeBus.length);
    for (let node = grid.sourceCount; node < grid.nodeBus.length; node++)
      endCurrents(grid, workspace, workspace, { node, into: ends.subarray(4 * node) });
    this.#grid = grid;
    this.#solved = {
      vRe: vRe.slice(),
      vIm: vIm.slice(),
      jRe: jRe.slice(),
      jIm: jIm.slice(),
      aRe: aRe.slice(),
      aIm: aIm.slice(),
      r: r.slice(),
      x: x.slice(),
      admittance: admittance.slice(),
      inverse: inverse.slice(),
      vmPu: solution.vmPu.slice(),
      ends,
    };
  }

  /** Per kW or kvar of additional consumption at a bus. */
  toLoad(bus: number, quantity: LoadQuantity): GridResponse {
    const grid = this.#grid;
    const node = grid.busNode[bus]!;
    if (node < 0) return this.#to(NO_CAUSE);
    const re = this.#solved.vRe[node]!;
    const im = this.#solved.vIm[node]!;
    const scale = 1 / ((re * re + im * im) * grid.baseKva);
    const drawRe = (quantity === 'activePowerKw' ? re : im) * scale;
    const drawIm = (quantity === 'activePowerKw' ? im : -re) * scale;
    return this.#to({ ...NO_CAUSE, node, drawRe, drawIm });
  }

  /** Per step up of a transformer's tap position (index into `grid.transformers`). */
  toTap(transformer: number): GridResponse {
    const grid = this.#grid;
    const { node, neutralRatio, tapStep } = grid.transformers[transformer]!;
    if (node < 0) return this.#to(NO_CAUSE);
    const { aRe, aIm, vRe, vIm, jRe, jIm, r, x } = this.#solved;
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
    return this.#to({
      ...NO_CAUSE,
      node,
      liftRe: dRe * vRe[up]! - dIm * vIm[up]! - zRe * jRe[node]! + zIm * jIm[node]!,
      liftIm: dRe * vIm[up]! + dIm * vRe[up]! - zRe * jIm[node]! - zIm * jRe[node]!,
      ratioUpRe: dRe * jRe[node]! + dIm * jIm[node]!,
      ratioUpIm: dRe * jIm[node]! - dIm * jRe[node]!,
    });
  }

  /** Per pu of a source's voltage (index into `grid.sourceIds`). */
  toSource(source: number): GridResponse {
    const { vRe, vIm } = this.#solved;
    const voltage = Math.sqrt(vRe[source]! ** 2 + vIm[source]! ** 2);
    return this.#to({ ...NO_CAUSE, node: source, liftRe: vRe[source]! / voltage, liftIm: vIm[source]! / voltage });
  }

  #to(cause: Cause): GridResponse {
    return new GridResponse(this.#grid, this.#solved, cause);
  }
}

/** One pass up for the additional current of each subtree above the cause, and one down for the resulting voltages. */
function stateChange(grid: RadialGrid, { aRe, aIm, r, x, admittance, inverse }: Solved, cause: Cause): NodeState {
  const { parent, sourceCount } = grid;
  const nodes = parent.length;
  const vRe = new Float64Array(nodes);
  const vIm = new Float64Array(nodes);
  // First the additional current drawn at each node, later the current into it.
  const jRe = new Float64Array(nodes);
  const jIm = new Float64Array(nodes);
  const state = { vRe, vIm, jRe, jIm };
  if (cause.node < 0) return state;
  jRe[cause.node] = cause.drawRe;
  jIm[cause.node] = cause.drawIm;
  let { liftRe, liftIm, ratioUpRe, ratioUpIm } = cause;
  for (let node = cause.node; node >= sourceCount; node = parent[node]!) {
    const at = 4 * node;
    const eRe = liftRe - r[node]! * jRe[node]! + x[node]! * jIm[node]!;
    const eIm = liftIm - r[node]! * jIm[node]! - x[node]! * jRe[node]!;
    const dRe = inverse[at]! * eRe + inverse[at + 1]! * eIm;
    const dIm = inverse[at + 2]! * eRe + inverse[at + 3]! * eIm;
    const intoRe = jRe[node]! + admittance[at]! * dRe + admittance[at + 1]! * dIm;
    const intoIm = jIm[node]! + admittance[at + 2]! * dRe + admittance[at + 3]! * dIm;
    const up = parent[node]!;
    jRe[up] = aRe[node]! * intoRe + aIm[node]! * intoIm + ratioUpRe;
    jIm[up] = aRe[node]! * intoIm - aIm[node]! * intoRe + ratioUpIm;
    liftRe = liftIm = ratioUpRe = ratioUpIm = 0;
  }
  for (let node = 0; node < nodes; node++) {
    const at = 4 * node;
    let eRe = node === cause.node ? cause.liftRe : 0;
    let eIm = node === cause.node ? cause.liftIm : 0;
    const drawRe = jRe[node]!;
    const drawIm = jIm[node]!;
    if (node >= sourceCount) {
      const up = parent[node]!;
      eRe += aRe[node]! * vRe[up]! - aIm[node]! * vIm[up]!;
      eIm += aRe[node]! * vIm[up]! + aIm[node]! * vRe[up]!;
      eRe += x[node]! * drawIm - r[node]! * drawRe;
      eIm -= r[node]! * drawIm + x[node]! * drawRe;
      vRe[node] = inverse[at]! * eRe + inverse[at + 1]! * eIm;
      vIm[node] = inverse[at + 2]! * eRe + inverse[at + 3]! * eIm;
    } else {
      vRe[node] = eRe;
      vIm[node] = eIm;
    }
    jRe[node] = drawRe + admittance[at]! * vRe[node]! + admittance[at + 1]! * vIm[node]!;
    jIm[node] = drawIm + admittance[at + 2]! * vRe[node]! + admittance[at + 3]! * vIm[node]!;
  }
  return state;
}

/** The complete response, at the state in the workspace. */
export function columnOf(grid: RadialGrid, { solution }: RadialWorkspace, response: GridResponse): SensitivityColumn {
  const flows = (quantity: FlowQuantity): Float64Array =>
    Float64Array.from(grid.branchIds, (_, branch) => response.flow(branch, quantity));
  const fromKw = flows('fromKw');
  const fromKvar = flows('fromKvar');
  const toKw = flows('toKw');
  const toKvar = flows('toKvar');
  const { fromKw: p, fromKvar: q, toKw: pTo, toKvar: qTo } = solution;
  return {
    vmPu: Float64Array.from(grid.busIds, (_, bus) => response.vmPu(bus)),
    fromKw,
    fromKvar,
    toKw,
    toKvar,
    fromKva: p.map((_, at) => apparent(p[at]!, q[at]!, fromKw[at]!, fromKvar[at]!)),
    toKva: pTo.map((_, at) => apparent(pTo[at]!, qTo[at]!, toKw[at]!, toKvar[at]!)),
    lossesKw: fromKw.reduce((sum, kw, at) => sum + kw + toKw[at]!, 0),
  };
}

function apparent(p: number, q: number, dp: number, dq: number): number {
  const s = Math.sqrt(p * p + q * q);
  return s === 0 ? 0 : (p * dp + q * dq) / s;
}
