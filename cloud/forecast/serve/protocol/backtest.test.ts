import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { inlineInference } from '../../../../shared/inference/inline-inference.ts';
import { SeededRandom } from '../../../../shared/ports/random.ts';
import { VirtualClock } from '../../../../shared/time/virtual-clock.ts';
import { inlineCompute } from '../../../compute/inline-compute.ts';
import { RECIPE } from '../../train/recipe.ts';
import type { TrainInput } from '../forecast-tasks.ts';
import { backtest, type BacktestOptions } from './backtest.ts';
import type { HourlyData } from './hourly-data.ts';
import { protocolTasks } from './protocol-tasks.ts';

/** Six weeks, enough to learn from the test part. */
const HOURS = 1008;
const FIRST_TEST = HOURS - Math.floor(0.2 * HOURS);
const HOLIDAY = 10 * 24;
const random = new SeededRandom(5);
const clouds = Float64Array.from({ length: HOURS / 8 }, () => random.next());
const ghi = Float64Array.from({ length: HOURS }, (_, i) =>
  Math.max(0, 800 * clouds[Math.floor(i / 8)]! * Math.sin(((i % 24) / 24 - 0.25) * 2 * Math.PI)),
);
const START = Date.UTC(2022, 0, 1);
const data: HourlyData = {
  start: START,
  // In MW: forecasts are rounded to 0.01 kW, which must not lose precision here. A daily shape, sun, and noise.
  load: ghi.map((sun, i) => (100 + 30 * Math.sin((2 * Math.PI * i) / 24) - 0.1 * sun + 8 * random.next()) / 1000),
  weather: [{ name: 'ghi', values: ghi }],
  // Midnight in Berlin is an hour before midnight UTC.
  holiday: Uint8Array.from({ length: HOURS }, (_, i) => (i >= HOLIDAY - 1 && i < HOLIDAY + 23 ? 1 : 0)),
};
const inference = inlineInference(new VirtualClock(0).machine);
after(() => inference.close());
const asked: TrainInput[] = [];
const options: BacktestOptions = {
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

const actual = backtest(data, options);

test('a file is scored with the recipe, data and calibration of production, in its own unit', async () => {
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
  // The error of the median relative to the mean load, and in MW: rounding to 0.01 MW would show.
  const meanMw = data.load.subarray(FIRST_TEST).reduce((sum, each) => sum + each, 0) / (HOURS - FIRST_TEST);
  assert.ok(result.rmse >= result.nMae * meanMw && result.rmse < 2 * result.nMae * meanMw, `${result.rmse} MW`);
  assert.ok(result.rCrps > 0 && result.rCrpsPeakWeighted > 0 && result.rCrpsPeakWeighted !== result.rCrps);
});

test('degraded weather forecasts score worse than observed weather', async () => {
  const [known, degraded] = [await actual, await backtest(data, { ...options, weather: 'degraded' })];
  assert.deepEqual([known.weather, degraded.weather], ['actual', 'degraded']);
  assert.ok(degraded.nMae > known.nMae, `${degraded.nMae} beside ${known.nMae}`);
  assert.deepEqual(asked.at(-1), asked[0], 'training sees the observed weather');
});

/** Without weather columns and holidays. */
const plain = (values: Float64Array): HourlyData => ({ ...data, load: values, weather: [], holiday: null });

test('short series, gaps, clock changes and missing weather score finite and better than naive', async () => {
  const { load } = data;
  const holed = load.map((value, i) => (i % 23 === 5 || (i > 500 && i < 560) ? Number.NaN : value));
  const cases: [string, HourlyData, BacktestOptions][] = [
    ['four weeks', plain(load.slice(0, 672)), options],
    ['an hour a day and two days missing', { ...data, load: holed }, options],
    [
      'New York over the spring change',
      { ...plain(load), start: Date.UTC(2022, 1, 1) },
      { ...options, zone: 'America/New_York' },
    ],
    ['half an hour of daylight saving', plain(load), { ...options, zone: 'Australia/Lord_Howe' }],
    ['degraded, no columns', plain(load), { ...options, weather: 'degraded' }],
    ['unknown weather', { ...data, weather: [{ name: 'ghi', values: load.map(() => NaN) }] }, options],
  ];
  for (const [name, input, how] of cases) {
    const { nMae, pinball, coverage80, byHorizon: by, baselines, fallbackShare } = await backtest(input, how);
    const figures = [nMae, pinball, coverage80, ...Object.values(by), baselines.ridge.nMae];
    assert.ok(figures.every(Number.isFinite), `${name}: ${figures.join(' ')}`);
    const { seasonalNaive24: day, seasonalNaive168: week } = baselines;
    assert.ok(nMae < Math.min(day.nMae, week.nMae), `${name}: ${nMae}, naive ${day.nMae} and ${week.nMae}`);
    assert.ok(coverage80 > 0.4 && coverage80 < 0.97, `${name}: coverage ${coverage80}`);
    assert.equal(fallbackShare, 0, name);
  }
});

test('if the load has changed since training, the weights shift to the day-before member', async () => {
  const turned = data.load.map((value, i) => (i < FIRST_TEST ? value : 0.4 * value));
  const [steady, changed] = [await backtest(plain(data.load), options), await backtest(plain(turned), options)];
  const [before, after] = [steady, changed].map(({ members }) => members['dayBefore']!) as [number, number];
  assert.ok(before < 0.4 && after > before + 0.2, `${before} ${after}`);
});

test('a series that cannot be scored is rejected with the reason', async () => {
  const cases: [(value: number, i: number) => number, RegExp][] = [
    [(value, i) => (i >= FIRST_TEST ? Number.NaN : value), /no load is known in the last 20 %/],
    [(value, i) => (i >= FIRST_TEST ? 0 : value), /zero throughout the last 20 %/],
    [(value, i) => (i >= 380 && i < FIRST_TEST ? Number.NaN : value), /known hours to train on/],
  ];
  for (const [change, reason] of cases)
    await assert.rejects(backtest(plain(data.load.map(change)), options), (error: Error & { code?: string }) => {
      assert.equal(error.code, 'LS-FORECAST-007');
      assert.match(error.message, reason);
      return true;
    });
});
