import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { baselineForecast } from './naive.ts';
import { QUANTILES, pinball, quantilesOf, uncross } from './quantiles.ts';

test('seasonal naive repeats the last day, the weekly mean averages seven', () => {
  const values = Float64Array.from({ length: 10 * 96 }, (_, i) => Math.floor(i / 96) * 100 + (i % 96));
  const history = { start: 0, stepS: 900, values };
  const options = { steps: 192, levels: [0.5] };
  const day = baselineForecast('seasonalNaive', history, options);
  assert.equal(day.start, 10 * 86_400_000);
  // Each day is 100 higher, so the median error is +100 a day ahead and +200 two days ahead.
  assert.equal(day.values[0]![0], 900 + 100);
  assert.equal(day.values[0]![96], 900 + 200);
});

test('property: quantiles never cross and stay finite for any history', () => {
  fc.assert(
    fc.property(
      fc.array(fc.option(fc.double({ min: -1e5, max: 1e5, noNaN: true }), { nil: Number.NaN }), { maxLength: 400 }),
      fc.constantFrom('seasonalNaive' as const, 'seasonalNaiveWeek' as const, 'sameHourMean' as const),
      (values, baseline) => {
        const history = { start: 0, stepS: 3600, values: Float64Array.from(values) };
        const forecast = baselineForecast(baseline, history, { steps: 48, levels: QUANTILES });
        for (let step = 0; step < 48; step++) {
          for (let q = 0; q < QUANTILES.length; q++) {
            assert.ok(Number.isFinite(forecast.values[q]![step]));
            if (q > 0) assert.ok(forecast.values[q]![step]! >= forecast.values[q - 1]![step]!);
          }
        }
      },
    ),
  );
});

test('quantiles match numpy, pinball matches a hand calculation', () => {
  assert.deepEqual(quantilesOf([4, 1, 3, 2], [0, 0.1, 0.5, 1]), [1, 1.3, 2.5, 4]);
  assert.equal(pinball(0.9, 10, 8), 1.8);
  assert.ok(Math.abs(pinball(0.9, 8, 10) - 0.2) < 1e-12);
  assert.deepEqual(
    uncross([
      [3, 1],
      [2, 5],
    ]),
    [
      [2, 1],
      [3, 5],
    ],
  );
});
