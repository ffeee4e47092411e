import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sideBySide, turnByTurn } from './side-by-side.ts';

const turn = (): Promise<unknown> => new Promise(setImmediate);

test('runs at most the given number of items at once, in order', async () => {
  const begun: number[] = [];
  let [now, most] = [0, 0];
  await sideBySide([1, 2, 3, 4, 5], 2, async (item) => {
    begun.push(item);
    most = Math.max(most, ++now);
    await turn();
    now--;
  });
  assert.deepEqual([begun, most], [[1, 2, 3, 4, 5], 2]);
});

test('after a failure no further item begins, and running ones end before it rejects', async () => {
  const ended: number[] = [];
  const work = async (item: number): Promise<void> => {
    await turn();
    if (item === 1) throw new Error('item 1 failed');
    await turn();
    ended.push(item);
  };
  await assert.rejects(sideBySide([1, 2, 3, 4], 2, work), { message: 'item 1 failed' });
  assert.deepEqual(ended, [2]);
});

test('the event loop turns between the starts of two items', async () => {
  let turns = 0;
  let isOver = false;
  const count = (): void => {
    turns++;
    if (!isOver) setImmediate(count);
  };
  setImmediate(count);
  const at: number[] = [];
  await turnByTurn([1, 2, 3], async () => void at.push(turns));
  isOver = true;
  assert.equal(new Set(at).size, 3, `started in the turns ${at.join(', ')}`);
});
