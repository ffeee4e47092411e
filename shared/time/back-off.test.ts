import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { SeededRandom } from '../ports/random.ts';
import { backOff } from './back-off.ts';

test('waits double from the first to the longest; without failures there is no wait', () => {
  assert.deepEqual(
    [-3, 0, 1, 2, 3, 4, 5, 6].map((failures) => backOff([500, 4500], failures)),
    [0, 0, 500, 1000, 2000, 4000, 4500, 4500],
  );
});

test('odd settings stay bounded: first above longest, zero, and endless failures', () => {
  assert.equal(backOff([1000, 200], 1), 200);
  for (const failures of [1, 51, 5000, Number.MAX_SAFE_INTEGER]) assert.equal(backOff([0, 60], failures), 0);
  assert.equal(backOff([1, 120], Number.MAX_SAFE_INTEGER), 120);
});

test('full jitter: uniform over the whole wait, never beyond it, repeatable by seed', () => {
  const drawn = (seed: number) => {
    const random = new SeededRandom(seed);
    return Array.from({ length: 4000 }, () => backOff([1, 120], 4, random) / 8);
  };
  const tenths = Map.groupBy(drawn(1), (share) => Math.floor(share * 10));
  assert.deepEqual(
    [...tenths.keys()].toSorted((a, b) => a - b),
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
  );
  for (const [tenth, { length }] of tenths) assert.ok(length > 300 && length < 500, `${length} in tenth ${tenth}`);
  assert.deepEqual(drawn(1), drawn(1));
});

test('no wait exceeds the longest or undercuts the one before', () => {
  const positive = fc.double({ min: 1e-3, max: 1e9, noNaN: true });
  fc.assert(
    fc.property(positive, positive, fc.integer({ min: 1, max: 5000 }), (first, longest, failures) => {
      const [wait, next] = [backOff([first, longest], failures), backOff([first, longest], failures + 1)];
      assert.ok(wait <= longest && next >= wait && next <= 2 * wait);
      assert.equal(backOff([first, longest], 100), longest);
    }),
  );
});
