import assert from 'node:assert/strict';
import { test } from 'node:test';
import { QUANTILES } from '../../../shared/forecast/quantiles.ts';
import { Verification } from './verification.ts';

const STEP_MS = 900_000;
const HOUR_MS = 3_600_000;
const T0 = Date.UTC(2021, 8, 1);
const horizon = { steps: 192, stepS: 900 };
const MID = QUANTILES.indexOf(0.5);
/** A band of 100 kW about 1000 kW at every step. */
const raw = Float64Array.from({ length: 192 * QUANTILES.length }, (_, i) => 955 + 5 * (i % QUANTILES.length));

/** So many days of hourly forecasts of one model; 1500 kW come. */
function live(verification: Verification, model: string | null, days: { from: number; to: number }): void {
  for (let start = T0 + days.from * 24 * HOUR_MS; start < T0 + days.to * 24 * HOUR_MS; start += HOUR_MS) {
    verification.settle(start, () => 1500, model ?? undefined);
    const values = verification.calibrated(raw, model);
    verification.took({ start, resolutionS: STEP_MS / 1000, values, model: { sha256: model } }, raw);
  }
}

const medianOf = (verification: Verification, model: string | null): number =>
  verification.calibrated(raw, model)[MID]![40]!;

test('the median follows the load, a new model starts anew, and the calibration says from how many targets it speaks', () => {
  const verification = new Verification(QUANTILES, horizon);
  assert.equal(verification.calibration('first'), null);
  live(verification, 'first', { from: 0, to: 20 });
  assert.ok(medianOf(verification, 'first') > 1400, `${medianOf(verification, 'first')}`);
  const before = verification.calibration('first')!;
  assert.ok(before.n > 1000, `${before.n}`);
  assert.equal(medianOf(verification, 'second'), 1000);
  assert.equal(verification.calibration('second'), null);
  live(verification, 'second', { from: 20, to: 21 });
  assert.ok(verification.calibration('second')!.n < 200);
});

test('what stands in for a model keeps an account of its own', () => {
  const verification = new Verification(QUANTILES, horizon);
  live(verification, 'first', { from: 0, to: 10 });
  const learnt = medianOf(verification, 'first');
  assert.equal(medianOf(verification, null), 1000);
  assert.equal(medianOf(verification, 'first'), learnt);
});

test('a restart keeps what was learnt; the state of an older version starts anew', () => {
  const verification = new Verification(QUANTILES, horizon);
  live(verification, 'first', { from: 0, to: 10 });
  const again = new Verification(QUANTILES, horizon);
  again.restore(JSON.parse(JSON.stringify(verification.state())));
  assert.deepEqual(again.calibrated(raw, 'first'), verification.calibrated(raw, 'first'));
  assert.deepEqual(again.calibration('first'), verification.calibration('first'));
  const old = new Verification(QUANTILES, horizon);
  old.restore({ offsets: [0.5, 0.5], days: [{ day: 1, n: 5, inside: 3 }] });
  assert.equal(medianOf(old, 'first'), 1000);
});

test('a clock that stood a year ahead keeps it from learning for no day of that year', () => {
  const [put, led] = [new Verification(QUANTILES, horizon), new Verification(QUANTILES, horizon)];
  const year = 365 * 24 * HOUR_MS;
  const values = led.calibrated(raw, 'first');
  led.took({ start: T0 + year, resolutionS: STEP_MS / 1000, values, model: { sha256: 'first' } }, raw);
  const again = new Verification(QUANTILES, horizon);
  again.restore(JSON.parse(JSON.stringify(led.state())));
  for (const each of [put, again]) live(each, 'first', { from: 0, to: 20 });
  assert.ok(Math.abs(medianOf(again, 'first') - medianOf(put, 'first')) < 10, `${medianOf(again, 'first')}`);
});
