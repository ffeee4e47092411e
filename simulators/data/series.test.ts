import assert from 'node:assert/strict';
import { test } from 'node:test';
import { coordinates } from '../region/coordinates.ts';
import { loadProfiles } from './profiles.ts';
import { loadSeries, parseSeries, seriesCount, seriesStartMs, seriesStepMs } from './series.ts';

const series = loadSeries();
const of = (id: string) => series.find((each) => each.id === id)!;
const stepAt = (time: string): number => (Date.parse(time) - seriesStartMs) / seriesStepMs;

/** Pearson correlation over the steps where both are known, with `b` taken `lag` steps later. */
function correlation(a: Float64Array, b: Float64Array, lag = 0): number {
  const pairs = [...a].flatMap((x, at) => {
    const y = b[at + lag];
    return y === undefined || Number.isNaN(x + y) ? [] : [[x, y] as const];
  });
  const mean = (pick: 0 | 1): number => pairs.reduce((sum, pair) => sum + pair[pick], 0) / pairs.length;
  const [ma, mb] = [mean(0), mean(1)];
  const cov = pairs.reduce((sum, [x, y]) => sum + (x - ma) * (y - mb), 0);
  const va = pairs.reduce((sum, [x]) => sum + (x - ma) ** 2, 0);
  const vb = pairs.reduce((sum, [, y]) => sum + (y - mb) ** 2, 0);
  return cov / Math.sqrt(va * vb);
}

test('corrected radiation explains 68 % of the OWD net load without a lead', () => {
  const { netKw, radiationWm2, solarKw } = of('owd');
  assert.ok(Math.abs(correlation(netKw, radiationWm2) ** 2 - 0.68) < 0.01);
  const lags = [-3, -2, -1, 0, 1, 2, 3].map((hours) => correlation(solarKw!, radiationWm2, hours * 4));
  assert.equal(lags.indexOf(Math.min(...lags)), 3, 'the solar part follows the radiation best at lag 0');
});

test('defects of the record remain: reversed and dead meters, empty parts, steps, gaps', () => {
  assert.ok(correlation(of('hfdp').netKw, of('hfdp').solarKw!) < -0.95, 'HFDP has the opposite sign');
  assert.ok(of('wls').netKw.every((value) => Number.isNaN(value) || Math.abs(value) <= 10), 'WLS reads zero');
  assert.deepEqual(
    series.filter(({ solarKw }) => solarKw === null).map(({ id }) => id),
    ['hal', 'lls', 'nryn', 'wew', 'wls', 'wwf'],
  );
  const { netKw } = of('wew');
  const steps = netKw.map((value, at) => Math.abs(value - (netKw[at - 1] ?? NaN))).filter((step) => step > 40_000);
  assert.ok(steps.length > 0, 'the load transfers of WEW are there');
  assert.ok(of('lls').radiationWm2.filter(Number.isNaN).length > 300, 'missing days of radiation stay missing');
});

test('the first row of a file is shifted two hours back, its weather one hour forward', () => {
  const row = (time: string, net: string, sun: string): string => `0,${time}+00:00,${sun},3,${net},,-0.1,53,5,0,1,0,0`;
  const header =
    ',datetime,radiation,windspeed_100m,total_substation,total_solar_part,total_wind_part,Lat,Lon,solar_on,wind_on,Hour,Minute';
  const csv = [header, row('2021-08-01 12:00:00', '1.5', '3600'), row('2021-08-01 12:15:00', '', '')].join('\n');
  const parsed = parseSeries('hal', csv);
  assert.equal(parsed.netKw.length, seriesCount);
  assert.equal(parsed.netKw[stepAt('2021-08-01T10:00Z')], 1500);
  assert.ok(Number.isNaN(parsed.netKw[stepAt('2021-08-01T10:15Z')]));
  assert.equal(parsed.radiationWm2[stepAt('2021-08-01T13:00Z')], 1);
  assert.equal(parsed.solarKw, null);
  assert.equal(parsed.latitude, 53);
  assert.throws(() => parseSeries('hal', csv.replace('radiation', 'sunshine')), /column radiation is missing/);
});

test('the coordinates of the model are those of the files', () => {
  for (const { id, latitude, longitude } of series) assert.deepEqual(coordinates[id], { latitude, longitude });
});

test('profiles are complete, positive and average 1', () => {
  const { shapes } = loadProfiles();
  assert.deepEqual(Object.keys(shapes), ['H0-A', 'H0-B', 'H0-C', 'L1-A', 'L2-A']);
  for (const shape of Object.values(shapes)) {
    assert.ok(shape.every((value) => value >= 0));
    assert.ok(Math.abs(shape.reduce((sum, value) => sum + value, 0) / shape.length - 1) < 1e-9);
  }
});
