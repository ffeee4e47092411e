import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { QUANTILES, quantilesOf } from '../../../shared/forecast/quantiles.ts';
import { gaussian, SeededRandom } from '../../../shared/ports/random.ts';
import { levelOf, valueAt } from './quantile-function.ts';
import { jointRanks, sumQuantiles } from './sum-quantiles.ts';

const MIDDLE = QUANTILES.indexOf(0.5);
const columns = fc
  .array(fc.double({ min: -1e4, max: 1e4, noNaN: true }), { minLength: QUANTILES.length, maxLength: QUANTILES.length })
  .map((values) => values.toSorted((a, b) => a - b));
const part = (paths: number) =>
  fc.record({
    column: columns,
    past: fc.array(fc.oneof(fc.double({ min: -2, max: 3, noNaN: true }), fc.constant(Number.NaN)), {
      minLength: paths,
      maxLength: paths,
    }),
  });
const summed = (parts: readonly { column: number[]; past: number[] }[]): number[] | undefined => {
  const ranks = jointRanks(
    parts.map(({ past }) => past),
    1,
  );
  return (
    ranks &&
    sumQuantiles(
      parts.map(({ column }) => column),
      QUANTILES,
      ranks,
    )
  );
};

test('finds the level of a value, also beyond the outermost quantiles', () => {
  fc.assert(
    fc.property(columns, fc.double({ min: 1e-4, max: 1 - 1e-4, noNaN: true }), (values, level) => {
      const value = valueAt(QUANTILES, values, level);
      const again = valueAt(QUANTILES, values, levelOf(QUANTILES, values, value));
      assert.ok(Math.abs(again - value) <= 1e-6 * (1 + Math.abs(value)), `${again} ${value}`);
    }),
  );
  const flat = QUANTILES.map(() => 5);
  assert.equal(levelOf(QUANTILES, flat, 5), 0.5);
  assert.ok(levelOf(QUANTILES, flat, 4) < 0.05 && levelOf(QUANTILES, flat, 6) > 0.95);
});

test('quantiles of a sum ascend, and its band is no wider than those of its members together', () => {
  const several = fc
    .integer({ min: 1, max: 40 })
    .chain((paths) => fc.array(part(paths), { minLength: 1, maxLength: 5 }));
  fc.assert(
    fc.property(several, (parts) => {
      const sum = summed(parts);
      if (sum === undefined) {
        for (const path of parts[0]!.past.keys()) assert.ok(parts.some(({ past }) => Number.isNaN(past[path]!)));
        return;
      }
      for (let q = 1; q < sum.length; q++) assert.ok(sum[q]! >= sum[q - 1]! - 1e-9 * Math.abs(sum[q]!));
      for (let low = 0; low < MIDDLE; low++) {
        const high = QUANTILES.length - 1 - low;
        const widest = parts.reduce((width, each) => width + each.column[high]! - each.column[low]!, 0);
        assert.ok(sum[high]! - sum[low]! <= widest + 1e-6 * (1 + widest));
      }
    }),
  );
});

test('perfectly correlated errors add the quantiles, opposing ones cancel', () => {
  const column = QUANTILES.map((level) => 1000 * level);
  const past = Array.from({ length: 200 }, (_, path) => path);
  const together = summed([
    { column, past },
    { column, past },
  ])!;
  for (const [q, value] of together.entries()) assert.ok(Math.abs(value - 2 * column[q]!) < 1);
  const opposed = summed([
    { column, past },
    { column, past: past.toReversed() },
  ])!;
  for (const value of opposed) assert.ok(Math.abs(value - 1000) < 1);
});

test('the band of a sum covers as stated under any correlation', () => {
  const random = new SeededRandom(7, 'sum');
  const column = quantilesOf(
    Array.from({ length: 20_000 }, () => 100 * gaussian(random)),
    QUANTILES,
  );
  for (const shared of [0, 0.5, 0.9]) {
    let inside = 0;
    const draw = (): number[] => {
      const common = Math.sqrt(shared) * gaussian(random);
      return Array.from({ length: 6 }, () => 100 * (common + Math.sqrt(1 - shared) * gaussian(random)));
    };
    for (let turn = 0; turn < 40; turn++) {
      const paths = Array.from({ length: 112 }, draw);
      const sum = summed(Array.from({ length: 6 }, (_, m) => ({ column, past: paths.map((path) => path[m]!) })))!;
      for (let n = 0; n < 100; n++) {
        const came = draw().reduce((total, each) => total + each, 0);
        inside += Number(came >= sum[1]! && came <= sum[17]!) / 4000;
      }
    }
    assert.ok(inside > 0.77 && inside < 0.83, `${shared}: ${inside}`);
  }
});

test('paths that are not known for every part do not count', () => {
  const past = Array.from({ length: 50 }, (_, path) => (path % 2 === 0 ? path : Number.NaN));
  assert.equal(jointRanks([past, past], 26), undefined);
  assert.equal(jointRanks([past, past], 25)!.paths, 25);
  assert.equal(jointRanks([], 1), undefined);
});
