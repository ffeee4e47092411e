import type { RadialGrid } from './compile.ts';
import type { RadialWorkspace } from './radial.ts';

/** Power and loading of each branch from the solved voltages and currents, into the workspace's solution. */
export function branchFlows(grid: RadialGrid, workspace: RadialWorkspace): void {
  const { solution } = workspace;
  let lossesPu = 0;
  for (let branch = 0; branch < grid.branchIds.length; branch++) {
    const node = grid.branchNode[branch]!;
    if (node < 0) {
      clear(grid, workspace, branch);
      continue;
    }
    const up = grid.parent[node]!;
    const { vRe, vIm, jRe, jIm, aRe, aIm } = workspace;
    const upRe = aRe[node]! * jRe[node]! + aIm[node]! * jIm[node]!;
    const upIm = aRe[node]! * jIm[node]! - aIm[node]! * jRe[node]!;
    const atTo = grid.nodeAtTo[node] === 1;
    // Series current into the branch at each end, then what the end's own admittance draws.
    const from = atTo ? up : node;
    const to = atTo ? node : up;
    const g = grid.branchFromG[branch]!;
    const bFrom = grid.branchFromB[branch]!;
    const bTo = grid.branchToB[branch]!;
    const fromRe = (atTo ? upRe : -jRe[node]!) + g * vRe[from]! - bFrom * vIm[from]!;
    const fromIm = (atTo ? upIm : -jIm[node]!) + g * vIm[from]! + bFrom * vRe[from]!;
    const toRe = (atTo ? -jRe[node]! : upRe) - bTo * vIm[to]!;
    const toIm = (atTo ? -jIm[node]! : upIm) + bTo * vRe[to]!;
    const fromP = vRe[from]! * fromRe + vIm[from]! * fromIm;
    const toP = vRe[to]! * toRe + vIm[to]! * toIm;
    solution.fromKw[branch] = fromP * grid.baseKva;
    solution.fromKvar[branch] = (vIm[from]! * fromRe - vRe[from]! * fromIm) * grid.baseKva;
    solution.toKw[branch] = toP * grid.baseKva;
    solution.toKvar[branch] = (vIm[to]! * toRe - vRe[to]! * toIm) * grid.baseKva;
    const rated = grid.branchFromRatedPu[branch]!;
    solution.loadingPct[branch] =
      rated === Infinity
        ? NaN
        : 100 *
          Math.max(
            Math.sqrt(fromRe * fromRe + fromIm * fromIm) / rated,
            Math.sqrt(toRe * toRe + toIm * toIm) / grid.branchToRatedPu[branch]!,
          );
    lossesPu += fromP + toP;
  }
  solution.lossesKw = lossesPu * grid.baseKva;
}

function clear(grid: RadialGrid, { solution }: RadialWorkspace, branch: number): void {
  solution.fromKw[branch] = 0;
  solution.fromKvar[branch] = 0;
  solution.toKw[branch] = 0;
  solution.toKvar[branch] = 0;
  solution.loadingPct[branch] = grid.branchFromRatedPu[branch] === Infinity ? NaN : 0;
}
