import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Asked, Opened } from '../../telemetry/testing/store-files.ts';
import type { AttemptCount, AttemptStore } from '../attempt-store.ts';

type Attempts = Asked<AttemptStore, 'all' | 'put' | 'remove'>;

const count = (attempts: number, account: string | null = 'anna'): AttemptCount => ({
  account,
  address: account === null ? null : '192.0.2.7',
  outcomes: { 'LS-API-002': attempts - 1, '429': 1 },
  attempts,
  firstAt: 1_000,
  lastAt: 1_000 + attempts,
  what: 'POST /v1/session',
});

/** What every adapter of counted attempts holds to. `open` gives one that holds none. */
export function attemptStoreSuite(name: string, open: () => Promise<Opened<Attempts>>): void {
  test(`${name}: a count replaces the one before and survives a restart`, async () => {
    const { store, again } = await open();
    assert.equal((await store.all()).size, 0);
    await store.put('["anna"]', count(2));
    await store.put('all', count(7, null));
    await store.put('["anna"]', count(3));
    const kept = new Map([
      ['["anna"]', count(3)],
      ['all', count(7, null)],
    ]);
    assert.deepEqual(await store.all(), kept);
    assert.deepEqual(await (await again()).all(), kept);
  });

  test(`${name}: a count is removed alone, and removing it again is harmless`, async () => {
    const { store } = await open();
    await store.put('a', count(2));
    await store.put('b', count(3));
    for (const key of ['a', 'a', 'unknown']) await store.remove(key);
    assert.deepEqual(await store.all(), new Map([['b', count(3)]]));
  });
}
