import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Quality } from '../../shared/contracts/ids.ts';
import { movesBetween } from './moves.ts';
import { SqliteStore } from './sqlite-store.ts';

const T0 = Date.UTC(2021, 8, 25);
const MINUTE = 60_000;
const tap = { gateway: 'owd-01', device: 'tap-1', metric: 'tapPosition' };
const today = { since: T0, until: T0 + 12 * 60 * MINUTE };

async function stored(values: readonly (readonly [minute: number, position: number, quality?: Quality])[]) {
  const store = new SqliteStore({ path: ':memory:' });
  await store.open();
  await store.write(
    values.map(([minute, value, quality = 'good'], offset) => ({
      series: tap,
      time: T0 + minute * MINUTE,
      offset,
      value,
      quality,
      origin: 'measured',
    })),
  );
  return store;
}

test('every move of the day counts, including its first, and none of yesterday', async () => {
  const store = await stored([
    [-50, 3],
    [-20, -1],
    [5, 0],
    [6, 0],
    [90, 2],
    [200, 1],
    [13 * 60, 8],
  ]);
  assert.equal(await movesBetween(store, tap, today), 1 + 2 + 1);
});

test('a position of bad quality is not a move; without any value the count is unknown', async () => {
  const store = await stored([
    [-10, 1],
    [3, 0, 'bad'],
    [4, 1],
  ]);
  assert.equal(await movesBetween(store, tap, today), 0);
  assert.equal(await movesBetween(await stored([]), tap, today), undefined);
});

test('a store that does not answer is an error, not zero moves', async () => {
  const store = { read: () => Promise.reject(new Error('away')) };
  assert.equal(await movesBetween(store, tap, today), undefined);
});
