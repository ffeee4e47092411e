import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { gaussian, SeededRandom } from '../../../shared/ports/random.ts';
import { reconcile, shrinkageOf, type Correlation, type Family } from './reconcile.ts';

/** A region of substations with feeders: series 0 is the region, then each substation with its feeders behind it. */
function treeOf(feeders: readonly number[]): { families: Family[]; count: number } {
  let next = 1;
  const substations: number[] = [];
  const families = feeders.map((count): Family => {
    const whole = next++;
    substations.push(whole);
    const parts = Array.from({ length: count }, () => next++);
    // With three or more feeders, the last is the rest.
    return { whole, parts, ...(count >= 3 && { rest: parts.at(-1)! }) };
  });
  return { families: [...families, { whole: 0, parts: substations }], count: next };
}

const kw = fc.oneof(fc.double({ min: -1e5, max: 1e5, noNaN: true }), fc.constant(0));
const world = fc
  .record({
    feeders: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 }),
    paths: fc.integer({ min: 2, max: 12 }),
    shrinkage: fc.double({ min: 0, max: 1, noNaN: true }),
    seed: fc.integer({ min: 1, max: 1e6 }),
    known: fc.boolean(),
  })
  .chain((rest) => {
    const { count } = treeOf(rest.feeders);
    const row = fc.array(kw, { minLength: rest.paths, maxLength: rest.paths });
    return fc.record({ ...constants(rest), rows: fc.array(row, { minLength: count, maxLength: count }) });
  });

function constants<T extends object>(value: T): { [K in keyof T]: fc.Arbitrary<T[K]> } {
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, fc.constant(each)])) as never;
}

function correlationOf(series: number, { seed, shrinkage }: { seed: number; shrinkage: number }, families: number) {
  const random = new SeededRandom(seed, 'scores');
  const both = Array.from({ length: 30 }, () => gaussian(random));
  const set = Array.from({ length: series }, () => standard(both.map((value) => value + gaussian(random))));
  return { scores: [set], shrinkage: Array.from({ length: families }, () => shrinkage) } satisfies Correlation;
}

function standard(values: readonly number[]): Float64Array {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
  return Float64Array.from(values, (value) => (value - mean) / deviation);
}

const gapOf = (paths: readonly Float64Array[], { whole, parts }: Family, path: number): number =>
  paths[whole]![path]! - parts.reduce((sum, part) => sum + paths[part]![path]!, 0);
const sizeOf = (rows: readonly ArrayLike<number>[]): number =>
  1 + Math.max(...rows.flatMap((row) => Array.from(row, Math.abs)));

test('property: after reconciliation the parts of each family add up to its whole on every path', () => {
  fc.assert(
    fc.property(world, ({ feeders, rows, known, ...rest }) => {
      const { families, count } = treeOf(feeders);
      const paths = rows.map((row) => Float64Array.from(row));
      reconcile(paths, families, known ? correlationOf(count, rest, families.length) : undefined);
      for (const family of families)
        for (const path of rows[0]!.keys())
          assert.ok(Math.abs(gapOf(paths, family, path)) < 1e-7 * sizeOf([...rows, ...paths]));
    }),
  );
});

test('property: paths that already add up stay unchanged', () => {
  fc.assert(
    fc.property(world, ({ feeders, rows, ...rest }) => {
      const { families, count } = treeOf(feeders);
      const paths = rows.map((row) => Float64Array.from(row));
      for (const { whole, parts } of families)
        for (const path of rows[0]!.keys())
          paths[whole]![path] = parts.reduce((sum, part) => sum + paths[part]![path]!, 0);
      const before = paths.map((row) => Float64Array.from(row));
      reconcile(paths, families, correlationOf(count, rest, families.length));
      for (const [series, row] of paths.entries())
        for (const [path, value] of row.entries())
          assert.ok(Math.abs(value - before[series]![path]!) < 1e-6 * sizeOf(before));
    }),
  );
});

test('property: the order of the series and of the families of a level does not matter', () => {
  fc.assert(
    fc.property(world, ({ feeders, rows, ...rest }) => {
      const { families, count } = treeOf(feeders);
      const correlation = correlationOf(count, rest, families.length);
      const paths = rows.map((row) => Float64Array.from(row));
      reconcile(paths, families, correlation);
      const turned = (series: number): number => count - 1 - series;
      const others = rows.map((row) => Float64Array.from(row)).toReversed();
      const turnedFamilies = families.map(({ whole, parts, rest: left }) => ({
        whole: turned(whole),
        parts: parts.map(turned),
        rest: left === undefined ? undefined : turned(left),
      }));
      reconcile(others, [...turnedFamilies.slice(0, -1).toReversed(), turnedFamilies.at(-1)!], {
        ...correlation,
        scores: correlation.scores.map((set) => set.toReversed()),
      });
      // A family whose members hardly vary divides by almost zero, so its shares may differ by rounding.
      const size = sizeOf([...rows, ...paths]);
      for (const [series, row] of paths.entries())
        for (const [path, value] of row.entries())
          assert.ok(Math.abs(value - others[turned(series)]![path]!) < 1e-4 * size);
    }),
  );
});

test('equals MinT for one family, and variance scaling without known correlations', () => {
  const paths = [Float64Array.of(10, 14), Float64Array.of(1, 3), Float64Array.of(4, 5)];
  reconcile(paths, [{ whole: 0, parts: [1, 2] }]);
  // Deviations 2, 1 and 0.5: of gaps of 5 and 6 the whole absorbs 4 / 5.25, the parts 1 / 5.25 and 0.25 / 5.25.
  const near = (value: number, wanted: number): void => assert.ok(Math.abs(value - wanted) < 1e-12);
  near(paths[0]![0]!, 10 - (5 * 4) / 5.25);
  near(paths[1]![0]!, 1 + 5 / 5.25);
  near(paths[2]![1]!, 5 + (6 * 0.25) / 5.25);
});

test('whole and rest absorb the gap, and the feeders stay unchanged if the rest varies', () => {
  const paths = () => [Float64Array.of(10, 14), Float64Array.of(1, 3), Float64Array.of(4, 5)];
  const varying = paths();
  reconcile(varying, [{ whole: 0, parts: [1, 2], rest: 2 }]);
  assert.deepEqual(varying[1], paths()[1]);
  assert.ok(Math.abs(varying[0]![0]! - (10 - (5 * 4) / 4.25)) < 1e-12);
  const still = paths();
  still[2]!.fill(0);
  reconcile(still, [{ whole: 0, parts: [1, 2], rest: 2 }]);
  assert.deepEqual(still[2], Float64Array.of(0, 0));
  assert.ok(still[1]![0]! > 1);
});

test('correlations shrink as far as sampling error explains them', () => {
  const random = new SeededRandom(3, 'shrinkage');
  const family = { whole: 0, parts: [1, 2, 3] };
  const drawn = (shared: number, paths: number) => [
    (() => {
      const both = Array.from({ length: paths }, () => gaussian(random));
      return [0, 1, 2, 3].map(() =>
        standard(both.map((value) => Math.sqrt(shared) * value + Math.sqrt(1 - shared) * gaussian(random))),
      );
    })(),
  ];
  assert.ok(shrinkageOf(family, drawn(0, 100), 100) > 0.5);
  assert.ok(shrinkageOf(family, drawn(0.6, 100), 100) < 0.1);
  assert.ok(shrinkageOf(family, drawn(0.6, 100), 10) > shrinkageOf(family, drawn(0.6, 100), 100));
  assert.equal(shrinkageOf({ whole: 0, parts: [] }, drawn(0.6, 10), 10), 1);
});
