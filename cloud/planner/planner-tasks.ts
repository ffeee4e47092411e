import { runScenario } from './scenario/run-scenario.ts';

/** Task table of the planners' pool. */
export const plannerTasks = { runScenario };
export type PlannerTasks = typeof plannerTasks;
