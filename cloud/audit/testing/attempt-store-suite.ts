import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Opened } from '../../telemetry/testing/store-files.ts';
import type { AttemptCount, AttemptStore } from '../attempt-store.ts';

const count = (attempts: number, account: string | null = 'anna'): AttemptCount => ({
  account,
  address: account === null ? null : '192.0.2.7',
  outcomes: { 'LS-API-002': attempts - 1, '429': 1 },
  attempts,
  firstAt: 1_000,
  lastAt: 1_000 + attempts,
  what: 'POST /v1/session',
});

/** Contract of every attempt store. `open` returns an empty one. */
export function attemptStoreSuite(name: string, open: () => Promise<Opened<AttemptStore>>): void {
  test(`${name}: a count replaces the one before and survives a restart`, async () => {
    const { store, again } = await open();
    assert.equal((await store.load()).size, 0);
    await store.commit(new Map([['["anna"]', count(2)]]));
    const counts = new Map([
      ['["anna"]', count(3)],
      ['all', count(7, null)],
    ]);
    await store.commit(counts);
    assert.deepEqual(await store.load(), counts);
    assert.deepEqual(await (await again()).load(), counts);
  });

  test(`${name}: deleting a count leaves the others, and deleting it again is harmless`, async () => {
    const { store } = await open();
    await store.commit(
      new Map([
        ['a', count(2)],
        ['b', count(3)],
      ]),
    );
    for (const key of ['a', 'a', 'unknown']) await store.commit(new Map([[key, undefined]]));
    assert.deepEqual(await store.load(), new Map([['b', count(3)]]));
  });

  test(`${name}: changes are stored together or not at all, and of concurrent ones the last wins`, async () => {
    const { store } = await open();
    const torn = {
      toJSON: () => {
        throw new Error('no count');
      },
    } as never;
    await assert.rejects(
      store.commit(
        new Map([
          ['a', count(1)],
          ['b', torn],
        ]),
      ),
    );
    assert.equal((await store.load()).size, 0);
    await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        store.commit(
          new Map([
            ['a', count(n + 1)],
            [`${n}`, count(1)],
          ]),
        ),
      ),
    );
    const loaded = await store.load();
    assert.deepEqual([loaded.size, loaded.get('a')], [21, count(20)]);
  });
}
