import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { IncidentView } from '../../../shared/contracts/incident.ts';
import type { Opened } from '../../telemetry/testing/store-files.ts';
import type { IncidentQuery, IncidentStore, StoredIncident } from '../incident-store.ts';

const stored = (id: number, more: Partial<IncidentView> = {}): StoredIncident => {
  const view = { id, substation: 'owd', startedAt: 100 * id, endedAt: null, ...more };
  return { view: view as IncidentView, causes: [`alarm:${id}`] };
};

/** Contract of every incident store. `open` returns an empty one. */
export function incidentStoreSuite(name: string, open: () => Promise<Opened<IncidentStore>>): void {
  test(`${name}: open and recent incidents survive a restart, oldest first, with the next free id`, async () => {
    const { store, again } = await open();
    assert.deepEqual(await store.load(0), { recent: [], nextId: 1 });
    await store.commit([stored(1, { endedAt: 150 }), stored(2), stored(3, { endedAt: 400 })]);
    await store.commit([stored(2, { endedAt: 390 }), stored(4)]);
    const later = await again();
    assert.deepEqual(await later.load(390), {
      recent: [stored(2, { endedAt: 390 }), stored(3, { endedAt: 400 }), stored(4)],
      nextId: 5,
    });
    assert.deepEqual(await later.get(1), stored(1, { endedAt: 150 }).view);
    assert.equal(await later.get(9), undefined);
  });

  test(`${name}: incidents are stored together or not at all`, async () => {
    const { store } = await open();
    await assert.rejects(store.commit([stored(1), stored(2, { substation: null as never })]));
    assert.deepEqual(await store.load(0), { recent: [], nextId: 1 });
  });

  test(`${name}: of concurrent commits of the same incidents the last one wins as a whole`, async () => {
    const { store } = await open();
    const ends = Array.from({ length: 8 }, (_, n) => 200 + n);
    await Promise.all(ends.map((endedAt) => store.commit([stored(1, { endedAt }), stored(2, { endedAt })])));
    const { recent } = await store.load(0);
    assert.deepEqual(recent, [stored(1, { endedAt: 207 }), stored(2, { endedAt: 207 })]);
  });

  test(`${name}: incidents are paged back by id and filtered by time, substation and being open`, async () => {
    const { store } = await open();
    await store.commit([
      stored(1),
      stored(2, { endedAt: 250 }),
      stored(3, { substation: 'whf' }),
      stored(4, { endedAt: 450 }),
      stored(5),
    ]);
    const ids = async (query: Partial<IncidentQuery>) => (await store.list({ limit: 9, ...query })).map(({ id }) => id);
    assert.deepEqual(await ids({}), [5, 4, 3, 2, 1]);
    assert.deepEqual(await ids({ limit: 2, before: 4 }), [3, 2]);
    assert.deepEqual(await ids({ from: 200, to: 400 }), [3, 2]);
    assert.deepEqual(await ids({ substation: 'owd', isOpen: true }), [5, 1]);
  });
}
