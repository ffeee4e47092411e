import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testRegion } from '../../plan/testing/fixture.ts';
import { RecordedWeather } from '../../forecast/serve/recorded-weather.ts';
import { InputReader } from '../../forecast/serve/target-inputs.ts';
import { weatherKind } from '../../forecast/serve/weather-kind.ts';
import { VintageWeather } from './vintage-weather.ts';
import type { WeatherVintage } from './weather-store.ts';
import { weatherFor } from './weather-mode.ts';

const HOUR_MS = 3_600_000;
const START = Date.UTC(2021, 8, 1);
const NOW = START + 24 * HOUR_MS;
const record = {
  start: START,
  stepS: 3600,
  ghi: new Float64Array(72).fill(500),
  wind: new Float64Array(72).fill(7),
};
const vintage: WeatherVintage = {
  id: 'w1',
  source: 'harmonie',
  location: 'substation:owd',
  issuedAt: NOW - 6 * HOUR_MS,
  start: NOW - 6 * HOUR_MS,
  resolutionS: 3600,
  temperatureC: Array.from({ length: 24 }, () => 12),
  ghiWm2: Array.from({ length: 24 }, () => 100),
  windMs: Array.from({ length: 24 }, () => 3),
};
const query = { target: 'substation:owd', start: START, end: NOW + 48 * HOUR_MS, resolutionS: 3600, asOf: NOW };

/** The same on the grid of the forecasts. */
const fineRecord = {
  start: START,
  stepS: 900,
  ghi: new Float64Array(4 * 72).fill(500),
  wind: new Float64Array(4 * 72).fill(7),
};

function sourceOf(...vintages: WeatherVintage[]) {
  const list = async ({ to, issuedBefore }: { to: number; issuedBefore: number }): Promise<WeatherVintage[]> =>
    vintages.filter(({ start, issuedAt }) => start < to && issuedAt <= issuedBefore);
  return new VintageWeather(testRegion('owd'), { list }, new RecordedWeather(() => [record, fineRecord]));
}

test('vintage mode gives no weather if only recordings exist; actual mode gives them, marked as hindcast', async () => {
  assert.equal(await weatherFor('vintage', sourceOf())!.intervals(query), null);
  const late = { ...vintage, issuedAt: NOW + HOUR_MS };
  assert.equal(await weatherFor('vintage', sourceOf(late))!.intervals(query), null);
  assert.equal(await weatherFor('vintage', sourceOf())!.intervals({ ...query, end: NOW }), null);
  const actual = (await weatherFor('actual', sourceOf())!.intervals(query))!;
  assert.deepEqual([actual.hindcast, actual.ghi[60]], [true, 500]);
  assert.equal(weatherFor('none', sourceOf()), undefined);
});

test('vintage mode uses recordings up to then and forecasts issued by then, and nothing later', async () => {
  const { ghi, temperature, hindcast } = (await weatherFor('vintage', sourceOf(vintage))!.intervals(query))!;
  assert.equal(hindcast, false);
  assert.deepEqual([ghi[0], ghi[17], ghi[18], ghi[41], ghi[42]], [500, 500, 100, 100, null]);
  assert.deepEqual([temperature![0], temperature![20]], [null, 12]);
});

test('without asOf the newest vintage is used, recordings fill in ahead, and the result is a hindcast', async () => {
  const { asOf: _, ...now } = query;
  const { ghi, hindcast } = (await weatherFor('vintage', sourceOf(vintage))!.intervals(now))!;
  assert.deepEqual([ghi[20], ghi[60], hindcast], [100, 500, true]);
});

test('a live forecast is a hindcast only if recordings fill steps ahead of it', async () => {
  const load = { intervals: async () => ({ values: [], substitution: null }) };
  const kindOf = async (...vintages: WeatherVintage[]) => {
    const reader = new InputReader(load, sourceOf(...vintages), [{ id: 'substation:owd', zone: 'UTC' }]);
    const { weather } = await reader.read('substation:owd', { end: NOW, days: 1, ahead: 48 });
    // Its past comes from recordings.
    assert.equal(weather!.ghi[4], 500);
    return weatherKind(weather);
  };
  // The records and the reader have quarters of an hour.
  const long = { ...vintage, resolutionS: 900, temperatureC: null };
  const column = (value: number, steps: number): number[] => Array.from({ length: steps }, () => value);
  assert.equal(await kindOf({ ...long, ghiWm2: column(100, 24 + 48), windMs: column(3, 24 + 48) }), 'vintage');
  assert.equal(await kindOf({ ...long, ghiWm2: column(100, 24 + 47), windMs: column(3, 24 + 48) }), 'actual');
});

test('degraded weather is exact up to the issue and has growing, seeded errors after it', async () => {
  const of = async (seed: number, asOf = NOW) =>
    (await weatherFor('degraded', sourceOf(), seed)!.intervals({ ...query, asOf }))!;
  const [first, again, other] = [await of(1), await of(1), await of(2)];
  assert.deepEqual([first.hindcast, first.degraded, first.issuedAt], [true, true, NOW]);
  assert.ok(
    Array.from(first.ghi)
      .slice(0, 24)
      .every((value) => value === 500),
  );
  assert.ok(
    Array.from(first.ghi)
      .slice(24, 72)
      .every((value) => value !== 500),
  );
  assert.deepEqual(again, first);
  assert.notDeepEqual(other.ghi, first.ghi);
  const sizes = async (hour: number): Promise<number> => {
    let sum = 0;
    for (let seed = 1; seed <= 300; seed++) sum += Math.abs((await of(seed)).wind[hour]! - 7) / 300;
    return sum;
  };
  // 0.9 m/s after an hour and 1.6 m/s after a day, as mean absolute errors of normal distributions.
  const [near, far] = [await sizes(24), await sizes(47)];
  assert.ok(Math.abs(near - 0.9 * Math.sqrt(2 / Math.PI)) < 0.12, `${near}`);
  assert.ok(Math.abs(far - 1.6 * Math.sqrt(2 / Math.PI)) < 0.2, `${far}`);
});
