import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assert as holds, nat, property, shuffledSubarray } from 'fast-check';
import { Sequence } from './sequence.ts';

function after(...numbers: number[]): boolean {
  const sequence = new Sequence();
  sequence.begin(0);
  for (const seq of numbers) sequence.take(seq);
  return sequence.broken;
}

test('a skipped number is missing until it arrives; a repeated one is harmless', () => {
  const table: [numbers: number[], broken: boolean][] = [
    [[1, 2, 3], false],
    [[1, 3], true],
    [[1, 3, 2], false],
    [[3, 1], true],
    [[3, 1, 2, 4], false],
    [[1, 1, 2, 1], false],
    [Array.from({ length: 600 }, (_, at) => (at + 1) % 256), false],
  ];
  for (const [numbers, broken] of table) assert.equal(after(...numbers), broken, numbers.slice(0, 9).join(' '));
});

test('unnumbered messages are never missing, and a new birth restarts the sequence', () => {
  const sequence = new Sequence();
  for (const seq of [undefined, 7, undefined, 8]) sequence.take(seq);
  assert.equal(sequence.broken, false);
  sequence.take(11);
  assert.equal(sequence.broken, true);
  sequence.begin(0);
  sequence.take(1);
  assert.equal(sequence.broken, false);
  sequence.take(3);
  sequence.giveUp();
  sequence.take(4);
  assert.equal(sequence.broken, false);
});

test('property: any order within the window completes, and stays broken while one is missing', () => {
  const shuffled = shuffledSubarray(
    Array.from({ length: 40 }, (_, at) => at + 1),
    { minLength: 40 },
  );
  holds(
    property(shuffled, nat(39), (order, leftOut) => {
      assert.equal(after(...order), false);
      const rest = order.filter((_, at) => at !== leftOut);
      assert.equal(after(...rest), order[leftOut] !== Math.max(...order));
    }),
  );
});
