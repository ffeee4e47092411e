import { endAdmittance, type BranchEnd, type Flow, type Solved } from './ac.ts';

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
}

/** Real 2x2 blocks [4 * node]: dJ = N dV + k for the subtree of a node; W = (1 + N Z)^-1. */
interface Elimination {
  readonly n: Float64Array;
  readonly w: Float64Array;
}

/**
 * Elimination along the tree. A constant power makes the current depend on the conjugate of the voltage, hence real blocks. Each
 * input costs one pass up its path and one pass down the tree.
 */
export function linearise(solved: Solved, at: Int32Array): Linearisation {
  const nodes = solved.grid.parent.length;
  const inputs = 2 * at.length + 1;
  const array = (): Float64Array => new Float64Array(inputs * nodes);
  const out = { inputs, nodes, dvRe: array(), dvIm: array(), djRe: array(), djIm: array(), dvm: array() };
  const elimination = eliminate(solved);
  const c = new Float64Array(2 * nodes);
  for (let input = 0; input < inputs; input++) {
    c.fill(0);
    const source = input === inputs - 1;
    if (!source) ascend(solved, elimination, { node: at[input % at.length]!, active: input < at.length, c });
    descend(solved, elimination, { out, c, offset: input * nodes, source });
  }
  return out;
}

function eliminate({ grid, workspace }: Solved): Elimination {
  const { parent, gPu, bPu, sourceCount } = grid;
  const { vRe, vIm, p, q, r, x, aRe, aIm } = workspace;
  const nodes = parent.length;
  const n = new Float64Array(4 * nodes);
  const w = new Float64Array(4 * nodes);
  for (let i = 0; i < nodes; i++) {
    const re = vRe[i]!;
    const im = vIm[i]!;
    const square = (re * re + im * im) ** 2;
    // J = conj(S / V) + Y V, hence dJ = -conj(S) conj(dV) / conj(V)^2 + Y dV.
    const kRe = (p[i]! * (re * re - im * im) + q[i]! * 2 * re * im) / square;
    const kIm = (p[i]! * 2 * re * im - q[i]! * (re * re - im * im)) / square;
    n[4 * i] = -kRe + gPu[i]!;
    n[4 * i + 1] = -kIm - bPu[i]!;
    n[4 * i + 2] = -kIm + bPu[i]!;
    n[4 * i + 3] = kRe + gPu[i]!;
  }
  for (let i = nodes - 1; i >= sourceCount; i--) {
    const a = n[4 * i]!;
    const b = n[4 * i + 1]!;
    const c = n[4 * i + 2]!;
    const d = n[4 * i + 3]!;
    const e = 1 + a * r[i]! + b * x[i]!;
    const f = b * r[i]! - a * x[i]!;
    const g = c * r[i]! + d * x[i]!;
    const h = 1 + d * r[i]! - c * x[i]!;
    const det = e * h - f * g;
    const w0 = h / det;
    const w1 = -f / det;
    const w2 = -g / det;
    const w3 = e / det;
    w[4 * i] = w0;
    w[4 * i + 1] = w1;
    w[4 * i + 2] = w2;
    w[4 * i + 3] = w3;
    // The parent carries T' W N T, with T the ratio as a real matrix.
    const tr = aRe[i]!;
    const ti = aIm[i]!;
    const m0 = w0 * a + w1 * c;
    const m1 = w0 * b + w1 * d;
    const m2 = w2 * a + w3 * c;
    const m3 = w2 * b + w3 * d;
    const s0 = m0 * tr + m1 * ti;
    const s1 = m1 * tr - m0 * ti;
    const s2 = m2 * tr + m3 * ti;
    const s3 = m3 * tr - m2 * ti;
    const up = 4 * parent[i]!;
    n[up]! += tr * s0 + ti * s2;
    n[up + 1]! += tr * s1 + ti * s3;
    n[up + 2]! += tr * s2 - ti * s0;
    n[up + 3]! += tr * s3 - ti * s1;
  }
  return { n, w };
}

