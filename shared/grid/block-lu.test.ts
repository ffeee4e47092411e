import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { createBlockMatrix, factorise, orderPattern, slotOf, solveFactorised } from './block-lu.ts';

const entry = fc.double({ min: -1, max: 1, noNaN: true });
const block = fc.tuple(entry, entry, entry, entry);
const system = fc.integer({ min: 1, max: 14 }).chain((size) =>
  fc.record({
    size: fc.constant(size),
    pairs: fc.array(fc.tuple(fc.nat(size - 1), fc.nat(size - 1), block, block), { maxLength: 30 }),
    x: fc.array(entry, { minLength: 2 * size, maxLength: 2 * size }),
  }),
);

test('property: solves any system with a symmetric pattern, with fill-in', () => {
  fc.assert(
    fc.property(system, ({ size, pairs, x }) => {
      const pattern = orderPattern(
        size,
        pairs.map(([a, b]) => [a, b]),
      );
      const matrix = createBlockMatrix(pattern);
      const dense = Array.from({ length: 2 * size }, () => new Float64Array(2 * size));
      const add = (i: number, j: number, values: readonly number[]): void => {
        for (const [at, value] of values.entries()) dense[2 * i + (at >> 1)]![2 * j + (at & 1)]! += value;
        const slot = slotOf(pattern, Math.min(i, j), Math.max(i, j));
        const into = i === j ? matrix.diagonal : i < j ? matrix.upper : matrix.lower;
        for (const [at, value] of values.entries()) into[4 * (i === j ? i : slot) + at]! += value;
      };
      for (let k = 0; k < size; k++) add(k, k, [150, 3, -2, 140]);
      for (const [a, b, up, down] of pairs) {
        if (a === b) continue;
        add(pattern.place[a]!, pattern.place[b]!, up);
        add(pattern.place[b]!, pattern.place[a]!, down);
      }
      const right = Float64Array.from(dense, (row) => row.reduce((sum, value, at) => sum + value * x[at]!, 0));
      assert.equal(factorise(pattern, matrix), -1);
      solveFactorised(pattern, matrix, right);
      for (const [at, value] of x.entries())
        assert.ok(Math.abs(right[at]! - value) < 1e-10, `${right[at]} is not ${value}`);
    }),
  );
});

test('a tree has no fill-in', () => {
  const pairs = Array.from({ length: 30 }, (_, at): [number, number] => [at + 1, at >> 1]);
  assert.equal(orderPattern(31, pairs).neighbour.length, pairs.length);
});

test('a singular pivot is named by its position', () => {
  const pattern = orderPattern(2, [[0, 1]]);
  assert.equal(factorise(pattern, createBlockMatrix(pattern)), 0);
});
