import { workerData } from 'piscina';
import type { RegionSubstation } from '../../shared/contracts/region.ts';
import { estimateTasks, type EstimateTasks } from './tasks.ts';

/** The thread of the estimate: it is given the substations at its start. */
const tasks = estimateTasks(workerData as readonly RegionSubstation[]);

export default function run(call: { name: keyof EstimateTasks; input: never }): unknown {
  return tasks[call.name](call.input);
}
