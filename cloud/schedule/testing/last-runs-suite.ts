import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Opened } from '../../telemetry/testing/store-files.ts';
import type { LastRuns } from '../last-runs.ts';

/** The suite for every store of last runs. `open` returns an empty one. */
export function lastRunsSuite(name: string, open: () => Promise<Opened<LastRuns>>): void {
  test(`${name}: a job seen for the first time counts as run then, also after a restart`, async () => {
    const { store, again } = await open();
    assert.equal(await store.seen('retrain', 5), 5);
    assert.equal(await store.seen('retrain', 9), 5);
    await store.set('retrain', 7);
    await store.set('federated', 8);
    const later = await again();
    assert.deepEqual([await later.seen('retrain', 11), await later.seen('federated', 11)], [7, 8]);
  });

  test(`${name}: concurrent first callers of a job all get the same time`, async () => {
    const { store } = await open();
    const seen = await Promise.all(Array.from({ length: 20 }, (_, n) => store.seen('retrain', n)));
    assert.equal(new Set(seen).size, 1);
    assert.equal(await store.seen('retrain', 99), seen[0]);
  });
}
