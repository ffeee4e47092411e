import type { RadialGrid } from './compile.ts';

/** The arrays belong to the workspace: the next solve overwrites them. */
export interface RadialSolution {
  /** Per bus index; 0 if de-energised. */
  readonly vmPu: Float64Array;
  readonly vaDeg: Float64Array;
  /** Power into the branch at each end, per branch index: lines, then transformers. */
  readonly fromKw: Float64Array;
  readonly fromKvar: Float64Array;
  readonly toKw: Float64Array;
  readonly toKvar: Float64Array;
  /** Current relative to its rating at the more loaded end; NaN if the branch has no rating. */
  readonly loadingPct: Float64Array;
  /** Losses of lines and transformers, iron losses included. Shunts count as loads. */
  readonly lossesKw: number;
  readonly iterations: number;
  readonly converged: boolean;
  /** The bus whose voltage moved most in the last iteration, if the solve did not converge. */
  readonly worstBus: string | undefined;
}

export type MutableSolution = { -readonly [Key in keyof RadialSolution]: RadialSolution[Key] };

/** Everything that a solve writes. Concurrent solves need one each. */
export interface RadialWorkspace {
  readonly vRe: Float64Array;
  readonly vIm: Float64Array;
  /** Current into each node from the branch that feeds it, per unit. */
  readonly jRe: Float64Array;
  readonly jIm: Float64Array;
  /** Load per node, per unit. */
  readonly p: Float64Array;
  readonly q: Float64Array;
  /** Conductance and susceptance per node, per unit: from the document, plus loads of constant impedance and switched capacitors. */
  readonly g: Float64Array;
  readonly b: Float64Array;
  /** V(node) = a V(parent) - z J(node); the parent carries conj(a) J(node). */
  readonly aRe: Float64Array;
  readonly aIm: Float64Array;
  readonly r: Float64Array;
  readonly x: Float64Array;
  readonly ends: Float64Array;
  readonly solution: MutableSolution;
}

export function createWorkspace(grid: RadialGrid): RadialWorkspace {
  const nodes = grid.nodeBus.length;
  const node = (): Float64Array => new Float64Array(nodes);
  const bus = (): Float64Array => new Float64Array(grid.busIds.length);
  const branch = (): Float64Array => new Float64Array(grid.branchIds.length);
  return {
    vRe: node(),
    vIm: node(),
    jRe: node(),
    jIm: node(),
    p: node(),
    q: node(),
    g: Float64Array.from(grid.gPu),
    b: Float64Array.from(grid.bPu),
    aRe: node().fill(1),
    aIm: node(),
    r: Float64Array.from(grid.rPu),
    x: Float64Array.from(grid.xPu),
    ends: new Float64Array(4),
    solution: {
      vmPu: bus(),
      vaDeg: bus(),
      fromKw: branch(),
      fromKvar: branch(),
      toKw: branch(),
      toKvar: branch(),
      loadingPct: branch(),
      lossesKw: 0,
      iterations: 0,
      converged: false,
      worstBus: undefined,
    },
  };
}
