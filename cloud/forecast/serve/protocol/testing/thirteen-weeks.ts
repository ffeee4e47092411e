import { SeededRandom } from '../../../../../shared/ports/random.ts';
import { inlineCompute } from '../../../../compute/inline-compute.ts';
import type { BacktestOptions } from '../backtest.ts';
import type { HourlyData } from '../hourly-data.ts';
import { protocolTasks } from '../stage.ts';

export const HOURS = 2200;
const random = new SeededRandom(12);
const temp = Float64Array.from({ length: HOURS }, (_, i) => 12 + 6 * Math.sin(i / 40) + 2 * random.next());
/** A daily shape, heating that begins below 12 degrees, and noise. */
export const load = temp.map(
  (degrees, i) => 100 + 30 * Math.sin((2 * Math.PI * i) / 24) + 6 * Math.max(0, 12 - degrees) + 8 * random.next(),
);
export const data: HourlyData = {
  start: Date.UTC(2022, 0, 1),
  load,
  weather: [{ name: 'temp', values: temp }],
  holiday: null,
};
export const options: BacktestOptions = {
  zone: 'Europe/Berlin',
  weather: 'actual',
  seed: 1,
  elapsed: () => 0,
  compute: inlineCompute(protocolTasks),
  members: ['ridge', 'linear', 'lagRidge', 'boostDifference'],
};
