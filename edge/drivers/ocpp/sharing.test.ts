import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { shareOut, type Sharer } from './sharing.ts';

const car = (key: string, more: Partial<Sharer> = {}): Sharer => ({
  key,
  maxKw: 22,
  servedKwh: 0,
  chargingS: null,
  ...more,
});
const shares = (budget: number, cars: readonly Sharer[]): number[] => [...shareOut(budget, cars, 4.2).values()];

test('sessions share equally up to their maximum, and get the minimum or nothing', () => {
  const cases: [budget: number, cars: Sharer[], expected: number[], why: string][] = [
    [30, [car('a'), car('b'), car('c')], [10, 10, 10], 'equal shares'],
    [30, [car('a', { maxKw: 3.7 }), car('b'), car('c')], [3.7, 13.15, 13.15], 'the others get what one cannot take'],
    [88, [car('a'), car('b')], [22, 22], 'no more than they can take'],
    [16.8, [car('a'), car('b'), car('c'), car('d')], [4.2, 4.2, 4.2, 4.2], 'the floor of section 14a is just enough'],
    [12, [car('a'), car('b'), car('c')], [6, 6, 0], 'two charge, one waits'],
    [12, [car('a', { servedKwh: 5 }), car('b'), car('c')], [0, 6, 6], 'the most served waits'],
    [5, [car('a', { servedKwh: 9, chargingS: 60 }), car('b')], [5, 0], 'a turn is not cut short'],
    [5, [car('a', { servedKwh: 9, chargingS: 1000 }), car('b')], [0, 5], 'and ends after a quarter of an hour'],
    [
      30,
      [car('a'), car('b', { spareS: 600 }), car('c')],
      [4.2, 21.6, 4.2],
      'an early departure gets all that it can take',
    ],
    [30, [car('a'), car('b', { spareS: 4000 }), car('c')], [10, 10, 10], 'with time to spare it shares equally'],
    [30, [car('a', { spareS: 60 }), car('b', { spareS: -60 })], [8, 22], 'the least time to spare first'],
    [
      5,
      [car('a', { chargingS: 60 }), car('b', { spareS: 60, servedKwh: 9 })],
      [0, 5],
      'and before the one whose turn it is',
    ],
    [
      9,
      [car('a', { uninterrupted: true, servedKwh: 9, chargingS: 5000 }), car('b', { spareS: 60 }), car('c')],
      [4.2, 4.8, 0],
      'one that must not pause keeps its minimum, whoever else is urgent',
    ],
    [
      5,
      [car('a'), car('b', { uninterrupted: true, servedKwh: 9, chargingS: 5000 })],
      [0, 5],
      'and its turn does not end',
    ],
    [4, [car('a', { uninterrupted: true })], [0], 'but it stays within the limit'],
    [
      5,
      [car('a', { idle: true, chargingS: 60, spareS: 60 }), car('b', { servedKwh: 9 })],
      [0, 5],
      'a car that takes nothing gives way',
    ],
    [10, [car('a', { idle: true, maxKw: 4.2 }), car('b')], [4.2, 5.8], 'and may begin where there is room'],
    [4, [car('a'), car('b')], [0, 0], 'too little for anyone'],
    [-5, [car('a')], [0], 'nothing'],
    [Number.NaN, [car('a')], [0], 'NaN counts as zero'],
  ];
  for (const [budget, cars, expected, why] of cases)
    assert.deepEqual(
      shares(budget, cars).map((kw) => Math.round(kw * 1e6) / 1e6),
      expected,
      why,
    );
});

test('property: never above the limit, never between zero and the minimum, and fair', () => {
  const cars = fc.uniqueArray(
    fc.record({
      key: fc.string({ minLength: 1, maxLength: 4 }),
      maxKw: fc.double({ min: 0, max: 50, noNaN: true }),
      servedKwh: fc.double({ min: 0, max: 80, noNaN: true }),
      chargingS: fc.option(fc.double({ min: 0, max: 5000, noNaN: true })),
      uninterrupted: fc.boolean(),
    }),
    { selector: ({ key }) => key, maxLength: 12 },
  );
  fc.assert(
    fc.property(fc.double({ min: 0, max: 300, noNaN: true }), cars, (budget, list) => {
      const given = shareOut(budget, list, 4.2);
      const sum = [...given.values()].reduce((total, kw) => total + kw, 0);
      assert.ok(sum <= budget + 1e-6, `${sum} of ${budget}`);
      for (const { key, maxKw } of list) {
        const kw = given.get(key)!;
        assert.ok(kw === 0 || kw >= Math.min(4.2, maxKw) - 1e-9, `${key} gets ${kw}`);
        assert.ok(kw <= maxKw + 1e-9);
      }
      for (const { key, uninterrupted, maxKw } of list)
        if (uninterrupted && maxKw >= 4.2 && given.get(key) === 0)
          for (const other of list)
            assert.ok(other.uninterrupted || given.get(other.key)! < 4.2, `${key} pauses while ${other.key} charges`);
      // Max-min: a session that charges and could take more has no less than any other, except for another's minimum.
      const open = list.filter(({ key, maxKw }) => given.get(key)! > 0 && given.get(key)! < maxKw - 1e-6);
      for (const { key } of open)
        for (const other of list) {
          const theirs = given.get(other.key)!;
          assert.ok(
            given.get(key)! >= Math.min(theirs, theirs > 4.2 ? theirs : 0) - 1e-6,
            `${key} envies ${other.key}`,
          );
        }
      const spare = budget - sum;
      if (open.length > 0) assert.ok(spare < 1e-6, `${spare} kW are unused`);
    }),
  );
});
