import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SeededRandom } from '../../../../shared/ports/random.ts';
import { lastDay, type DatedChannel } from './last-day.ts';
import { ettLongHorizon, LONG_HOURS } from './long-horizon.ts';

const random = new SeededRandom(5);
const wave = (count: number): Float64Array =>
  Float64Array.from({ length: count }, (_, i) => 100 + 30 * Math.sin((2 * Math.PI * i) / 24) + 10 * random.next());
const refusal =
  (reason: RegExp) =>
  (error: Error & { code?: string }): boolean => {
    assert.equal(error.code, 'LS-FORECAST-007');
    assert.match(error.message, reason);
    return true;
  };

test('the long horizon is fitted before its test months and beats the previous day', () => {
  const values = wave(LONG_HOURS + 50);
  const score = ettLongHorizon([{ name: 'a', values }], 2);
  assert.ok(score.mse < score.seasonalNaive24.mse && score.mae < score.seasonalNaive24.mae);
  assert.equal(score.windows, 4 * 720 - 1);
  // Data after the twenty months is not read.
  const later = values.map((value, i) => (i >= LONG_HOURS ? Number.NaN : i >= 16 * 720 ? 2 * value : value));
  const changed = ettLongHorizon([{ name: 'a', values: later }], 2);
  assert.equal(changed.validationMse, score.validationMse);
  assert.notEqual(changed.mse, score.mse);
});

test('the long horizon rejects a series that it cannot score', () => {
  const run = (values: Float64Array) => (): unknown => ettLongHorizon([{ name: 'a', values }], 2);
  assert.throws(run(wave(9000)), refusal(/9000 hours; the protocol needs 14400/));
  assert.throws(run(wave(LONG_HOURS).fill(Number.NaN, 41, 42)), refusal(/hour 42 is unknown/));
  assert.throws(run(new Float64Array(LONG_HOURS).fill(3)), refusal(/constant/));
});

const channel = (values: Float64Array, name = 'a'): DatedChannel => ({ name, start: Date.UTC(2022, 2, 1), values });

test('MASE and WQL of the previous day match their definitions', () => {
  // Each day lies 1 above the one before, the last one 3: the naive error is 3, its training errors are all 1.
  const ramp = Float64Array.from({ length: 60 * 24 }, (_, i) => 100 + Math.floor(i / 24));
  for (let i = 59 * 24; i < ramp.length; i++) ramp[i]! += 2;
  const { mase, wql } = lastDay([channel(ramp)], 'Europe/Paris').baselines.seasonalNaive24;
  assert.ok(Math.abs(mase - 3) < 1e-12);
  // Every quantile is the day before + 1, so 2 below the actual value: twice the loss is 2 x level x 2, on average 2.
  assert.ok(Math.abs(wql - 2 / 161) < 1e-12, `${wql}`);
});

test('the last day is scored per series, and MASE is their mean', () => {
  const messages: string[] = [];
  const result = lastDay(
    [
      channel(wave(1500)),
      channel(
        wave(1500).map((v) => 50 * v),
        'b',
      ),
    ],
    'America/New_York',
    (what) => messages.push(what),
  );
  const [a, b] = result.series;
  assert.ok(Math.abs(result.mase - (a!.mase + b!.mase) / 2) < 1e-12);
  assert.ok(result.mase < result.baselines.seasonalNaive24.mase && result.wql < result.baselines.seasonalNaive24.wql);
  assert.ok(Math.abs(result.wql - b!.wql) < Math.abs(result.wql - a!.wql));
  assert.deepEqual([a!.trainingHours, messages.length], [1476, 2]);
});

test('gaps in training hours are tolerated; an unscorable series is rejected', () => {
  const holed = wave(1500).map((value, i) => (i < 1476 && i % 23 === 5 ? Number.NaN : value));
  const { mase, wql } = lastDay([channel(holed)], 'Asia/Kolkata');
  assert.ok(Number.isFinite(mase) && Number.isFinite(wql));
  const run = (values: Float64Array) => (): unknown => lastDay([channel(values)], 'UTC');
  assert.throws(run(wave(300)), refusal(/276 known hours before the last day; at least 672/));
  assert.throws(run(wave(10)), refusal(/0 known hours/));
  assert.throws(run(wave(1500).fill(Number.NaN, 1490, 1491)), refusal(/an hour of the last day is unknown/));
  assert.throws(run(wave(1500).fill(0, 1476)), refusal(/last day is all zero/));
  assert.throws(run(new Float64Array(1500).fill(7)), refusal(/repeats the day before/));
});
