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

type Phasor = readonly [number, number];

const power = (v: Phasor, j: Phasor, baseMva: number): Flow => ({
  mw: (v[0] * j[0] + v[1] * j[1]) * baseMva,
  mvar: (v[1] * j[0] - v[0] * j[1]) * baseMva,
});

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
  const [g, b] = endAdmittance(grid, node, end);
  const far = end === 'far';
  const at = far ? node : grid.parent[node]!;
  const re = far ? jRe[node]! : aRe[node]! * jRe[node]! + aIm[node]! * jIm[node]!;
  const im = far ? jIm[node]! : aRe[node]! * jIm[node]! - aIm[node]! * jRe[node]!;
  const sign = far ? -1 : 1;
  return power(
    [vRe[at]!, vIm[at]!],
    [re + sign * (g * vRe[at]! - b * vIm[at]!), im + sign * (g * vIm[at]! + b * vRe[at]!)],
    grid.baseKva / 1000,
  );
}

/** What the sources give together; positive is import. */
export function importOf({ grid, workspace }: Solved): Flow {
  let mw = 0;
  let mvar = 0;
  for (let node = 0; node < grid.sourceCount; node++) {
    const flow = power(
      [workspace.vRe[node]!, workspace.vIm[node]!],
      [workspace.jRe[node]!, workspace.jIm[node]!],
      grid.baseKva / 1000,
    );
    mw += flow.mw;
    mvar += flow.mvar;
  }
  return { mw, mvar };
}
