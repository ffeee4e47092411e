import type { JobHandler } from '../jobs/job-runner.ts';
import { backtestJob, type BacktestParts } from './backtest/backtest-job.ts';
import type { BacktestTask } from './backtest/contract.ts';
import { forecastJob, type ForecastJobParts, type ForecastTask } from './forecast-job.ts';
import { scenarioJob, type ScenarioParts, type ScenarioTask } from './scenario/scenario-job.ts';

/** Every kind of job and who does it. */
export const jobHandlers = (
  forecast: ForecastJobParts,
  scenario: ScenarioParts,
  backtest: BacktestParts,
): Readonly<Record<string, JobHandler>> => ({
  forecast: (task: ForecastTask, context) => forecastJob(forecast, task, context),
  backtest: (task: BacktestTask, context) => backtestJob(backtest, task, context),
  scenario: (task: ScenarioTask, context) => scenarioJob(scenario, task, context),
});
