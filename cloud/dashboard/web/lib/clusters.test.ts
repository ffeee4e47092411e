import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { clustersOf } from './clusters.ts';

const at = (id: string, x: number, y: number) => ({ id, x, y });

test('near places cluster at their centre, a distant one stays alone', () => {
  const found = clustersOf([at('a', 0, 0), at('b', 10, 0), at('c', 200, 0), at('d', 5, 15)], 40);
  assert.deepEqual(
    found.map(({ x, y, spots }) => [x, y, spots.map(({ id }) => id).join('')]),
    [
      [200, 0, 'c'],
      [5, 5, 'abd'],
    ],
  );
});

test('property: each place is in one cluster, and no two clusters are within reach', () => {
  const coordinate = fc.double({ min: 0, max: 800, noNaN: true });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(coordinate, coordinate), { maxLength: 80 }),
      fc.integer({ min: 1, max: 120 }),
      (all, reach) => {
        const spots = all.map(([x, y], index) => at(String(index), x, y));
        const found = clustersOf(spots, reach);
        const ids = found.flatMap((each) => each.spots.map(({ id }) => Number(id)));
        assert.deepEqual(
          ids.toSorted((a, b) => a - b),
          spots.map((_, index) => index),
        );
        for (const [index, a] of found.entries())
          for (const b of found.slice(index + 1)) assert.ok(Math.hypot(a.x - b.x, a.y - b.y) >= reach - 1e-9);
      },
    ),
  );
});
