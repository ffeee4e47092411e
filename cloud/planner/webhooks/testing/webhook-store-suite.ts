import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Opened } from '../../../telemetry/testing/store-files.ts';
import type { WebhookStore } from '../webhook-store.ts';

const many = Array.from({ length: 20 }, (_, n) => n);
const webhook = (id: string, owner = 'anna') => ({
  id,
  owner,
  url: 'https://example.com/hook',
  events: ['job.finished' as never],
  secret: 'whsec_x',
  createdAt: 5,
});
const delivery = (of: string, n = 0) => ({ webhook: of, message: `msg_${n}`, body: `{"n":${n}}` });

/** Contract of every webhook store. `open` returns an empty one. */
export function webhookStoreSuite(name: string, open: () => Promise<Opened<WebhookStore>>): void {
  test(`${name}: concurrent webhooks of an owner are stored only up to the limit`, async () => {
    const { store } = await open();
    await store.add(webhook('of another', 'bert'), 5);
    const added = await Promise.all(many.map(async (n) => store.add(webhook(`w${n}`), 5)));
    assert.equal(added.filter(Boolean).length, 5);
    assert.equal((await store.list('anna')).length, 5);
    assert.equal((await store.list()).length, 6);
  });

  test(`${name}: concurrent deliveries queue up to the limit, and the rest count as dropped`, async () => {
    const { store, again } = await open();
    await store.add(webhook('w'), 5);
    await Promise.all(many.map(async (n) => store.enqueue(delivery('w', n), { at: 10, most: 8 })));
    assert.equal(await store.pending('w'), 8);
    const later = await again();
    assert.equal((await later.get('w'))!.dropped, 12);
    assert.equal(await later.pending('w'), 8);
  });

  test(`${name}: the oldest delivery of each webhook is due first; a postponed one comes later`, async () => {
    const { store } = await open();
    for (const id of ['a', 'b']) {
      await store.add(webhook(id), 5);
      for (const n of [1, 2]) await store.enqueue(delivery(id, n), { at: 10 * n, most: 9 });
    }
    const due = async (now: number) => (await store.due(now, 9)).map((each) => `${each.webhook} ${each.message}`);
    assert.deepEqual(await due(9), []);
    assert.equal(await store.nextAt(), 10);
    assert.deepEqual((await due(20)).toSorted(), ['a msg_1', 'b msg_1']);
    assert.deepEqual(
      (await store.due(20, 9, 'b')).map(({ message }) => message),
      ['msg_1'],
    );
    const [first] = (await store.due(20, 9)).filter((each) => each.webhook === 'a');
    await store.later(first!.number, 3, 50);
    assert.deepEqual((await due(20)).toSorted(), ['a msg_2', 'b msg_1']);
    assert.equal((await store.due(50, 9)).find((each) => each.webhook === 'a')!.attempts, 3);
    await store.done(first!.number);
    assert.deepEqual((await due(50)).toSorted(), ['a msg_2', 'b msg_1']);
  });

  test(`${name}: disabled or removed webhooks deliver nothing`, async () => {
    const { store } = await open();
    for (const id of ['a', 'b']) {
      await store.add(webhook(id), 5);
      await store.enqueue(delivery(id), { at: 1, most: 9 });
    }
    await store.answered('a', { status: 410, error: 'gone', at: 7 });
    await store.disable('a', 'it is gone');
    await store.remove('b');
    assert.deepEqual(await store.due(99, 9), []);
    assert.equal(await store.nextAt(), undefined);
    const { lastStatus, lastError, lastAt, disabled, number: _number, ...stored } = (await store.get('a'))!;
    assert.deepEqual([lastStatus, lastError, lastAt, disabled], [410, 'gone', 7, 'it is gone']);
    assert.deepEqual(stored, { ...webhook('a'), dropped: 0 });
    assert.equal(await store.get('b'), undefined);
  });
}
