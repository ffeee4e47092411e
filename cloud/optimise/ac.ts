import type { RadialGrid } from '../../shared/grid/compile.ts';
import type { RadialWorkspace } from '../../shared/grid/radial.ts';

/** The end of a branch towards the source, or towards the leaves. */
export type BranchEnd = 'near' | 'far';

export interface Solved {
  readonly grid: RadialGrid;
  readonly workspace: RadialWorkspace;
}

/** Powers in MW and Mvar. */
export interface Flow {
  readonly mw: number;
  readonly mvar: number;
}

/** Admittance of the branch that feeds a node, at one of its ends: conductance and susceptance, per unit. */
export function endAdmittance(grid: RadialGrid, node: number, end: BranchEnd): readonly [number, number] {
  const branch = grid.nodeBranch[node]!;
  const nodeAtTo = grid.nodeAtTo[node] === 1;
  return (end === 'far') === nodeAtTo
    ? [grid.branchToG[branch]!, grid.branchToB[branch]!]
    : [grid.branchFromG[branch]!, grid.branchFromB[branch]!];
}

/** Flow through the branch that feeds `node`, counted towards the leaves, at one of its ends. */
export function flowOf({ grid, workspace }: Solved, node: number, end: BranchEnd): Flow {
  const { vRe, vIm, jRe, jIm, aRe, aIm } = workspace;
  const far = end === 'far';
  const [g, b] = endAdmittance(grid, node, end);
  const at = far ? node : grid.parent[node]!;
  const re = vRe[at]!;
  const im = vIm[at]!;
  const sign = far ? -1 : 1;
  const throughRe = far ? jRe[node]! : aRe[node]! * jRe[node]! + aIm[node]! * jIm[node]!;
  const throughIm = far ? jIm[node]! : aRe[node]! * jIm[node]! - aIm[node]! * jRe[node]!;
  const iRe = throughRe + sign * (g * re - b * im);
  const iIm = throughIm + sign * (g * im + b * re);
  const scale = grid.baseKva / 1000;
  return { mw: (re * iRe + im * iIm) * scale, mvar: (im * iRe - re * iIm) * scale };
}

/** What the sources give together; positive is import. */
export function importOf({ grid, workspace }: Solved): Flow {
  let mw = 0;
  let mvar = 0;
  const { vRe, vIm, jRe, jIm } = workspace;
  const scale = grid.baseKva / 1000;
  for (let node = 0; node < grid.sourceCount; node++) {
    mw += (vRe[node]! * jRe[node]! + vIm[node]! * jIm[node]!) * scale;
    mvar += (vIm[node]! * jRe[node]! - vRe[node]! * jIm[node]!) * scale;
  }
  return { mw, mvar };
}
