import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HandOverContent } from '../../../shared/contracts/shift.ts';
import type { Opened } from '../../telemetry/testing/store-files.ts';
import type { NewEntry, ShiftStore, SignOff } from '../shift-store.ts';

const T0 = Date.UTC(2021, 8, 25);
const none = { items: [], total: 0 };
const content: HandOverContent = { at: T0, from: null, alarms: none, control: none, incidents: none, notes: none };
const entry = (text: string, more: Partial<NewEntry> = {}): NewEntry => ({
  at: T0,
  code: 'note',
  by: 'anna',
  target: null,
  text,
  parameters: {},
  key: null,
  ...more,
});
const signOff = (by: string, at = T0, upTo = 0): SignOff => ({ by, at, remark: 'all quiet', content, upTo });

/** Contract of every shift store. `open` returns an empty one. */
export function shiftStoreSuite(name: string, open: () => Promise<Opened<ShiftStore>>): void {
  test(`${name}: entries survive a restart, newest first, and are found by time, code and id`, async () => {
    const { store, again } = await open();
    assert.deepEqual(await store.append([]), []);
    const added = await store.append([
      entry('first', { target: 'feeder:owd-1', parameters: { alarm: 7, devices: ['a', 'b'] } }),
      entry('second', { at: T0 + 10, code: 'act.given', by: null }),
      entry('third', { at: T0 + 20.4 }),
    ]);
    assert.deepEqual(
      added.map(({ id }) => id),
      [added[0]!.id, added[0]!.id + 1, added[0]!.id + 2],
    );
    const later = await again();
    assert.deepEqual(await later.entries({ limit: 9 }), added.toReversed());
    assert.equal(added[2]!.at, T0 + 20);
    const texts = async (query: object): Promise<string[]> =>
      (await later.entries({ limit: 9, ...query })).map(({ text }) => text);
    assert.deepEqual(await texts({ limit: 2 }), ['third', 'second']);
    assert.deepEqual(await texts({ before: added[2]!.id }), ['second', 'first']);
    assert.deepEqual(await texts({ above: added[0]!.id }), ['third', 'second']);
    assert.deepEqual(await texts({ from: T0 + 10, to: T0 + 20 }), ['second']);
    assert.deepEqual(await texts({ code: 'note' }), ['third', 'first']);
    assert.equal(await later.count({ code: 'note', above: added[0]!.id }), 1);
  });

  test(`${name}: an entry is written once per key, also across a restart`, async () => {
    const { store, again } = await open();
    const raised = entry('raised', { key: 'alarm:1:raised' });
    assert.equal((await store.append([raised, raised])).length, 1);
    const later = await again();
    assert.deepEqual(await later.append([raised]), []);
    assert.equal(await later.count({}), 1);
  });

  test(`${name}: an entry that depends on a missing one is left out`, async () => {
    const { store } = await open();
    const cleared = entry('cleared', { key: 'alarm:1:cleared', behind: 'alarm:1:raised' });
    assert.deepEqual(await store.append([cleared]), []);
    const added = await store.append([entry('raised', { key: 'alarm:1:raised' }), cleared]);
    assert.deepEqual(
      added.map(({ text }) => text),
      ['raised', 'cleared'],
    );
  });

  test(`${name}: a hand-over is signed and taken over once, and the log records both`, async () => {
    const { store, again } = await open();
    assert.deepEqual(await store.standing(), { waiting: undefined, last: undefined, upTo: 0 });
    const [note] = await store.append([entry('mind the pump')]);
    const signed = await store.sign(signOff('anna', T0, note!.id));
    assert.deepEqual(signed, {
      id: signed.id,
      signedBy: 'anna',
      signedAt: T0,
      remark: 'all quiet',
      state: 'waiting',
      takenBy: null,
      takenAt: null,
      content,
    });
    const later = await again();
    assert.deepEqual((await later.standing()).waiting, signed);
    const taken = await Promise.all(['bert', 'carl'].map((by) => later.take(signed.id, by, T0 + 5)));
    assert.deepEqual(taken, [{ ...signed, state: 'taken', takenBy: 'bert', takenAt: T0 + 5 }, undefined]);
    assert.deepEqual(await later.standing(), { waiting: undefined, last: taken[0], upTo: note!.id });
    assert.deepEqual(
      (await later.entries({ limit: 9 })).map(({ code, by, text }) => [code, by, text]),
      [
        ['hand-over.taken', 'bert', ''],
        ['hand-over.signed', 'anna', 'all quiet'],
        ['note', 'anna', 'mind the pump'],
      ],
    );
  });

  test(`${name}: a new signature replaces a waiting hand-over and leaves a taken one`, async () => {
    const { store } = await open();
    const first = await store.sign(signOff('anna'));
    await store.take(first.id, 'bert', T0 + 1);
    const second = await store.sign(signOff('bert', T0 + 2));
    const third = await store.sign(signOff('bert', T0 + 3));
    assert.equal(await store.take(second.id, 'carl', T0 + 4), undefined);
    assert.equal((await store.standing()).waiting?.id, third.id);
    assert.deepEqual(
      (await store.handOvers({ limit: 9 })).map(({ id, state }) => [id, state]),
      [
        [third.id, 'waiting'],
        [second.id, 'replaced'],
        [first.id, 'taken'],
      ],
    );
    assert.deepEqual(
      (await store.handOvers({ before: second.id, limit: 9 })).map(({ id }) => id),
      [first.id],
    );
    assert.equal((await store.handOver(first.id))?.takenBy, 'bert');
    assert.equal(await store.handOver(999), undefined);
  });
}
