import type { Look } from './constraint.ts';

/**
 * Rows of one kind and side that may be added for a state at once. Limits along a feeder are broken together, and the row of the worst
 * holds the others too; what they still lack shows after the next solve.
 */
const PEAKS = 10;
/** A large network has many feeders, so it may get one row for this many nodes. */
const NODES_A_PEAK = 10;
/** Most entries that rows of one kind and side may add to a programme at once, over all states: the solver has 2 GB of memory. */
const MOST_ENTRIES = 1_800_000;

/**
 * Nodes with more excess than their neighbours along the tree and than `least`, worst first, bounded as above. `every`: all nodes above
 * `least`.
 */
export function peaks({ layout, over, every }: Look, least: number): number[] {
  const { grid, controls, scenarios, steps } = layout;
  const found: number[] = [];
  if (every) {
    for (let node = grid.sourceCount; node < over.length; node++) if (over[node]! > least) found.push(node);
    return found;
  }
  let top: Uint8Array | undefined;
  for (let node = grid.sourceCount; node < over.length; node++) {
    if (over[node]! <= least) continue;
    top ??= new Uint8Array(over.length).fill(1);
    const up = grid.parent[node]!;
    if (over[node]! > over[up]!) top[up] = 0;
    else top[node] = 0;
  }
  if (top === undefined) return found;
  for (let node = grid.sourceCount; node < over.length; node++)
    if (top[node] === 1 && over[node]! > least) found.push(node);
  const room = MOST_ENTRIES / (controls.length * scenarios.length * steps);
  const most = Math.max(PEAKS, Math.min(over.length / NODES_A_PEAK, room));
  return found.sort((a, b) => over[b]! - over[a]! || a - b).slice(0, most);
}
