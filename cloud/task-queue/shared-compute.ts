import type { Compute, TaskTable } from '../../shared/ports/compute.ts';
import type { CountedCompute } from '../compute/counted-compute.ts';
import { travels, type Lane } from './lanes.ts';
import { TooLarge } from './task-bytes.ts';
import { NoNode, type TaskDesk } from './task-desk.ts';

export interface SharedComputeOptions<Tasks extends TaskTable> {
  readonly lane: Lane;
  /** The threads of this process. */
  readonly own: CountedCompute<Tasks>;
  /** The lane's number of own threads; 0: they take only tasks that do not travel. */
  readonly ownThreads: number;
  readonly desk: Pick<TaskDesk, 'ask' | 'threads'>;
}

/**
 * The Compute port over threads of this process and nodes. Own threads come first; what exceeds them goes to nodes, if there are any. A
 * process without threads for a lane sends everything, even before the first node has connected.
 */
export function sharedCompute<Tasks extends TaskTable>(options: SharedComputeOptions<Tasks>): Compute<Tasks> {
  const { lane, own, ownThreads, desk } = options;
  return {
    run: async (name, input) => {
      const urgency = travels(lane, name);
      const goes = own.open >= ownThreads && (ownThreads === 0 || desk.threads(lane) > 0);
      if (urgency === undefined || !goes) return (await own.run(name, input)) as never;
      try {
        return (await desk.ask(lane, name, { input, isSoon: urgency === 'soon' })) as never;
      } catch (error) {
        if (!(error instanceof TooLarge) && !(error instanceof NoNode)) throw error;
        return (await own.run(name, input)) as never;
      }
    },
    close: () => own.close(),
  };
}
