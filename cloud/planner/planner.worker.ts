import { plannerTasks, type PlannerTasks } from './planner-tasks.ts';

/** A thread of the planners' pool. */
export default function run(call: { name: keyof PlannerTasks; input: never }): unknown {
  return plannerTasks[call.name](call.input);
}
