import { forecastTasks, type ForecastTasks } from './forecast-tasks.ts';

/** A thread of the training pool. */
export default function run(call: { name: keyof ForecastTasks; input: never }): unknown {
  return forecastTasks[call.name](call.input);
}
