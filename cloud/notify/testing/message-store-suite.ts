import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Opened } from '../../telemetry/testing/store-files.ts';
import type { MessageStore, Message } from '../message-store.ts';

const T0 = Date.UTC(2021, 8, 25);
const message = (subject: string, priority = 2): Message => ({
  priority,
  to: ['desk@grid.test'],
  subject,
  text: 'text',
});
const notification = (alarm: number) => ({ alarm, raisedAt: T0 - 0.5, notifiedAt: T0, escalatedAt: null });

/** Contract of every message store. `open` returns an empty one. */
export function messageStoreSuite(name: string, open: () => Promise<Opened<MessageStore>>): void {
  test(`${name}: messages and sent alarms survive a restart, most urgent first`, async () => {
    const { store, again } = await open();
    await store.add({
      channel: 'mail',
      messages: [message('a'), message('b', 1), message('c')],
      notified: [notification(7), notification(3)],
      at: T0,
      most: 9,
    });
    const later = await again();
    const due = await later.due('mail', T0, 9);
    assert.deepEqual(
      due.map(({ subject }) => subject),
      ['b', 'a', 'c'],
    );
    assert.deepEqual(due[0], { ...message('b', 1), number: due[0]!.number, createdAt: T0, attempts: 0 });
    assert.deepEqual(await later.notified('mail'), [notification(3), notification(7)]);
    await later.add({
      channel: 'mail',
      messages: [],
      notified: [{ ...notification(7), escalatedAt: T0 + 9 }],
      at: T0,
      most: 9,
    });
    await later.forget('mail', [3]);
    assert.deepEqual(await later.notified('mail'), [{ ...notification(7), escalatedAt: T0 + 9 }]);
  });

  test(`${name}: an unsent message is due later, and a sent one is removed`, async () => {
    const { store } = await open();
    await store.add({ channel: 'mail', messages: [message('a'), message('b')], notified: [], at: T0, most: 9 });
    const [first, second] = await store.due('mail', T0, 2);
    await store.later(first!.number, 1, T0 + 5_000);
    await store.done(second!.number);
    assert.deepEqual(await store.due('mail', T0 + 4_999, 9), []);
    assert.deepEqual(
      (await store.due('mail', T0 + 5_000, 9)).map(({ subject, attempts }) => [subject, attempts]),
      [['a', 1]],
    );
    assert.deepEqual([await store.nextDue('mail'), await store.nextDue('webhook:pager')], [T0 + 5_000, undefined]);
    assert.equal(await store.count('mail'), 1);
  });

  test(`${name}: beyond the limit the least urgent and oldest messages are dropped first`, async () => {
    const { store } = await open();
    await store.add({
      channel: 'mail',
      messages: [message('urgent', 1), message('old'), message('new')],
      notified: [],
      at: T0,
      most: 2,
    });
    assert.deepEqual(
      (await store.due('mail', T0, 9)).map(({ subject }) => subject),
      ['urgent', 'new'],
    );
  });

  test(`${name}: each channel has its own messages and sent alarms; a removed channel leaves nothing`, async () => {
    const { store } = await open();
    for (const [channel, n] of [
      ['mail', 3],
      ['webhook:pager', 1],
    ] as const)
      await store.add({
        channel,
        messages: Array.from({ length: n }, (_, k) => message(`${channel} ${k}`)),
        notified: [{ ...notification(7), notifiedAt: T0 + n }],
        at: T0,
        most: 2,
      });
    assert.deepEqual([await store.count('mail'), await store.count('webhook:pager')], [2, 1]);
    assert.deepEqual(
      (await store.due('webhook:pager', T0, 9)).map(({ subject }) => subject),
      ['webhook:pager 0'],
    );
    await store.forget('webhook:pager', [7]);
    assert.deepEqual(
      [await store.notified('mail'), await store.notified('webhook:pager')],
      [[{ ...notification(7), notifiedAt: T0 + 3 }], []],
    );
    await store.retain(['webhook:pager']);
    assert.deepEqual([await store.count('mail'), await store.count('webhook:pager')], [0, 1]);
    assert.deepEqual(await store.notified('mail'), []);
    await store.retain([]);
    assert.equal(await store.count('webhook:pager'), 0);
  });
}
