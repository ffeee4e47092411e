import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SumBlend } from './sum-blend.ts';

const HOUR_MS = 3_600_000;
const LEVELS = [0.1, 0.5, 0.9];
const STEPS = 192;
const flat = (kw: number): Float64Array => new Float64Array(STEPS * LEVELS.length).fill(kw);
/** The parts are right, the own model is not. */
const forecasts = { own: flat(1100), parts: flat(1000) };

/** The given hours of forecasts; `knownAfter`: delay of a value, hours. */
function shareAfter(hours: number, knownAfter: number): number {
  const blend = new SumBlend(LEVELS, 900);
  for (let hour = 0; hour < hours; hour++) {
    blend.issued(hour * HOUR_MS, forecasts);
    const now = (hour + 1) * HOUR_MS;
    blend.settle(now, (time) => (time < now - knownAfter * HOUR_MS ? 1000 : Number.NaN));
  }
  return blend.meanShare(STEPS);
}

test('a sum prefers the method with smaller losses, and weighs both equally without data', () => {
  assert.ok(Math.abs(shareAfter(24, 1000) - 0.5) < 1e-9);
  assert.ok(shareAfter(100, 0) > 0.9, `${shareAfter(100, 0)}`);
});

test('values three days late count like prompt ones; values five days late do not count', () => {
  assert.ok(Math.abs(shareAfter(200, 72) - shareAfter(200, 0)) < 0.01, `${shareAfter(200, 72)}`);
  assert.ok(Math.abs(shareAfter(200, 120) - 0.5) < 1e-9);
});

test('losses decay with time, not with the number of issues', () => {
  const learnt = (settles: number): readonly number[] => {
    const blend = new SumBlend(LEVELS, 900);
    blend.issued(0, forecasts);
    blend.settle(HOUR_MS, () => 1000);
    for (let i = 1; i <= settles; i++) blend.settle(HOUR_MS + (i / settles) * 28 * 24 * HOUR_MS, () => Number.NaN);
    return blend.state();
  };
  const once = learnt(1);
  for (const [i, loss] of learnt(100).entries()) assert.ok(Math.abs(loss - once[i]!) < 1e-9);
  const blend = new SumBlend(LEVELS, 900);
  blend.issued(0, forecasts);
  blend.settle(HOUR_MS, () => 1000);
  assert.ok(Math.abs(once[0]! - blend.state()[0]! / Math.E) < 1e-9, 'a share of 1/e is left after four weeks');
});
