import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Opened } from '../../telemetry/testing/store-files.ts';
import type { InterventionStore, NewIntervention, Progress } from '../intervention-store.ts';

const T0 = Date.UTC(2021, 8, 25);
const EVER = { from: 0, to: Number.MAX_SAFE_INTEGER, limit: 100 };
const begins = (device: string, startedAt = T0): NewIntervention => ({
  gateway: 'owd-01',
  device,
  kind: 'override',
  who: 'anna',
  startedAt,
  depthKw: 12.5,
  energyKwh: 0,
  why: 'relieve the feeder',
  measurement: `${device}: -600.0 kW`,
  command: 'cmd-1',
  freeKw: -600,
});
const went = (id: number, seenAt: number, endedAt: number | null = null): Progress => ({
  id,
  seenAt,
  endedAt,
  depthKw: 20,
  energyKwh: 3.25,
  command: 'cmd-2',
});

/** Contract of every intervention store. `open` returns an empty one. */
export function interventionStoreSuite(name: string, open: () => Promise<Opened<InterventionStore>>): void {
  test(`${name}: running interventions survive a restart, ended ones stay ended`, async () => {
    const { store, again } = await open();
    assert.deepEqual(await store.commit([], []), []);
    const [first, second] = await store.commit([begins('pv-1'), begins('pv-2', T0 + 1)], []);
    await store.commit([], [went(first!, T0 + 10), went(second!, T0 + 20, T0 + 20)]);
    const later = await again();
    const marks = { command: 'cmd-2', freeKw: -600, depthKw: 20, energyKwh: 3.25 };
    assert.deepEqual(await later.unended(), [
      { id: first, gateway: 'owd-01', device: 'pv-1', kind: 'override', seenAt: T0 + 10, endedAt: null, ...marks },
    ]);
    const [newest, oldest] = await later.list(EVER);
    assert.deepEqual([newest!.device, newest!.endedAt], ['pv-2', T0 + 20]);
    const { command: _command, freeKw: _free, ...shown } = begins('pv-1');
    assert.deepEqual(oldest, { id: first, ...shown, depthKw: 20, energyKwh: 3.25, endedAt: null });
  });

  test(`${name}: concurrent commits give each new intervention its own id, in order`, async () => {
    const { store } = await open();
    const ids = await Promise.all(
      Array.from({ length: 20 }, (_, n) => store.commit([begins(`a-${n}`), begins(`b-${n}`)], [])),
    );
    assert.equal(new Set(ids.flat()).size, 40);
    const devices = new Map((await store.list(EVER)).map(({ id, device }) => [id, device]));
    for (const [n, [first, second]] of ids.entries())
      assert.deepEqual([devices.get(first!), devices.get(second!)], [`a-${n}`, `b-${n}`]);
  });

  test(`${name}: a refused commit changes nothing`, async () => {
    const { store } = await open();
    const [id] = await store.commit([begins('pv-1')], []);
    await assert.rejects(store.commit([begins('pv-2'), begins(null as never)], [went(id!, T0 + 5, T0 + 5)]));
    assert.equal((await store.list(EVER)).length, 1);
    assert.equal((await store.unended())[0]!.seenAt, T0);
  });

  test(`${name}: the register is paged over a half-open span, newest first`, async () => {
    const { store } = await open();
    const ids = await store.commit(
      [0, 1, 2, 3].map((n) => begins(`pv-${n}`, T0 + n)),
      [],
    );
    const shown = async (query: Partial<typeof EVER> & { before?: number }) =>
      (await store.list({ ...EVER, ...query })).map(({ device }) => device);
    assert.deepEqual(await shown({ from: T0 + 1, to: T0 + 3 }), ['pv-2', 'pv-1']);
    assert.deepEqual(await shown({ limit: 2 }), ['pv-3', 'pv-2']);
    assert.deepEqual(await shown({ limit: 9, before: ids[2]! }), ['pv-1', 'pv-0']);
  });
}
