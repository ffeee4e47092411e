import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WeatherSeries } from '../../../../shared/forecast/features.ts';
import { SeededRandom } from '../../../../shared/ports/random.ts';
import { loadSeries } from '../../../../simulators/data/series.ts';
import { inputDrifts, JUMP_LIMIT, referencesOf } from './inputs.ts';
import { jumpIndex } from './jumps.ts';
import { hasGrown, NO_LOSSES, withLoss } from './loss-watch.ts';
import { referenceOf, stabilityIndex } from './stability.ts';

const DAY = 96;
/** The long worlds are hourly. */
const HOURS = 24;
const WEEK = 7 * HOURS;

const hourly = (values: Float64Array): Float64Array =>
  Float64Array.from({ length: Math.floor(values.length / 4) }, (_, i) => {
    const known = values.subarray(4 * i, 4 * i + 4).filter((value) => !Number.isNaN(value));
    return known.reduce((sum, value) => sum + value, 0) / known.length;
  });

/**
 * Two years of a substation's real weeks, load and weather: its thirteen weeks run forwards and backwards like seasons, each drawn from
 * itself and its neighbours.
 */
function years(series: readonly Float64Array[], seed: number): Float64Array[] {
  const random = new SeededRandom(seed);
  const count = Math.floor(series[0]!.length / WEEK);
  const picks = Array.from({ length: 108 }, (_, week) => {
    const turn = week % (2 * count - 2);
    const near = (turn < count ? turn : 2 * count - 2 - turn) + Math.floor(random.next() * 3) - 1;
    return Math.min(count - 1, Math.max(0, near));
  });
  return series.map((values) => {
    const out = new Float64Array(picks.length * WEEK);
    for (const [week, pick] of picks.entries()) out.set(values.subarray(pick * WEEK, (pick + 1) * WEEK), week * WEEK);
    return out;
  });
}

const worlds = loadSeries().map(({ netKw, radiationWm2, windSpeedMs }, seed) => {
  const power = windSpeedMs.map((speed) => Math.min(13, speed) ** 3);
  const [load, ...weather] = years([netKw, radiationWm2, power].map(hourly), seed);
  return { load: load!, weather };
});

const jumpOf = ({ load, weather }: (typeof worlds)[number], days: number): number =>
  jumpIndex(
    load.subarray(0, days * HOURS),
    HOURS,
    weather.map((values) => values.subarray(0, days * HOURS)),
  )!;

const deviationOf = (values: Float64Array): number => {
  const known = values.filter((value) => !Number.isNaN(value));
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
  return Math.sqrt(known.reduce((sum, value) => sum + (value - mean) ** 2, 0) / known.length);
};

const SETTLED = 406;

test('a year of real, unchanged weeks shows no level shift', () => {
  const highest = worlds.map((world) => {
    let most = 0;
    for (let day = SETTLED; day <= world.load.length / HOURS; day += 7) most = Math.max(most, jumpOf(world, day));
    return most;
  });
  const above = highest.filter((most) => most > JUMP_LIMIT).length;
  // The stated rate is at most one series-year in twenty; of these ten, none.
  assert.ok(above === 0, highest.map((most) => most.toFixed(1)).join(' '));
});

test('a level shift is found within days; less than a year of data allows no verdict', () => {
  const at = 500;
  const delays = worlds.map(({ load, weather }) => {
    const by = 3 * deviationOf(load);
    const moved = load.map((value, i) => (i < at * HOURS ? value : value + by));
    for (let days = 1; days <= 14; days++) if (jumpOf({ load: moved, weather }, at + days) > JUMP_LIMIT) return days;
    return Number.POSITIVE_INFINITY;
  });
  assert.ok(
    delays.every((days) => days <= 7),
    delays.join(' '),
  );
  assert.equal(jumpIndex(worlds[0]!.load.subarray(0, 290 * HOURS), HOURS), undefined);
});

test('a holiday week and missing values are no level shift', () => {
  const { load, weather } = worlds[0]!;
  const at = 500;
  const week = load.map((value, i) => (i >= at * HOURS && i < (at + 7) * HOURS ? 0.8 * value : value));
  const gaps = load.map((value, i) => (i >= at * HOURS && i < (at + 3) * HOURS ? Number.NaN : value));
  for (const days of [2, 7, 10]) {
    assert.ok(jumpOf({ load: week, weather }, at + days) <= JUMP_LIMIT);
    assert.ok(jumpOf({ load: gaps, weather }, at + days) <= JUMP_LIMIT);
  }
});

