import { compileEstimate, type EstimateModel } from './model.ts';
import type { Exchange } from './state.ts';

export type { Exchange } from './state.ts';

/** Every exchange that keeps all buses in service: for each open line, each line on the path between its ends. */
export function exchangesOf({ grid, feeders, closed }: EstimateModel): Exchange[] {
  const heads = new Set(feeders.map(({ headBranch }) => headBranch));
  const lines = grid.network.lines.length;
  return grid.branchIds.slice(0, lines).flatMap((close, branch) => {
    const from = grid.busNode[grid.branchFromBus[branch]!]!;
    const to = grid.busNode[grid.branchToBus[branch]!]!;
    if (closed[branch] === true || from < 0 || to < 0) return [];
    return between(grid.parent, from, to)
      .map((node) => grid.nodeBranch[node]!)
      .filter((each) => each >= 0 && each < lines && !heads.has(each))
      .map((each) => ({ open: grid.branchIds[each]!, close }));
  });
}

/** Nodes whose branches form the path between two nodes of a tree. Parents come before their children. */
function between(parent: Int32Array, a: number, b: number): number[] {
  const path: number[] = [];
  let [low, high] = [a, b];
  while (low !== high) {
    if (low < high) [low, high] = [high, low];
    if (parent[low]! < 0) return path;
    path.push(low);
    low = parent[low]!;
  }
  return path;
}

/** The model with an exchange applied to its switch states. */
export function exchanged(model: EstimateModel, { open, close }: Exchange): EstimateModel {
  const closed = new Map(model.grid.branchIds.map((id, branch) => [id, model.closed[branch]!]));
  closed.set(open, false).set(close, true);
  return compileEstimate(model.substation, { version: model.topologyVersion, closed }, model.impedanceError);
}
