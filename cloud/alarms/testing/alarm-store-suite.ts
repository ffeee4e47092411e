import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Opened } from '../../telemetry/testing/store-files.ts';
import type { AlarmChanges, AlarmStore } from '../alarm-store.ts';
import type { Alarm } from '../core/alarm.ts';

const T0 = Date.UTC(2021, 8, 25);
const alarm = (id: number, text = 'it stands'): Alarm => ({
  id,
  source: 'owd-01',
  code: 'LS-METER-005',
  device: 'pv-1',
  subject: null,
  text,
  priority: 2,
  tellers: ['gateway'],
  conditionSince: T0,
  active: true,
  open: true,
  told: true,
  raisedAt: T0,
  returnedAt: null,
  acknowledged: { by: 'anna', at: T0, reason: '' },
  shelved: null,
  outOfService: null,
  suppressedBy: null,
  firstOut: true,
  occurrences: 3,
  confirmBy: { gateway: T0 + 1 },
});
const announcement = (at: number, id = 1, about: string | null = 'pv-1') =>
  ({ at, alarm: id, source: 'owd-01', code: 'LS-METER-005', about, priority: 2 }) as const;
const nothing: AlarmChanges = { put: [], remove: [], announcements: [], eventsUpTo: 0, nextId: 1 };

/** Contract of every alarm store. `open` returns an empty one. */
export function alarmStoreSuite(name: string, open: () => Promise<Opened<AlarmStore>>): void {
  test(`${name}: alarms, the next number and the last event survive a restart`, async () => {
    const { store, again } = await open();
    assert.deepEqual(await store.load(T0), { alarms: [], eventsUpTo: undefined, nextId: 1, since: T0 });
    await store.commit({ ...nothing, put: [alarm(2), alarm(1)], eventsUpTo: 7, nextId: 3 });
    await store.synced();
    const stored = { alarms: [alarm(1), alarm(2)], eventsUpTo: 7, nextId: 3, since: T0 };
    assert.deepEqual(await store.load(T0 + 5), stored, 'told since the first start of all');
    assert.deepEqual(await (await again()).load(T0 + 9), stored);
  });

  test(`${name}: an alarm replaces its earlier state and is removed when over`, async () => {
    const { store } = await open();
    await store.commit({ ...nothing, put: [alarm(1), alarm(2)], nextId: 3 });
    await store.commit({ ...nothing, put: [alarm(1, 'it has moved')], remove: [2, 9], nextId: 3 });
    assert.deepEqual((await store.load(T0)).alarms, [alarm(1, 'it has moved')]);
  });

  test(`${name}: a refused commit changes nothing`, async () => {
    const { store } = await open();
    await store.commit({ ...nothing, put: [alarm(1)], eventsUpTo: 1, nextId: 2 });
    const torn = { ...announcement(T0), source: null as never };
    await assert.rejects(
      store.commit({
        ...nothing,
        put: [alarm(2)],
        remove: [1],
        announcements: [announcement(T0), torn],
        eventsUpTo: 5,
        nextId: 3,
      }),
    );
    const { alarms, eventsUpTo, nextId } = await store.load(T0);
    assert.deepEqual([alarms, eventsUpTo, nextId], [[alarm(1)], 1, 2]);
    assert.deepEqual(await store.announcements(0, T0 + 1), []);
  });

  test(`${name}: notices are read by half-open time span until pruned`, async () => {
    const { store } = await open();
    await store.commit({
      ...nothing,
      announcements: [announcement(T0 + 20.7, 3, null), announcement(T0), announcement(T0 + 10, 2)],
    });
    const shown = ({ at, source, code, about, priority }: ReturnType<typeof announcement>) => ({
      at: Math.floor(at),
      source,
      code,
      about,
      priority,
    });
    assert.deepEqual(await store.announcements(T0, T0 + 20), [shown(announcement(T0)), shown(announcement(T0 + 10))]);
    assert.deepEqual((await store.announcements(T0 + 0.5, T0 + 20.1)).length, 3, 'a broken time takes its whole ms');
  });
}
