import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { LocalCalendar } from '../../../shared/forecast/calendar.ts';
import { turbine } from '../../../shared/forecast/features.ts';
import { gaussian, SeededRandom } from '../../../shared/ports/random.ts';
import { componentsOf, fitComponents } from './components.ts';

const STEP_S = 900;
const STEPS = 28 * 96;
const calendar = new LocalCalendar('UTC');

/** Four weeks of a place with this much solar and wind behind its meter. */
function place(solarKwPerWm2: number, windKw: number, seed = 1) {
  const random = new SeededRandom(seed, 'components');
  const clouds = Array.from({ length: 28 * 8 }, () => 0.2 + 0.8 * random.next());
  const gusts = Array.from({ length: 28 * 4 }, () => 3 + 8 * random.next());
  const ghi = Float64Array.from(
    { length: STEPS },
    (_, i) => Math.max(0, 800 * Math.sin(((i % 96) / 96 - 0.25) * 2 * Math.PI)) * clouds[Math.floor(i / 12)]!,
  );
  const wind = Float64Array.from({ length: STEPS }, (_, i) => gusts[Math.floor(i / 24)]!);
  const values = Float64Array.from({ length: STEPS }, (_, i) => {
    const consumption = 3000 + 800 * Math.sin((2 * Math.PI * (i % 96)) / 96) + 60 * gaussian(random);
    return consumption - solarKwPerWm2 * ghi[i]! - windKw * turbine(wind[i]!);
  });
  return { load: { start: Date.UTC(2021, 7, 28), stepS: STEP_S, values }, weather: { ghi, wind } };
}

test('the size of solar and wind behind a meter is estimated, and none is reported where there is none', () => {
  for (const [sun, rated] of [
    [4, 2500],
    [4, 0],
    [0, 2500],
    [0, 0],
  ] as const) {
    const { load, weather } = place(sun, rated);
    const fit = fitComponents(load, weather, calendar)!;
    assert.ok(Math.abs(-fit.solarKwPerWm2 - sun) <= 0.05 * sun, `${sun}: ${fit.solarKwPerWm2}`);
    assert.ok(Math.abs(-fit.windKw - rated) <= 0.05 * rated, `${rated}: ${fit.windKw}`);
  }
});

test('the parts add up to the median exactly, and solar and wind never consume', () => {
  const { load, weather } = place(3, 1000, 2);
  const fit = fitComponents(load, weather, calendar)!;
  const cents = fc.integer({ min: -1e6, max: 1e6 }).map((value) => value / 100);
  fc.assert(
    fc.property(fc.array(cents, { minLength: 96, maxLength: 96 }), (median) => {
      const { solar, wind, other } = componentsOf(median, fit, weather);
      for (const [step, value] of median.entries()) {
        assert.ok(solar[step]! <= 0 && wind[step]! <= 0);
        assert.ok(Math.abs(solar[step]! + wind[step]! + other[step]! - value) < 1e-6);
      }
    }),
  );
});

test('less than two weeks of load and weather give no components', () => {
  const { load, weather } = place(3, 0);
  const short = { ...load, values: load.values.map((value, i) => (i < 15 * 96 ? Number.NaN : value)) };
  assert.equal(fitComponents(short, weather, calendar), undefined);
  const blind = { ghi: weather.ghi.map(() => Number.NaN), wind: weather.wind };
  assert.equal(fitComponents(load, blind, calendar), undefined);
});
