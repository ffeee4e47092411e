import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { LocalCalendar } from '../../../../shared/forecast/calendar.ts';
import { SeededRandom } from '../../../../shared/ports/random.ts';
import type { HourlyData } from './hourly-data.ts';
import { HourlyContext, HourlyDesign } from './hourly.ts';
import { degradedWeather } from './weather-error.ts';

const random = new SeededRandom(9);
const load = Float64Array.from({ length: 1500 }, (_, i) => 100 + 40 * Math.sin(i / 3.8) + 20 * random.next());
const temp = Float64Array.from({ length: 1500 }, () => 10 + 5 * random.next());
const calendar = new LocalCalendar('Europe/London');
const data = (values: Float64Array): HourlyData => ({
  start: Date.UTC(2020, 0, 1),
  load: values,
  weather: [{ name: 'temp', values: temp }],
  holiday: null,
});

const rowOf = (values: Float64Array, origin: number, horizon: number, error = degradedWeather(1)): Float32Array => {
  const design = new HourlyDesign(new HourlyContext(data(values), calendar, error));
  const out = new Float32Array(design.width);
  design.row(origin, horizon, out, 0);
  return out;
};

test('a row does not depend on the load beyond its origin', () => {
  fc.assert(
    fc.property(fc.integer({ min: 336, max: 1400 }), fc.integer({ min: 1, max: 24 }), (origin, horizon) => {
      const changed = load.map((value, i) => (i > origin ? value + 1e4 : value));
      assert.deepEqual(rowOf(changed, origin, horizon), rowOf(load, origin, horizon));
    }),
    { numRuns: 40 },
  );
});

test('degraded weather is repeatable, differs by seed and errs more at longer leads', () => {
  assert.deepEqual(rowOf(load, 700, 12), rowOf(load, 700, 12));
  assert.notDeepEqual(rowOf(load, 700, 12, degradedWeather(2)), rowOf(load, 700, 12));
  const absolute = (lead: number): number => {
    let sum = 0;
    for (let origin = 0; origin < 400; origin++)
      sum += Math.abs(degradedWeather(1)('temp', { origin, lead, actual: 10 }) - 10);
    return sum / 400;
  };
  assert.ok(absolute(24) > 1.8 * absolute(1));
});