test('missing weather of a model is noticed within three days, a gap of hours is not', () => {
  const steps = 20 * DAY;
  const load = new Float64Array(steps).fill(1);
  const lacking = (days: number): Float64Array =>
    Float64Array.from({ length: steps }, (_, i) => (i >= steps - days * DAY ? Number.NaN : 5));
  const there = lacking(0);
  const missing = (weather: WeatherSeries | null, ...needed: (keyof WeatherSeries)[]): boolean => {
    const { index, limit } = inputDrifts({}, { load, weather }, needed).find(
      ({ group }) => group === 'weather missing',
    )!;
    return index > limit;
  };
  for (const [days, found] of [
    [0, false],
    [0.3, false],
    [1, false],
    [3, true],
  ] as const) {
    assert.equal(missing({ ghi: lacking(days), wind: there }, 'ghi', 'wind'), found, `sun, ${days} days`);
    const cold = { ghi: there, wind: there, temperature: lacking(days) };
    assert.equal(missing(cold, 'ghi', 'wind', 'temperature'), found, `temperature, ${days} days`);
  }
  assert.ok(missing({ ghi: there, wind: there }, 'temperature'), 'the source has no temperature any more');
  assert.ok(missing(null, 'ghi'));
  assert.ok(!missing({ ghi: lacking(9), wind: there, temperature: there }, 'temperature'), 'no model needs the sun');
  assert.deepEqual(inputDrifts({}, { load }, []), []);
});

test('a model trained on less than a year has no reference, because seasons would look like drift', () => {
  const values = Float64Array.from({ length: 299 * DAY }, (_, i) => Math.sin(i));
  assert.deepEqual(referencesOf({ load: values }), {});
});

test('a load of many years has a reference', () => {
  const values = Float64Array.from({ length: 5 * 365 * DAY }, (_, i) => Math.sin(i / 15));
  const { change, load } = referencesOf({ load: values });
  assert.ok(load!.limit > 0 && change!.limit > 0);
});

test('the index is 0 for equal values, grows with the shift and ignores gaps', () => {
  const values = Float64Array.from({ length: 60 * DAY }, (_, i) => Math.sin(i / 15) * 100 + ((i * 7919) % 101));
  const reference = referenceOf(values, DAY)!;
  const shifted = (by: number): number =>
    stabilityIndex(
      reference,
      values.map((value) => value + by),
    )!;
  assert.ok(shifted(0) < 1e-12);
  assert.ok(shifted(20) < shifted(60) && shifted(60) < shifted(200));
  const gappy = values.map((value, i) => (i % 7 === 0 ? Number.NaN : value));
  assert.ok(stabilityIndex(reference, gappy)! < 0.01);
  assert.equal(stabilityIndex(reference, new Float64Array(9).fill(Number.NaN)), undefined);
  assert.equal(referenceOf(values.subarray(0, 20 * DAY), DAY), undefined);
  // Half of the values are equal, as for solar power at night, so bins with the same edge merge.
  const night = values.map((value, i) => (i % 2 === 0 ? 0 : value));
  assert.ok(stabilityIndex(referenceOf(night, DAY)!, night)! < 1e-12);
});

test('a single wild day raises nothing; an invalid loss changes nothing', () => {
  let state = NO_LOSSES;
  for (let day = 0; day < 40; day++) state = withLoss(state, 100 + (day % 5));
  state = withLoss(state, 1e9);
  assert.ok(!hasGrown(state));
  for (const loss of [Number.NaN, 0, -1, Infinity]) assert.deepEqual(withLoss(state, loss), state);
  let grown = state;
  let days = 0;
  for (; !hasGrown(grown); days++) grown = withLoss(grown, 180);
  assert.ok(days <= 12, `${days} days`);
});

test('a reference can be built from eight years without exceeding the argument limit of a call', () => {
  const values = Float64Array.from({ length: 8 * 365 * DAY }, (_, i) => Math.sin(i / 15) + ((i * 7919) % 101));
  assert.ok(referenceOf(values, DAY) !== undefined);
});
