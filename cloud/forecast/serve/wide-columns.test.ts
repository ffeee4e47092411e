import assert from 'node:assert/strict';
import { test } from 'node:test';
import { QUANTILES } from '../../../shared/forecast/quantiles.ts';
import { gaussian, SeededRandom } from '../../../shared/ports/random.ts';
import { FIRST, LEAST_WIDE_DAYS, RECIPE, within } from '../train/recipe.ts';
import { forecastTasks, type TrainInput } from './forecast-tasks.ts';
import { trainInputOf } from './train-input.ts';

const RIDGE = within(RECIPE, ['ridge']);
const TARGET = { zone: 'Europe/Amsterdam', holidays: ['2021-11-01'] };

/** Hours of a place in mild weather: a daily shape, some sun, heating of `perDegreeKw` per degree below 15, and noise. */
function hours(days: number, perDegreeKw: number): Parameters<typeof trainInputOf>[2] {
  const random = new SeededRandom(4);
  const series = (at: (i: number) => number): Float64Array => Float64Array.from({ length: days * 24 }, (_, i) => at(i));
  const daily = (i: number, phase: number): number => Math.sin(((i % 24) / 24 - phase) * 2 * Math.PI);
  let front = 0;
  const temperature = series((i) => {
    front = 0.94 * front + 1.8 * gaussian(random);
    return 8 + front + 3 * daily(i, 0.4);
  });
  const ghi = series((i) => Math.max(0, (500 + 200 * Math.sin(i / 75)) * daily(i, 0.25)));
  const wind = series(() => 4 + 2 * random.next());
  const loadKw = series((i) => {
    const heating = perDegreeKw * Math.max(0, 15 - temperature[i]!);
    return 900 + 250 * daily(2 * i, 0.3) + heating - 0.4 * ghi[i]! + 25 * gaussian(random);
  });
  return {
    load: { start: Date.UTC(2021, 2, 1), stepS: 3600, values: loadKw },
    weather: { ghi, wind, temperature },
  };
}

const inputOf = (days: number, perDegreeKw: number): TrainInput =>
  trainInputOf(RIDGE, TARGET, hours(days, perDegreeKw), { steps: 12, levels: QUANTILES, withMembers: false });

test('a load independent of temperature gets a version 1 model, because version 2 is worse for it', async () => {
  const input = inputOf(LEAST_WIDE_DAYS, 0);
  assert.equal(input.schema.version, 2);
  const trained = await forecastTasks.trainForecast(input);
  assert.equal(trained.schema.version, 1);
  const { steps, stepS, weather } = input.schema;
  const alone = await forecastTasks.trainForecast({ ...input, schema: { version: 1, steps, stepS, weather } });
  assert.deepEqual(trained, alone);
});

test('a load that depends on temperature gets a version 2 model with temperature', async () => {
  const { schema } = await forecastTasks.trainForecast(inputOf(LEAST_WIDE_DAYS, 60));
  assert.deepEqual([schema.version, schema.temperature], [2, true]);
});

test('eight weeks of data train only version 1', () => {
  assert.equal(inputOf(56, 60).schema.version, 1);
  const first = trainInputOf(FIRST, TARGET, hours(56, 60), { steps: 12, levels: QUANTILES, withMembers: true });
  assert.equal(first.schema.version, 1);
});
