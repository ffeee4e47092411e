import type { SystemView } from '../../shared/contracts/system.ts';
import { LANES, type ByLane } from '../task-queue/lanes.ts';
import type { NodesStanding } from '../task-queue/task-desk.ts';

export interface QueueParts {
  /** Threads of this process, by lane. */
  readonly threads: ByLane<number>;
  /** Tasks at these threads, running or waiting. */
  readonly own: ByLane<{ readonly open: number }>;
  /** Job nodes, if there is a RabbitMQ where they connect. */
  readonly nodes: (() => NodesStanding) | undefined;
  /** Number of plans, and of models to train, that are due and not begun. */
  readonly plansDue: () => number;
  readonly trainingsDue: () => number;
  /** Number of jobs that wait for their turn. Rejects if the store does not answer. */
  readonly jobsDue: () => Promise<number>;
}

/** The work of each lane: what waits, and what runs here and at job nodes. Never rejects. */
export async function queuesOf({
  threads,
  own,
  nodes,
  plansDue,
  trainingsDue,
  jobsDue,
}: QueueParts): Promise<SystemView['queues']> {
  const planner = await jobsDue().catch(() => null);
  const due = { plan: plansDue(), train: trainingsDue(), planner };
  const standing = nodes?.();
  return LANES.map((kind) => {
    const here = Math.min(own[kind].open, threads[kind]);
    const queued = own[kind].open - here + (standing?.queued[kind] ?? 0);
    return {
      kind,
      waiting: due[kind] === null ? null : due[kind] + queued,
      running: here + (standing?.running[kind] ?? 0),
      threads: threads[kind],
      nodeThreads: standing === undefined ? null : standing.threads[kind],
    };
  });
}
