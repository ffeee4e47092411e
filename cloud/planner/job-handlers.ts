import type { JobHandler } from '../jobs/job-runner.ts';
import { forecastJob, type ForecastJobParts, type ForecastTask } from './forecast-job.ts';

/** Every kind of job and who does it. */
export const jobHandlers = (parts: ForecastJobParts): Readonly<Record<string, JobHandler>> => ({
  forecast: (task: ForecastTask, context) => forecastJob(parts, task, context),
});
