import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LocalCalendar } from '../../../../shared/forecast/calendar.ts';
import { gaussian, SeededRandom } from '../../../../shared/ports/random.ts';
import { hourRidge } from './hour-ridge.ts';
import { HourlyContext } from './hourly.ts';
import { lagRidge } from './lag-ridge.ts';
import { pinballOf, TestPairs, type PairForecasts } from './pairs.ts';

const HOURS = 2000;
const random = new SeededRandom(2);
const temp = Float64Array.from({ length: HOURS }, (_, i) => 10 + 8 * Math.sin(i / 57) + 2 * gaussian(random));
/** Evenings answer to the temperature far more than nights; one hour in thirty is off by a lot. */
const load = temp.map((degrees, i) => {
  const evening = i % 24 >= 16 && i % 24 < 22;
  const noise = gaussian(random) + (random.next() < 1 / 30 ? 40 : 0);
  return 80 + (evening ? -4 : -0.2) * (degrees - 10) + noise;
});

function measured(values: Float64Array): { hour: PairForecasts; lags: PairForecasts; pairs: TestPairs } {
  const data = { start: 0, load: values, weather: [{ name: 'temp' as const, values: temp }], holiday: null };
  const context = new HourlyContext(data, new LocalCalendar('UTC'));
  const pairs = new TestPairs(values);
  return { hour: hourRidge(context, pairs).forecasts, lags: lagRidge(context, pairs).forecasts, pairs };
}

const maeOf = ({ mid }: PairForecasts, { actual }: TestPairs): number =>
  actual.reduce((sum, value, i) => sum + Math.abs(value - mid[i]!), 0) / actual.length;

test('separate weights per hour follow hourly effects, and outliers do not bend them', () => {
  const { hour, lags, pairs } = measured(load);
  assert.ok(maeOf(hour, pairs) < 0.85 * maeOf(lags, pairs), `${maeOf(hour, pairs)} against ${maeOf(lags, pairs)}`);
  for (const [i, mid] of hour.mid.entries()) assert.ok(hour.low[i]! <= mid && mid <= hour.high[i]!);
});

test('hours unknown in training are learnt from neighbouring hours', () => {
  const holed = load.map((value, i) => ((i % 24 === 12 || i % 24 === 13) && i < 1600 ? Number.NaN : value));
  const { hour, pairs } = measured(holed);
  let [sum, count] = [0, 0];
  for (const [i, mid] of hour.mid.entries()) {
    if (pairs.target(i) % 24 !== 12) continue;
    sum += Math.abs(mid - pairs.actual[i]!);
    count++;
  }
  assert.ok(count > 50 && sum / count < 8, `mean absolute error ${sum / count} over ${count}`);
});

test('neighbouring hours are used where they help', () => {
  const data = { start: 0, load: load.slice(0, 1400), weather: [], holiday: null };
  const context = new HourlyContext(data, new LocalCalendar('UTC'));
  const pairs = new TestPairs(data.load);
  const [alone, near, found] = [
    hourRidge(context, pairs, 0),
    hourRidge(context, pairs, 1),
    hourRidge(context, pairs, 'find'),
  ];
  const better = pinballOf(near.forecasts, pairs) < pinballOf(alone.forecasts, pairs) ? near : alone;
  assert.equal(found.beside, better.beside);
  assert.deepEqual(found.forecasts, better.forecasts);
  assert.notDeepEqual(near.forecasts.mid, alone.forecasts.mid);
});
