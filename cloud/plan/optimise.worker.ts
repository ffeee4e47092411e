import { keptSolver } from './compose-solver.ts';
import { dispatchTasks, type DispatchTasks } from './tasks.ts';

/** A thread of the optimiser's pool: it takes no task until its solver is loaded and warm. */
const solver = keptSolver();
await solver();
const tasks = dispatchTasks(solver);

export default function run(call: { name: keyof DispatchTasks; input: never }): unknown {
  return tasks[call.name](call.input);
}
