import type { RadialGrid } from './compile.ts';
import type { RadialWorkspace } from './workspace.ts';

/** Voltage of each node, and current into it from the branch that feeds it, per unit; or a small change of them. */
export interface NodeState {
  readonly vRe: Float64Array;
  readonly vIm: Float64Array;
  readonly jRe: Float64Array;
  readonly jIm: Float64Array;
}

/** Output of `endCurrents`: current into the branch at the from end (re, im) and at the to end (re, im). */
export type EndCurrents = Float64Array;

export const fromNode = (grid: RadialGrid, node: number): number =>
  grid.nodeAtTo[node] === 1 ? grid.parent[node]! : node;
export const toNode = (grid: RadialGrid, node: number): number =>
  grid.nodeAtTo[node] === 1 ? node : grid.parent[node]!;

/** Currents into the branch that feeds the node, at both ends, including the admittances of the ends. Linear in the state. */
export function endCurrents(
  grid: RadialGrid,
  { aRe, aIm }: Pick<RadialWorkspace, 'aRe' | 'aIm'>,
  { vRe, vIm, jRe, jIm }: NodeState,
  at: { readonly node: number; readonly into: EndCurrents },
): void {
  const { node, into } = at;
  const branch = grid.nodeBranch[node]!;
  const atTo = grid.nodeAtTo[node] === 1;
  const upRe = aRe[node]! * jRe[node]! + aIm[node]! * jIm[node]!;
  const upIm = aRe[node]! * jIm[node]! - aIm[node]! * jRe[node]!;
  const from = fromNode(grid, node);
  const to = toNode(grid, node);
  const g = grid.branchFromG[branch]!;
  const bFrom = grid.branchFromB[branch]!;
  const gTo = grid.branchToG[branch]!;
  const bTo = grid.branchToB[branch]!;
  into[0] = (atTo ? upRe : -jRe[node]!) + g * vRe[from]! - bFrom * vIm[from]!;
  into[1] = (atTo ? upIm : -jIm[node]!) + g * vIm[from]! + bFrom * vRe[from]!;
  into[2] = (atTo ? -jRe[node]! : upRe) + gTo * vRe[to]! - bTo * vIm[to]!;
  into[3] = (atTo ? -jIm[node]! : upIm) + gTo * vIm[to]! + bTo * vRe[to]!;
}

/** Power and loading of each branch from the solved voltages and currents, written to the workspace's solution. */
export function branchFlows(grid: RadialGrid, workspace: RadialWorkspace): void {
  const { solution, ends, vRe, vIm } = workspace;
  const at = { node: -1, into: ends };
  solution.lossesKw = 0;
  for (let branch = 0; branch < grid.branchIds.length; branch++) {
    const node = grid.branchNode[branch]!;
    const rated = grid.branchFromRatedPu[branch]!;
    if (node < 0) {
      solution.fromKw[branch] = solution.fromKvar[branch] = 0;
      solution.toKw[branch] = solution.toKvar[branch] = 0;
      solution.loadingPct[branch] = rated === Infinity ? NaN : 0;
      continue;
    }
    at.node = node;
    endCurrents(grid, workspace, workspace, at);
    const fromRe = ends[0]!;
    const fromIm = ends[1]!;
    const toRe = ends[2]!;
    const toIm = ends[3]!;
    const from = fromNode(grid, node);
    const to = toNode(grid, node);
    solution.fromKw[branch] = (vRe[from]! * fromRe + vIm[from]! * fromIm) * grid.baseKva;
    solution.fromKvar[branch] = (vIm[from]! * fromRe - vRe[from]! * fromIm) * grid.baseKva;
    solution.toKw[branch] = (vRe[to]! * toRe + vIm[to]! * toIm) * grid.baseKva;
    solution.toKvar[branch] = (vIm[to]! * toRe - vRe[to]! * toIm) * grid.baseKva;
    solution.loadingPct[branch] =
      rated === Infinity
        ? NaN
        : 100 *
          Math.max(
            Math.sqrt(fromRe * fromRe + fromIm * fromIm) / rated,
            Math.sqrt(toRe * toRe + toIm * toIm) / grid.branchToRatedPu[branch]!,
          );
    solution.lossesKw += solution.fromKw[branch]! + solution.toKw[branch]!;
  }
}
