import type { RadialGrid } from '../../../shared/grid/compile.ts';
import type { RadialWorkspace } from '../../../shared/grid/radial.ts';

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

/** Flow at one end of the branch that feeds `node`, positive towards the leaves. */
export function flowOf(solved: Solved, node: number, end: BranchEnd): Flow {
  flowInto(solved, node, end, scratch);
  return { mw: scratch[0]!, mvar: scratch[1]! };
}

const scratch = new Float64Array(2);

/** Like `flowOf`, MW and Mvar, without allocation, for use at every branch and step. */
export function flowInto({ grid, workspace }: Solved, node: number, end: BranchEnd, into: Float64Array): void {
  const { vRe, vIm, jRe, jIm, aRe, aIm } = workspace;
  const far = end === 'far';
  const branch = grid.nodeBranch[node]!;
  const atTo = far === (grid.nodeAtTo[node] === 1);
  const g = (atTo ? grid.branchToG : grid.branchFromG)[branch]!;
  const b = (atTo ? grid.branchToB : grid.branchFromB)[branch]!;
  const at = far ? node : grid.parent[node]!;
  const re = vRe[at]!;
  const im = vIm[at]!;
  const sign = far ? -1 : 1;
  const throughRe = far ? jRe[node]! : aRe[node]! * jRe[node]! + aIm[node]! * jIm[node]!;
  const throughIm = far ? jIm[node]! : aRe[node]! * jIm[node]! - aIm[node]! * jRe[node]!;
  const iRe = throughRe + sign * (g * re - b * im);
  const iIm = throughIm + sign * (g * im + b * re);
  const scale = grid.baseKva / 1000;
  into[0] = (re * iRe + im * iIm) * scale;
  into[1] = (im * iRe - re * iIm) * scale;
}

/** Power of all sources together; positive is import. */
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
