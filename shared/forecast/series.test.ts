import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LocalCalendar } from './calendar.ts';
import { completeness, filled, screened } from './series.ts';

const hourly = (values: number[]): { start: number; stepS: number; values: Float64Array } => ({
  start: 0,
  stepS: 3600,
  values: Float64Array.from(values),
});

test('an unknown value is filled from a week, a day, or a step before', () => {
  const values = Array.from({ length: 200 }, (_, i) => i);
  values[170] = values[30] = values[0] = Number.NaN;
  const { values: out, known } = filled(Float64Array.from(values), 3600);
  assert.equal(out[170], 2);
  assert.equal(out[30], 6);
  assert.equal(known, 197);
});

test('values before the first known one are filled with it, and with nothing later', () => {
  const { values } = filled(Float64Array.of(Number.NaN, Number.NaN, 3, 9, Number.NaN), 3600);
  assert.deepEqual([...values], [3, 3, 3, 9, 9]);
  assert.deepEqual([...filled(new Float64Array(2).fill(Number.NaN), 3600).values], [0, 0]);
});

test('a six-hour flat line and a spike are removed', () => {
  const values = Array.from({ length: 96 }, (_, i) => Math.sin(i) * 10);
  values.fill(0, 20, 28);
  values[50] = 9999;
  const { series, removed } = screened(hourly(values));
  assert.equal(removed, 9);
  assert.ok(Number.isNaN(series.values[20]) && Number.isNaN(series.values[50]));
  assert.equal(series.values[19], values[19]);
});

test('a meter that always reads zero leaves no values', () => {
  const { series, removed } = screened(hourly(Array.from({ length: 96 }, () => 0)));
  assert.equal(removed, 96);
  assert.equal(completeness(series.values, 96, 96), 0);
});

test('local calendar across both clock changes', () => {
  const calendar = new LocalCalendar('Europe/Amsterdam');
  const hours = (time: number): number => calendar.offsetMs(time) / 3_600_000;
  assert.equal(hours(Date.UTC(2021, 2, 28, 0, 59)), 1);
  assert.equal(hours(Date.UTC(2021, 2, 28, 1)), 2);
  assert.equal(hours(Date.UTC(2021, 9, 31, 0, 59)), 2);
  assert.equal(hours(Date.UTC(2021, 9, 31, 1)), 1);
  assert.equal(calendar.weekday(Date.UTC(2021, 9, 31, 12)), 6);
  assert.equal(calendar.dayOfYear(Date.UTC(2021, 11, 31, 12)), 365);
  assert.equal(calendar.timeOfDayMs(Date.UTC(2021, 6, 1, 23)), 3_600_000);
  assert.equal(new LocalCalendar('America/St_Johns').offsetMs(Date.UTC(2021, 0, 1)), -12_600_000);
});
