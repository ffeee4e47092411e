import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Opened } from '../../telemetry/testing/store-files.ts';
import type { BirthStore, StoredBirth } from '../birth-store.ts';

const birth = (gateway: string, names: number, named = true): StoredBirth => ({
  gateway,
  record: {
    bdSeq: names,
    devices: [
      { device: '', named: true, metrics: [] },
      {
        device: 'pv-1',
        named,
        metrics: Array.from({ length: names }, (_, n) => [`metric ${n}`, n % 2 === 0 ? n : null, n === 3 ? null : 10]),
      },
    ],
  },
});

/** What every adapter of births holds to. `open` gives one that holds none. */
export function birthStoreSuite(name: string, open: () => Promise<Opened<BirthStore>>): void {
  test(`${name}: births come back as stored, by gateway, after a restart`, async () => {
    const { store, again } = await open();
    assert.deepEqual(await store.load(), []);
    const kept = [birth('owd-02', 5), birth('owd-01', 0, false)];
    await store.commit(kept);
    assert.deepEqual(await store.load(), kept.toReversed());
    assert.deepEqual(await (await again()).load(), kept.toReversed());
  });

  test(`${name}: only the newest birth of a gateway is kept`, async () => {
    const { store } = await open();
    await store.commit([birth('owd-01', 1), birth('owd-02', 2)]);
    await store.commit([]);
    await store.commit([birth('owd-01', 3)]);
    assert.deepEqual(await store.load(), [birth('owd-01', 3), birth('owd-02', 2)]);
  });

  test(`${name}: births are stored together or not at all`, async () => {
    const { store } = await open();
    await store.commit([birth('owd-01', 1)]);
    await assert.rejects(store.commit([birth('owd-01', 2), { ...birth('owd-02', 1), gateway: null as never }]));
    assert.deepEqual(await store.load(), [birth('owd-01', 1)]);
  });
}
