import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { inlineInference } from '../../../../shared/inference/inline-inference.ts';
import { SeededRandom } from '../../../../shared/ports/random.ts';
import { VirtualClock } from '../../../../shared/time/virtual-clock.ts';
import { inlineCompute } from '../../../compute/inline-compute.ts';
import { RECIPE } from '../../train/recipe.ts';
import type { TrainInput } from '../forecast-tasks.ts';
import type { HourlyData } from './hourly-data.ts';
import { productionBacktest, type ProductionOptions } from './production.ts';
import { protocolTasks } from './stage.ts';
import { data as thirteenWeeks, load as whole } from './testing/thirteen-weeks.ts';

/** Six weeks: enough for the test part to be learnt from. */
const HOURS = 1008;
const FIRST_TEST = HOURS - Math.floor(0.2 * HOURS);
const HOLIDAY = 10 * 24;
const random = new SeededRandom(5);
const clouds = Float64Array.from({ length: HOURS / 8 }, () => random.next());
const ghi = Float64Array.from({ length: HOURS }, (_, i) =>
  Math.max(0, 800 * clouds[Math.floor(i / 8)]! * Math.sin(((i % 24) / 24 - 0.25) * 2 * Math.PI)),
);
const data: HourlyData = {
  start: thirteenWeeks.start,
  // In MW: forecasts leave in tenths of a kW, and none of that must be lost.
  load: ghi.map((sun, i) => (whole[i]! - 0.1 * sun) / 1000),
  weather: [{ name: 'ghi', values: ghi }],
  // Midnight in Berlin is an hour before that of UTC.
  holiday: Uint8Array.from({ length: HOURS }, (_, i) => (i >= HOLIDAY - 1 && i < HOLIDAY + 23 ? 1 : 0)),
};
const inference = inlineInference(new VirtualClock(0).machine);
after(() => inference.close());
const asked: TrainInput[] = [];
const options: ProductionOptions = {
  zone: 'Europe/Berlin',
  weather: 'actual',
  seed: 1,
  elapsed: () => 0,
  compute: inlineCompute({
    ...protocolTasks,
    trainForecast: (input: TrainInput) => {
      asked.push(input);
      return protocolTasks.trainForecast(input);
    },
  }),
  inference,
};

const actual = productionBacktest(data, options);

test('a file is scored by the recipe, data and calibration of production, in its own unit', async () => {
  const result = await actual;
  const [{ recipe, schema, levels, holidays, load: trained, weather } = {} as TrainInput] = asked;
  assert.equal(recipe, RECIPE);
  assert.deepEqual([schema.steps, schema.stepS, levels.length, holidays], [24, 3600, 19, ['2022-01-11']]);
  assert.equal(trained.values.length, FIRST_TEST, 'trained before the test part');
  assert.deepEqual(weather?.ghi, ghi.slice(0, FIRST_TEST));

  const { seasonalNaive24: naive } = result.baselines;
  assert.ok(result.nMae < naive.nMae && result.pinball < naive.pinball, JSON.stringify(result));
  assert.ok(result.coverage80 > 0.65 && result.coverage80 < 0.92, `coverage ${result.coverage80}`);
  assert.equal(result.fallbackShare, 0);
  assert.ok(Math.abs(Object.values(result.members).reduce((sum, each) => sum + each, 0) - 1) < 1e-3);
  // The error of the median as a share of the mean load, and in MW: rounding to 0.1 of a MW would be seen.
  const meanMw = data.load.subarray(FIRST_TEST).reduce((sum, each) => sum + each, 0) / (HOURS - FIRST_TEST);
  assert.ok(result.rmse >= result.nMae * meanMw && result.rmse < 2 * result.nMae * meanMw, `${result.rmse} MW`);
  assert.ok(result.rCrps > 0 && result.rCrpsPeakWeighted > 0 && result.rCrpsPeakWeighted !== result.rCrps);
});

test('with a degraded forecast of the weather it does worse than with what came', async () => {
  const [known, degraded] = [await actual, await productionBacktest(data, { ...options, weather: 'degraded' })];
  assert.deepEqual([known.weather, degraded.weather], ['actual', 'degraded']);
  assert.ok(degraded.nMae > known.nMae, `${degraded.nMae} beside ${known.nMae}`);
  assert.deepEqual(asked.at(-1), asked[0], 'training sees what came');
});
