import type { JobHandler } from '../jobs/job-runner.ts';
import { backtestJob, type BacktestParts } from './backtest/backtest-job.ts';
import type { BacktestTask } from './backtest/contract.ts';
import type { ExportTask } from './export/contract.ts';
import { exportJob, type ExportParts } from './export/export-job.ts';
import { forecastJob, type ForecastJobParts, type ForecastTask } from './forecast/forecast-job.ts';
import { scenarioJob, type ScenarioParts, type ScenarioTask } from './scenario/scenario-job.ts';

export interface JobParts {
  readonly forecast: ForecastJobParts;
  readonly scenario: ScenarioParts;
  readonly backtest: BacktestParts;
  readonly export: ExportParts;
}

/** Kinds of jobs that take minutes. */
export const LONG_JOBS = ['backtest', 'export'] as const;

/** Handlers by kind of job. */
export const jobHandlers = (parts: JobParts): Readonly<Record<string, JobHandler>> => ({
  forecast: (task: ForecastTask, context) => forecastJob(parts.forecast, task, context),
  backtest: (task: BacktestTask, context) => backtestJob(parts.backtest, task, context),
  export: (task: ExportTask, context) => exportJob(parts.export, task, context),
  scenario: (task: ScenarioTask, context) => scenarioJob(parts.scenario, task, context),
});
