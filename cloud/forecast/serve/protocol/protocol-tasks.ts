import { LocalCalendar } from '../../../../shared/forecast/calendar.ts';
import { forecastTasks } from '../forecast-tasks.ts';
import { ridgeBaseline } from './baselines.ts';
import type { HourlyData } from './hourly-data.ts';
import { HourlyContext, HourlyDesign } from './hourly.ts';
import { TestPairs, type PairForecasts } from './pairs.ts';
import { degradedWeather } from './weather-error.ts';

export interface BaselineInput {
  readonly data: HourlyData;
  readonly zone: string;
  /** Whether the weather after an origin has seeded forecast errors. */
  readonly degraded: boolean;
  readonly seed: number;
}

/** The forecasts of the baselines' ridge for the test pairs. */
function fitBaseline({ data, zone, degraded, seed }: BaselineInput): PairForecasts {
  const error = degraded ? degradedWeather(seed) : undefined;
  const design = new HourlyDesign(new HourlyContext(data, new LocalCalendar(zone), error));
  return ridgeBaseline(design, data.load, new TestPairs(data.load));
}

/** Task table of the backtest's pool: the baseline, and the training of production. */
export const protocolTasks = { fitBaseline, ...forecastTasks };
export type ProtocolTasks = typeof protocolTasks;
