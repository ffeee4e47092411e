import { forecastTasks } from '../forecast/serve/forecast-tasks.ts';
import { weekAhead } from '../forecast/serve/week-ahead.ts';
import { naiveForecast } from './backtest/naive-forecast.ts';
import { scoreBacktest } from './backtest/score-backtest.ts';
import { readUpload } from './read-upload.ts';
import { runScenario } from './scenario/run-scenario.ts';

/** Task table of the planners' pool. */
export const plannerTasks = { ...forecastTasks, naiveForecast, readUpload, runScenario, scoreBacktest, weekAhead };
export type PlannerTasks = typeof plannerTasks;
