import { LANES } from './lanes.ts';
import type { NodesStanding } from './task-desk.ts';

/** What is wrong with the nodes that a process without its own threads relies on; undefined: nothing. */
export function nodesFault({ threads, aloneSince }: NodesStanding): string | undefined {
  if (aloneSince !== null)
    return `no job node has been connected since ${new Date(aloneSince).toISOString()}: plans in force continue, but no new plan is made`;
  // The desk has not looked yet: otherwise `aloneSince` would be set.
  if (threads.plan === 0) return undefined;
  const without = LANES.filter((lane) => threads[lane] === 0);
  return without.length === 0 ? undefined : `no job node accepts tasks of ${without.join(', ')}`;
}
