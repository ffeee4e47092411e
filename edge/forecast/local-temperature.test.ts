import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Frame } from '../../shared/contracts/frame.ts';
import type { LoadSeries } from '../../shared/forecast/series.ts';
import { LocalTemperature } from './local-temperature.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const T0 = Date.UTC(2021, 0, 10);
const STEPS = 96;

/** Two days of load up to `end`, of which only the time counts. */
const loadUpTo = (end: number): LoadSeries => ({ start: end - 2 * DAY, stepS: 900, values: new Float64Array(192) });

const sent = (from: number, hours: number, at: (hour: number) => number | null) => ({
  start: from,
  stepS: 3600 as const,
  temperatureC: Array.from({ length: hours }, (_, i) => at(i)),
});

const reading = (time: number, value: number): Frame => ({
  device: 'weather',
  time,
  values: [
    { metric: 'temperatureC', value, quality: 'good', origin: 'measured' },
    { metric: 'windSpeedMs', value: 30, quality: 'good', origin: 'measured' },
  ],
});

/** The value of the interval that begins at `time`. */
const at = (temperature: LocalTemperature, end: number, time: number): number => {
  const along = temperature.along(loadUpTo(end), STEPS)!;
  assert.equal(along.length, 192 + STEPS);
  return along[(time - (end - 2 * DAY)) / 900_000]!;
};

test('the temperature is linear between the means of hours, past and ahead', () => {
  const temperature = new LocalTemperature();
  temperature.take(sent(T0 - 3 * DAY, 5 * 24, (hour) => hour / 10));
  // The mean of hour 72 stands at half past; the interval's middle at 7.5 min lies 22.5 min before it.
  assert.ok(Math.abs(at(temperature, T0, T0) - (7.2 - (22.5 / 60) * 0.1)) < 1e-9);
  assert.ok(Math.abs(at(temperature, T0, T0 + 30 * 60_000) - (7.2 + (7.5 / 60) * 0.1)) < 1e-9);
  assert.ok(Math.abs(at(temperature, T0, T0 - DAY) - (4.8 - (22.5 / 60) * 0.1)) < 1e-9);
});

test('newer weather replaces what came before, and an unknown hour takes no part', () => {
  const temperature = new LocalTemperature();
  temperature.take(sent(T0 - 3 * DAY, 5 * 24, () => 30));
  temperature.take(sent(T0 - 3 * DAY, 5 * 24, (hour) => (hour === 60 ? null : 5)));
  const along = temperature.along(loadUpTo(T0), STEPS)!;
  const unknown = [...along].flatMap((value, i) => (Number.isNaN(value) ? [i] : []));
  assert.deepEqual(unknown, [144, 145, 146, 147], 'the four intervals of the unknown hour');
  assert.ok([...along].every((value) => Number.isNaN(value) || value === 5));
});

test('own measurements replace the past up to now, without the bias of their sensor', () => {
  const temperature = new LocalTemperature();
  temperature.take(sent(T0 - 3 * DAY, 5 * 24, () => 10));
  // Three degrees warm on average; half of the hours are warmer, half are colder than the cloud says.
  for (let hour = -48; hour < 0; hour++)
    for (const minutes of [0, 20, 40])
      temperature.observe(reading(T0 + hour * HOUR + minutes * 60_000, 13 + (hour % 2 === 0 ? 1 : -1)));
  const along = temperature.along(loadUpTo(T0), STEPS)!;
  const past = along.subarray(0, 188);
  assert.ok(Math.max(...past) > 10.7 && Math.min(...past) < 9.3);
  assert.ok(
    [...along.subarray(194)].every((value) => Math.abs(value - 10) < 1e-9),
    'ahead the cloud is the source',
  );
});

test('a faulty reading does not count, and own sensors alone are enough', () => {
  const temperature = new LocalTemperature();
  temperature.observe({
    ...reading(T0, 0),
    values: [{ metric: 'temperatureC', value: 60, quality: 'bad', origin: 'measured' }],
  });
  assert.equal(temperature.along(loadUpTo(T0 + HOUR), STEPS), undefined);
  for (let hour = -47; hour <= 0; hour++) temperature.observe(reading(T0 + hour * HOUR, hour % 24 === 0 ? 9 : 4));
  const end = T0 + HOUR;
  assert.ok(!temperature.along(loadUpTo(end), STEPS)!.some(Number.isNaN));
  const peak = at(temperature, end, T0 + HOUR / 2);
  assert.ok(peak > 8);
  assert.equal(at(temperature, end, T0 + DAY + HOUR / 2), peak, 'the last day repeats');
});

test('after its end the last day repeats, and weather that ended before the history is none', () => {
  const temperature = new LocalTemperature();
  temperature.take(sent(T0 - 3 * DAY, 5 * 24, (hour) => (hour % 24) + (hour < 96 ? 100 : 0)));
  // Known up to two days after T0: three days later its last day stands for each of the days after.
  const end = T0 + 3 * DAY;
  assert.equal(at(temperature, end, end + 12 * HOUR), at(temperature, end, T0 + DAY + 12 * HOUR));
  assert.ok(at(temperature, end, end + 12 * HOUR) < 24);
  assert.equal(temperature.along(loadUpTo(T0 + 5 * DAY), STEPS), undefined);
});
