import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SeededRandom } from '../../../shared/ports/random.ts';
import { inlineCompute } from '../../compute/inline-compute.ts';
import { backtest, type BacktestOptions } from './backtest.ts';
import type { HourlyData } from './hourly.ts';
import { protocolTasks } from './stage.ts';

const HOURS = 2200;
const random = new SeededRandom(12);
const temp = Float64Array.from({ length: HOURS }, (_, i) => 12 + 6 * Math.sin(i / 40) + 2 * random.next());
/** A daily shape, heating that begins below 12 degrees, and noise. */
const load = temp.map(
  (degrees, i) => 100 + 30 * Math.sin((2 * Math.PI * i) / 24) + 6 * Math.max(0, 12 - degrees) + 8 * random.next(),
);
const data: HourlyData = {
  start: Date.UTC(2022, 0, 1),
  load,
  weather: [{ name: 'temp', values: temp }],
  holiday: null,
};
const options: BacktestOptions = {
  zone: 'Europe/Berlin',
  weather: 'actual',
  seed: 1,
  elapsed: () => 0,
  compute: inlineCompute(protocolTasks),
  members: ['ridge', 'linear', 'lagRidge', 'boostDifference'],
};

test('members of thirteen weeks are chosen on the training part, beat the naive and cover', async () => {
  const told: string[] = [];
  const result = await backtest(data, { ...options, progress: (what) => told.push(what) });
  assert.ok(result.nMae < result.baselines.seasonalNaive24.nMae);
  assert.ok(result.pinball < result.baselines.seasonalNaive24.pinball);
  assert.ok(result.coverage80 > 0.7 && result.coverage80 < 0.9, `coverage ${result.coverage80}`);
  assert.ok(result.validation !== null && result.validation.nMae < result.baselines.seasonalNaive24.nMae);
  assert.ok(Math.abs(Object.values(result.members).reduce((sum, weight) => sum + weight, 0) - 1) < 1e-9);
  assert.equal(result.daylightCoverage80, null);
  assert.ok(told.some((what) => what.startsWith('validation')));
});

test('what is chosen does not depend on the test part', async () => {
  const firstTest = HOURS - Math.floor(0.2 * HOURS);
  const changed = { ...data, load: load.map((value, i) => (i >= firstTest ? 3 * value : value)) };
  const quick: BacktestOptions = { ...options, members: ['ridge', 'linear', 'lagRidge'] };
  const [before, after] = [await backtest(data, quick), await backtest(changed, quick)];
  assert.deepEqual(after.validation, before.validation);
  assert.deepEqual(Object.keys(after.members), Object.keys(before.members));
  assert.notEqual(after.nMae, before.nMae);
});
