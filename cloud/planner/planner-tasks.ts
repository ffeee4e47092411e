import { backtestTasks } from './backtest/backtest-tasks.ts';
import { readUpload } from './inputs/read-upload.ts';
import { runScenario } from './scenario/run-scenario.ts';

/** Task table of the planners' pool. */
export const plannerTasks = { ...backtestTasks, readUpload, runScenario };
export type PlannerTasks = typeof plannerTasks;
