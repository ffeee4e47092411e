import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bridged, summed } from './bridge.ts';

const DAY = 24;
const shape = (count: number): Float64Array => Float64Array.from({ length: count }, (_, i) => 100 + (i % DAY));

test('a gap of an hour is interpolated, a longer one filled from neighbouring days; both are marked', () => {
  const values = shape(10 * DAY);
  values[30] = Number.NaN;
  values.fill(Number.NaN, 100, 110);
  const { values: out, estimated } = bridged(values, 3600);
  assert.deepEqual(out, shape(10 * DAY));
  assert.deepEqual(
    [...estimated.keys()].filter((i) => estimated[i] === 1),
    [30, ...Array.from({ length: 10 }, (_, i) => 100 + i)],
  );
});

test('a gap up to now is filled from the days before; without any it stays a gap', () => {
  const values = shape(6);
  values.fill(Number.NaN, 2);
  assert.ok(Number.isNaN(bridged(values, 3600).values[5]));
  assert.deepEqual(bridged(values, 3600, shape(3 * DAY)).values, shape(6));
});

test('a term stays unknown before its first value', () => {
  const values = shape(5 * DAY);
  values.fill(Number.NaN, 0, 2 * DAY);
  assert.ok(
    bridged(values, 3600)
      .values.slice(0, 2 * DAY)
      .every(Number.isNaN),
  );
});

test('a sum continues without one of many terms, not without most; a term that has not begun is not missing', () => {
  const whole = { values: shape(4), estimated: new Uint8Array(4), factor: 1, from: 0 };
  const gone = { ...whole, estimated: Uint8Array.of(0, 1, 1, 0) };
  assert.deepEqual([...summed([whole, whole, whole, gone], 4, 0.75)], [400, 404, 408, 412]);
  assert.deepEqual([...summed([whole, gone], 4, 0.75)], [200, Number.NaN, Number.NaN, 206]);
  const later = { ...whole, factor: -1, from: 2 };
  assert.deepEqual([...summed([whole, later], 4, 0.75)], [100, 101, 0, 0]);
  const unknown = { ...whole, values: Float64Array.of(Number.NaN, 1, 1, 1), estimated: new Uint8Array(4) };
  assert.ok(Number.isNaN(summed([whole, unknown], 4, 0.75)[0]));
});
