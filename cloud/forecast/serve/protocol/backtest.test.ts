import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backtest, type BacktestOptions } from './backtest.ts';
import type { HourlyData } from './hourly-data.ts';
import { data, HOURS, load, options } from './testing/thirteen-weeks.ts';

test('members on thirteen weeks are chosen on the training part, beat the naive forecast and cover', async () => {
  const messages: string[] = [];
  const result = await backtest(data, { ...options, progress: (what) => messages.push(what) });
  assert.ok(result.nMae < result.baselines.seasonalNaive24.nMae);
  assert.ok(result.pinball < result.baselines.seasonalNaive24.pinball);
  assert.ok(result.coverage80 > 0.7 && result.coverage80 < 0.9, `coverage ${result.coverage80}`);
  assert.ok(result.validation !== null && result.validation.nMae < result.baselines.seasonalNaive24.nMae);
  assert.ok(Math.abs(Object.values(result.members).reduce((sum, weight) => sum + weight, 0) - 1) < 1e-9);
  assert.equal(result.daylightCoverage80, null);
  assert.ok(messages.some((what) => what.startsWith('validation')));
});

test('the choice does not depend on the test part', async () => {
  const firstTest = HOURS - Math.floor(0.2 * HOURS);
  const changed = { ...data, load: load.map((value, i) => (i >= firstTest ? 3 * value : value)) };
  const quick: BacktestOptions = { ...options, members: ['ridge', 'linear', 'lagRidge'] };
  const [before, after] = [await backtest(data, quick), await backtest(changed, quick)];
  assert.deepEqual(after.validation, before.validation);
  assert.deepEqual(Object.keys(after.members), Object.keys(before.members));
  assert.notEqual(after.nMae, before.nMae);
});

/** Without weather columns, and what each says of the data is its own. */
const plain = (values: Float64Array): HourlyData => ({ ...data, load: values, weather: [] });
const lean: BacktestOptions = { ...options, members: ['ridge', 'linear', 'lagRidge'] };

test('short series, gaps, daylight saving and missing weather give finite figures', async () => {
  const spring = Date.UTC(2022, 1, 1);
  const holed = load.map((value, i) => (i % 23 === 5 || (i > 900 && i < 1000) ? Number.NaN : value));
  const cases: [string, HourlyData, BacktestOptions][] = [
    ['four weeks', plain(load.slice(0, 672)), lean],
    ['an hour a day and four days missing', { ...data, load: holed }, lean],
    ['New York over the spring change', { ...plain(load), start: spring }, { ...lean, zone: 'America/New_York' }],
    ['half an hour of daylight saving', plain(load), { ...lean, zone: 'Australia/Lord_Howe' }],
    ['degraded, no columns', plain(load.slice(0, 1200)), { ...lean, weather: 'degraded' }],
    ['weather that nothing is known of', { ...data, weather: [{ name: 'ghi', values: load.map(() => NaN) }] }, lean],
  ];
  for (const [name, input, how] of cases) {
    const { nMae, pinball, coverage80, byHorizon, baselines, members } = await backtest(input, how);
    const figures = [nMae, pinball, coverage80, ...Object.values(byHorizon), baselines.ridge.nMae];
    assert.ok(figures.every(Number.isFinite), `${name}: ${figures.join(' ')}`);
    // Eight days to train on: a hundred columns fit them too well, and the linear member alone answers.
    const { nMae: bar } = name === 'four weeks' ? baselines.ridge : baselines.seasonalNaive24;
    assert.ok(nMae < bar, `${name}: ${nMae} against ${bar}, naive ${baselines.seasonalNaive24.nMae}`);
    if (name === 'four weeks') assert.deepEqual(Object.keys(members), ['linear']);
    assert.ok(coverage80 > 0.4 && coverage80 < 0.97, `${name}: coverage ${coverage80}`);
  }
});

test('a member on lags is left out where no day is complete', async () => {
  const holed = load.map((value, i) => (i % 23 === 5 ? Number.NaN : value));
  const { members } = await backtest(plain(holed), lean);
  assert.deepEqual(Object.keys(members).includes('lagRidge'), false);
});

test('a series that cannot be scored is rejected with the reason', async () => {
  const firstTest = HOURS - Math.floor(0.2 * HOURS);
  const cases: [Float64Array, RegExp][] = [
    [load.map((value, i) => (i >= firstTest ? Number.NaN : value)), /no load is known in the last 20 %/],
    [load.map((value, i) => (i >= firstTest ? 0 : value)), /zero throughout the last 20 %/],
    [load.map((value, i) => (i >= 380 && i < firstTest ? Number.NaN : value)), /known hours to train on/],
  ];
  for (const [values, reason] of cases)
    await assert.rejects(backtest(plain(values), lean), (error: Error & { code?: string }) => {
      assert.equal(error.code, 'LS-FORECAST-007');
      assert.match(error.message, reason);
      return true;
    });
});
