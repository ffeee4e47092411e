import assert from 'node:assert/strict';
import { test } from 'node:test';
import { QUANTILES } from '../../../shared/forecast/quantiles.ts';
import { Verification } from './verification.ts';

const STEP_MS = 900_000;
const HOUR_MS = 3_600_000;
const T0 = Date.UTC(2021, 8, 1);
const horizon = { steps: 192, stepS: 900 };
const MID = QUANTILES.indexOf(0.5);
/** A band of 100 kW around 1000 kW at every step. */
const raw = Float64Array.from({ length: 192 * QUANTILES.length }, (_, i) => 955 + 5 * (i % QUANTILES.length));

/** Days of hourly forecasts of one model; the load is 1500 kW. */
function live(
  verification: Verification,
  model: string | null,
  days: { from: number; to: number },
  actual: (time: number) => number = () => 1500,
): void {
  for (let start = T0 + days.from * 24 * HOUR_MS; start < T0 + days.to * 24 * HOUR_MS; start += HOUR_MS) {
    verification.settle(start, actual, model ?? undefined);
    const values = verification.calibrated(raw, model);
    verification.took({ start, resolutionS: STEP_MS / 1000, values, model: { sha256: model } }, raw);
  }
}

const medianOf = (verification: Verification, model: string | null): number =>
  verification.calibrated(raw, model)[MID]![40]!;

test('calibration moves the median to the load, starts afresh for a new model and counts its targets', () => {
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

test('a fallback has a calibration of its own', () => {
  const verification = new Verification(QUANTILES, horizon);
  live(verification, 'first', { from: 0, to: 10 });
  const learnt = medianOf(verification, 'first');
  assert.equal(medianOf(verification, null), 1000);
  assert.equal(medianOf(verification, 'first'), learnt);
});

test('a restart keeps the calibration; the state of an older version is discarded', () => {
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

test('learning continues at once after a clock was a year ahead', () => {
  const [put, led] = [new Verification(QUANTILES, horizon), new Verification(QUANTILES, horizon)];
  const year = 365 * 24 * HOUR_MS;
  const values = led.calibrated(raw, 'first');
  led.took({ start: T0 + year, resolutionS: STEP_MS / 1000, values, model: { sha256: 'first' } }, raw);
  const again = new Verification(QUANTILES, horizon);
  again.restore(JSON.parse(JSON.stringify(led.state())));
  for (const each of [put, again]) live(each, 'first', { from: 0, to: 20 });
  assert.ok(Math.abs(medianOf(again, 'first') - medianOf(put, 'first')) < 10, `${medianOf(again, 'first')}`);
});

test('a backlog of two days is scored and learnt from once; older unknown values are given up', () => {
  const [prompt, late] = [new Verification(QUANTILES, horizon), new Verification(QUANTILES, horizon)];
  const outage = { from: T0 + 10 * 24 * HOUR_MS, to: T0 + 12 * 24 * HOUR_MS };
  const unknown = (time: number): number => (time >= outage.from && time < outage.to ? Number.NaN : 1500);
  for (const each of [prompt, late]) live(each, 'first', { from: 0, to: 10 });
  live(prompt, 'first', { from: 10, to: 12 });
  live(late, 'first', { from: 10, to: 12 }, unknown);
  const learnt = JSON.stringify(late.state());
  const naive = (time: number): number => (time < outage.to ? 1500 : Number.NaN);
  prompt.settle(outage.to, naive, 'first');
  const { n } = late.settle(outage.to, naive, 'first');
  assert.ok(n > 300 && JSON.stringify(late.state()) !== learnt, `${n} targets`);
  const [own, known] = [medianOf(late, 'first'), medianOf(prompt, 'first')];
  assert.ok(Math.abs(own - known) < 5, `${own} kW, ${known} kW without the delay`);
  assert.equal(late.calibration('first')!.n, prompt.calibration('first')!.n);
  assert.equal(late.settle(outage.to, naive, 'first').n, 0);

  const given = new Verification(QUANTILES, horizon);
  live(given, 'first', { from: 0, to: 15 }, unknown);
  const before = given.calibration('first')!.n;
  given.settle(T0 + 15 * 24 * HOUR_MS, () => 1500);
  const wait = given.calibration('first')!.n - before;
  // Its second day is still waited for.
  assert.ok(wait >= 24 * 11 && wait < 30 * 11, `${wait} targets`);
});
