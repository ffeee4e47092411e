import assert from 'node:assert/strict';
import { test } from 'node:test';
import { array, assert as holds, double, property } from 'fast-check';
import { evenedBand } from './evened-band.ts';

const levels = [0.1, 0.5, 0.9];
const steps = 192;
const of = (at: (q: number, step: number) => number): number[][] =>
  levels.map((_, q) => Array.from({ length: steps }, (_, step) => at(q, step)));

test('a step of the band at the end of the first day becomes a ramp, and the rest stays', () => {
  const stepped = of((q, step) => 10 * Math.sin(step / 9) + (q - 1) * (step < 96 ? 100 : 180));
  const evened = evenedBand(stepped, { levels, stepS: 900 });
  const width = (step: number): number => evened[2]![step]! - evened[0]![step]!;
  for (let step = 1; step < steps; step++)
    assert.ok(Math.abs(width(step) - width(step - 1)) <= 160 / 23, `${step}: ${width(step - 1)} to ${width(step)}`);
  assert.deepEqual(evened[1], stepped[1]);
  for (const [q, row] of stepped.entries())
    for (const [step, value] of row.entries()) if (step < 84 || step >= 108) assert.equal(evened[q]![step], value);
});

test('a band that grows evenly or ends with the first day stays unchanged', () => {
  const even = of((q, step) => (q - 1) * (100 + step));
  assert.deepEqual(evenedBand(even, { levels, stepS: 900 }), even);
  const short = even.map((row) => row.slice(0, 96));
  assert.deepEqual(evenedBand(short, { levels, stepS: 900 }), short);
});

test('quantiles stay in order', () => {
  const column = array(double({ min: -1e4, max: 1e4, noNaN: true }), { minLength: 3, maxLength: 3 });
  holds(
    property(array(column, { minLength: 48, maxLength: 48 }), (columns) => {
      const ascending = columns.map((each) => each.toSorted((a, b) => a - b));
      const evened = evenedBand(
        levels.map((_, q) => ascending.map((each) => each[q]!)),
        { levels, stepS: 3600 },
      );
      assert.deepEqual(
        evened[1],
        ascending.map((each) => each[1]!),
      );
      for (let step = 0; step < 48; step++)
        assert.deepEqual(
          evened.map((row) => row[step]!),
          evened.map((row) => row[step]!).sort((a, b) => a - b),
        );
    }),
    { numRuns: 50 },
  );
});
