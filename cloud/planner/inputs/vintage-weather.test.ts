import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testRegion } from '../../plan/testing/fixture.ts';
import { VintageWeather } from './vintage-weather.ts';
import type { WeatherStore, WeatherVintage } from './weather-store.ts';

const HOUR_MS = 3_600_000;
const START = Date.UTC(2020, 8, 1);

test('hourly vintages give the weather of the first day too, however many came later', async () => {
  const hours = 250 * 24;
  const end = START + hours * HOUR_MS;
  const vintages = Array.from({ length: hours }, (_, hour): WeatherVintage => {
    const issuedAt = START + hour * HOUR_MS;
    const values = { temperatureC: [hour % 100, -1, -1], ghiWm2: null, windMs: null };
    const about = { id: `w${hour}`, source: 'hourly', location: 'substation:owd' };
    return { ...about, issuedAt, start: issuedAt, resolutionS: 3600, ...values };
  }).toReversed();
  const list: WeatherStore['list'] = async ({ from, to }, { skip, limit }) =>
    vintages.filter(({ start }) => start < to && start + 3 * HOUR_MS > from).slice(skip, skip + limit);
  const source = new VintageWeather(testRegion('owd'), { list }, undefined);
  const query = { target: 'substation:owd', start: START, end, resolutionS: 3600, asOf: end };
  const { temperature, issuedAt } = (await source.intervals(query))!;
  assert.equal(issuedAt, end - HOUR_MS);
  assert.deepEqual(
    temperature,
    Array.from({ length: hours }, (_, hour) => hour % 100),
  );
});

test('weather names the newest vintage that it uses, not that of a place further away', async () => {
  const vintage = (location: string, hour: number, ghi: number): WeatherVintage => ({
    id: location,
    source: `feed of ${location}`,
    location,
    issuedAt: START + hour * HOUR_MS,
    start: START,
    resolutionS: 3600,
    temperatureC: null,
    ghiWm2: [ghi, ghi],
    windMs: null,
  });
  const region = testRegion('owd');
  const vintages = [vintage(`region:${region.id}`, -1, 900), vintage('substation:owd', -6, 100)];
  const source = new VintageWeather(region, { list: async () => vintages }, undefined);
  const {
    ghi,
    source: named,
    issuedAt,
  } = (await source.intervals({
    target: 'substation:owd',
    start: START,
    end: START + 2 * HOUR_MS,
    resolutionS: 3600,
  }))!;
  assert.deepEqual([ghi, named, issuedAt], [[100, 100], 'feed of substation:owd', START - 6 * HOUR_MS]);
});

test('an hour has the mean of its quarters, and a quarter the value of its hour', async () => {
  const vintage = (hour: number, resolutionS: number, ghiWm2: (number | null)[]): WeatherVintage => ({
    id: `${hour}`,
    source: 'feed',
    location: 'substation:owd',
    issuedAt: START + hour * HOUR_MS,
    start: START,
    resolutionS,
    temperatureC: null,
    ghiWm2,
    windMs: null,
  });
  const vintages = [vintage(-1, 900, [0, 100, 200, 300, 400, null]), vintage(-2, 3600, [7, 8, 9])];
  const source = new VintageWeather(testRegion('owd'), { list: async () => vintages }, undefined);
  const ghi = async (resolutionS: number) =>
    (await source.intervals({ target: 'substation:owd', start: START, end: START + 3 * HOUR_MS, resolutionS }))!.ghi;
  assert.deepEqual(await ghi(3600), [150, 8, 9]);
  assert.deepEqual(Array.from(await ghi(900)).slice(0, 9), [0, 100, 200, 300, 400, 8, 8, 8, 9]);
});