/** Carries the current of one MW or Mvar at a node up to its source. */
function ascend(
  { grid, workspace }: Solved,
  { w }: Elimination,
  { node, active, c }: { readonly node: number; readonly active: boolean; readonly c: Float64Array },
): void {
  const re = workspace.vRe[node]!;
  const im = workspace.vIm[node]!;
  const square = ((re * re + im * im) * grid.baseKva) / 1000;
  let kRe = (active ? re : im) / square;
  let kIm = (active ? im : -re) / square;
  let i = node;
  while (i >= grid.sourceCount) {
    const a = w[4 * i]! * kRe + w[4 * i + 1]! * kIm;
    const b = w[4 * i + 2]! * kRe + w[4 * i + 3]! * kIm;
    c[2 * i] = a;
    c[2 * i + 1] = b;
    kRe = workspace.aRe[i]! * a + workspace.aIm[i]! * b;
    kIm = workspace.aRe[i]! * b - workspace.aIm[i]! * a;
    i = grid.parent[i]!;
  }
  c[2 * i] = kRe;
  c[2 * i + 1] = kIm;
}

interface Descent {
  readonly out: Linearisation;
  readonly c: Float64Array;
  readonly offset: number;
  readonly source: boolean;
}

function descend({ grid, workspace }: Solved, { n, w }: Elimination, { out, c, offset, source }: Descent): void {
  const { dvRe, dvIm, djRe, djIm, dvm } = out;
  const { vRe, vIm, r, x, aRe, aIm } = workspace;
  for (let i = 0; i < grid.sourceCount; i++) {
    const magnitude = Math.hypot(vRe[i]!, vIm[i]!);
    const re = source ? vRe[i]! / magnitude : 0;
    const im = source ? vIm[i]! / magnitude : 0;
    const k = offset + i;
    dvRe[k] = re;
    dvIm[k] = im;
    dvm[k] = source ? 1 : 0;
    djRe[k] = n[4 * i]! * re + n[4 * i + 1]! * im + c[2 * i]!;
    djIm[k] = n[4 * i + 2]! * re + n[4 * i + 3]! * im + c[2 * i + 1]!;
  }
  for (let i = grid.sourceCount; i < grid.parent.length; i++) {
    const up = offset + grid.parent[i]!;
    const tRe = aRe[i]! * dvRe[up]! - aIm[i]! * dvIm[up]!;
    const tIm = aRe[i]! * dvIm[up]! + aIm[i]! * dvRe[up]!;
    const nRe = n[4 * i]! * tRe + n[4 * i + 1]! * tIm;
    const nIm = n[4 * i + 2]! * tRe + n[4 * i + 3]! * tIm;
    const jRe = w[4 * i]! * nRe + w[4 * i + 1]! * nIm + c[2 * i]!;
    const jIm = w[4 * i + 2]! * nRe + w[4 * i + 3]! * nIm + c[2 * i + 1]!;
    const re = tRe - r[i]! * jRe + x[i]! * jIm;
    const im = tIm - r[i]! * jIm - x[i]! * jRe;
    const k = offset + i;
    djRe[k] = jRe;
    djIm[k] = jIm;
    dvRe[k] = re;
    dvIm[k] = im;
    dvm[k] = (vRe[i]! * re + vIm[i]! * im) / Math.hypot(vRe[i]!, vIm[i]!);
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

/** Derivative of `flowOf` to one input. */
export function flowDerivative(
  { grid, workspace }: Solved,
  lin: Linearisation,
  branch: { readonly node: number; readonly end: BranchEnd },
  input: number,
): Flow {
  const { node, end } = branch;
  const far = end === 'far';
  const at = far ? node : grid.parent[node]!;
  const [g, b] = endAdmittance(grid, node, end);
  const k = input * lin.nodes;
  const v = [workspace.vRe[at]!, workspace.vIm[at]!] as const;
  const dv = [lin.dvRe[k + at]!, lin.dvIm[k + at]!] as const;
  const sign = far ? -1 : 1;
  const through = (re: number, im: number, volts: readonly [number, number]): readonly [number, number] => [
    (far ? re : workspace.aRe[node]! * re + workspace.aIm[node]! * im) + sign * (g * volts[0] - b * volts[1]),
    (far ? im : workspace.aRe[node]! * im - workspace.aIm[node]! * re) + sign * (g * volts[1] + b * volts[0]),
  ];
  const j = through(workspace.jRe[node]!, workspace.jIm[node]!, v);
  const dj = through(lin.djRe[k + node]!, lin.djIm[k + node]!, dv);
  return powerDerivative({ v, dv, j, dj }, grid.baseKva);
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
