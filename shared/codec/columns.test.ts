import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { fromColumns, toColumns } from './columns.ts';

/** Every later version must read and write these forms. */
const golden: readonly (readonly [value: unknown, columns: string])[] = [
  [[1, 2, 3], '{"~":"0CCC"}'],
  [[-12.5, null, 0, 1000], '{"~":"17H-6HgxT"}'],
  [[1.0125, 1.0125, 0.9], '{"~":"464TArmC"}'],
  [
    [
      { minKw: -5, maxKw: 5 },
      { minKw: -5.5, maxKw: 5 },
      { minKw: -6, maxKw: 5 },
    ],
    '{"~":{"minKw":{"~":"1lDLL"},"maxKw":{"~":"0KAA"}}}',
  ],
  [
    [
      { text: 'a', fromStep: 0 },
      { text: 'b', fromStep: 4 },
      { text: 'b', fromStep: 9 },
    ],
    '{"~":{"text":["a","b","b"],"fromStep":{"~":"0AIK"}}}',
  ],
  [
    { id: 'pl-1', two: [1, 2], empty: [], mixed: [1, 'a', 2] },
    '{"id":"pl-1","two":[1,2],"empty":[],"mixed":[1,"a",2]}',
  ],
];

test('the column format of this version is fixed and reads as intended', () => {
  for (const [value, columns] of golden) {
    assert.equal(JSON.stringify(toColumns(value)), columns);
    assert.deepEqual(fromColumns(JSON.parse(columns)), value);
  }
});

test('numbers that columns cannot carry exactly are left as JSON', () => {
  for (const list of [
    [0.1 + 0.2, 1, 2],
    [1e-9, 1, 2.5],
    [1e300, 0, 0],
    [Number.MAX_SAFE_INTEGER, 0, 1],
    [5e-324, 0, 1],
    [2 ** 51, -(2 ** 51), 0],
  ])
    assert.deepEqual(toColumns(list), list);
});

const tenths = fc.array(
  fc.option(
    fc.integer({ min: -1e7, max: 1e7 }).map((units) => units / 10),
    { nil: null },
  ),
);
const text = fc.string().filter((key) => key !== '~' && key !== '__proto__');
const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.string(),
    fc.boolean(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.constant(null),
    tenths,
    fc.array(fc.record({ a: tie('value'), b: fc.integer() })),
    fc.array(tie('value')),
    fc.dictionary(text, tie('value')),
  ),
})).value;

test('any JSON is read back unchanged, with its keys in order', () => {
  fc.assert(
    fc.property(json, (value) => {
      const sent = JSON.stringify(value);
      const columns: unknown = JSON.parse(JSON.stringify(toColumns(JSON.parse(sent))));
      assert.equal(JSON.stringify(fromColumns(columns)), sent);
    }),
  );
});

const atBound = fc
  .tuple(fc.constantFrom(2 ** 51, -(2 ** 51)), fc.integer({ min: -1, max: 1 }))
  .map(([bound, more]) => bound + more);
const whole = fc.oneof(fc.maxSafeInteger(), atBound);
const number = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  whole,
  fc.tuple(whole, fc.nat({ max: 9 })).map(([units, decimals]) => units / 10 ** decimals),
);

test('lists of numbers are read back exactly', () => {
  fc.assert(
    fc.property(fc.oneof(fc.array(number, { minLength: 3 }), fc.array(atBound, { minLength: 3 })), (list) => {
      const columns: unknown = JSON.parse(JSON.stringify(toColumns(list)));
      assert.deepEqual(fromColumns(columns), JSON.parse(JSON.stringify(list)));
    }),
    { numRuns: 1000 },
  );
});

/** Columns of `rows` equal values, nested in `depth` levels of single columns. */
const within = (depth: number, rows: number): string =>
  `${'{"~":{"a":'.repeat(depth)}{"~":"0${'A'.repeat(rows)}"}${'}}'.repeat(depth)}`;

test('columns expand to no more rows than a document may have, however deeply nested', () => {
  for (const [depth, rows, isRead] of [
    [1, 350_000, true],
    [1, 350_001, false],
    [3, 100_000, true],
    [14, 100_000, false],
  ] as const) {
    const read = fromColumns(JSON.parse(within(depth, rows)));
    assert.equal(Array.isArray(read) ? read.length : read, isRead ? rows : undefined, `${rows} rows, ${depth} deep`);
  }
  const apart = { one: JSON.parse(within(1, 200_000)), two: JSON.parse(within(1, 200_000)) };
  assert.equal(fromColumns(apart), undefined, 'each alone would be read');
});

test('malformed columns are rejected', () => {
  for (const wrong of [
    { '~': '' },
    { '~': 'A' },
    { '~': '0!' },
    { '~': '0g' },
    { '~': `0${'g'.repeat(40)}A` },
    { '~': 7 },
    { '~': null },
    { '~': ['a'] },
    { '~': {} },
    { '~': { a: 'b' } },
    { '~': { a: [1, 2], b: [1] } },
    { '~': { a: [1], b: 'c' } },
    [{ '~': '0!' }],
  ])
    assert.equal(fromColumns(wrong), undefined, JSON.stringify(wrong));
});
