import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { IncidentEntry, IncidentView } from '../../../shared/contracts/incident.ts';
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

  test(`${name}: incidents of a device are those that it relieved, exceeded a limit in or was acted on in`, async () => {
    const { store } = await open();
    const entry = (parameters: IncidentEntry['parameters']) => ({ at: 1, code: 'any', by: null, parameters });
    const at = (gateway: string, more: Partial<IncidentView>) => ({ gateway, feeder: 'owd-1', ...more });
    const limit = { element: 'ev-1', unit: 'pu', bound: 1.1, worst: 1.2, passedAt: 1, backAt: null };
    const relief = { device: 'ev-1', kw: 9, energyKwh: 1, costEur: null, since: 1, until: null };
    await store.commit([
      stored(1, at('owd-01', { limit })),
      stored(2, at('owd-01', { reliefs: [relief] })),
      stored(3, at('owd-01', { entries: [entry({ devices: ['pv-1', 'ev-1'] })] })),
      stored(4, at('owd-01', { entries: [entry({ target: 'device:owd-01/ev-1' })] })),
      stored(5, at('whf-01', { reliefs: [relief] })),
      stored(6, at('owd-01', { entries: [entry({ target: 'device:owd-01/ev-11', devices: ['ev-12', 'dev-1'] })] })),
    ]);
    const ids = async (query: Partial<IncidentQuery>) => (await store.list({ limit: 9, ...query })).map(({ id }) => id);
    const device = { gateway: 'owd-01', id: 'ev-1' };
    assert.deepEqual(await ids({ device }), [4, 3, 2, 1]);
    assert.deepEqual(await ids({ device, from: 200, before: 4, limit: 1 }), [3]);
    assert.deepEqual(await ids({ device: { gateway: 'whf-01', id: 'ev-1' } }), [5]);
    assert.deepEqual(await ids({ device, from: 900 }), [4, 3, 2, 1], 'they are not over');
    await store.commit([stored(7, at('owd-01', { reliefs: [relief], endedAt: 950 }))]);
    assert.deepEqual(
      [await ids({ device, from: 900 }), await ids({ device, from: 960 })],
      [
        [7, 4, 3, 2, 1],
        [4, 3, 2, 1],
      ],
    );
    assert.deepEqual(await ids({ device: { gateway: 'owd-01', id: 'pv-2' } }), []);
    for (const id of ['limit', 'owd-1', 'any']) assert.deepEqual(await ids({ device: { gateway: 'owd-01', id } }), []);
  });
}
