import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Opened } from '../../telemetry/testing/store-files.ts';
import type { MailStore, NewMail } from '../mail-store.ts';

const T0 = Date.UTC(2021, 8, 25);
const mail = (subject: string, priority = 2): NewMail => ({ priority, to: ['desk@grid.test'], subject, text: 'text' });
const told = (alarm: number) => ({ alarm, raisedAt: T0 - 0.5, toldAt: T0, escalatedAt: null });

/** What every adapter of waiting mails holds to. `open` gives one that holds nothing. */
export function mailStoreSuite(name: string, open: () => Promise<Opened<MailStore>>): void {
  test(`${name}: mails and what they tell survive a restart, the most urgent first`, async () => {
    const { store, again } = await open();
    await store.add({ mails: [mail('a'), mail('b', 1), mail('c')], told: [told(7), told(3)], at: T0, most: 9 });
    const later = await again();
    const due = await later.due(T0, 9);
    assert.deepEqual(
      due.map(({ subject }) => subject),
      ['b', 'a', 'c'],
    );
    assert.deepEqual(due[0], { ...mail('b', 1), number: due[0]!.number, createdAt: T0, attempts: 0 });
    assert.deepEqual(await later.told(), [told(3), told(7)]);
    await later.add({ mails: [], told: [{ ...told(7), escalatedAt: T0 + 9 }], at: T0, most: 9 });
    await later.forget([3]);
    assert.deepEqual(await later.told(), [{ ...told(7), escalatedAt: T0 + 9 }]);
  });

  test(`${name}: what could not be sent is due later, and what was sent is gone`, async () => {
    const { store } = await open();
    await store.add({ mails: [mail('a'), mail('b')], told: [], at: T0, most: 9 });
    const [first, second] = await store.due(T0, 2);
    await store.later(first!.number, 1, T0 + 5_000);
    await store.done(second!.number);
    assert.deepEqual(await store.due(T0 + 4_999, 9), []);
    assert.deepEqual(
      (await store.due(T0 + 5_000, 9)).map(({ subject, attempts }) => [subject, attempts]),
      [['a', 1]],
    );
    assert.equal(await store.count(), 1);
  });

  test(`${name}: beyond its most the least urgent and oldest go first`, async () => {
    const { store } = await open();
    await store.add({ mails: [mail('urgent', 1), mail('old'), mail('new')], told: [], at: T0, most: 2 });
    assert.deepEqual(
      (await store.due(T0, 9)).map(({ subject }) => subject),
      ['urgent', 'new'],
    );
  });
}
