import { HighsSolver } from './highs-solver.ts';
import { dispatchTasks, type DispatchTasks } from './tasks.ts';

/** A thread of the optimiser's pool: its solver is loaded and warm before the first task. */
const solver = HighsSolver.load();
const tasks = dispatchTasks(() => solver);

export default function run(call: { name: keyof DispatchTasks; input: never }): unknown {
  return tasks[call.name](call.input);
}
