import { workerData } from 'piscina';
import type { RegionSubstation } from '../../shared/contracts/region.ts';
import { estimateTasks, type EstimateTasks } from './tasks.ts';

/** Estimate thread; it receives the substations at start. */
const tasks = estimateTasks(workerData as readonly RegionSubstation[]);

export default function run(call: { name: keyof EstimateTasks; input: never }): unknown {
  return tasks[call.name](call.input);
}
