import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HeldKeys } from './held-keys.ts';
import { IdempotencyStore } from './idempotency-store.ts';

test('keys of a role that is lost answer that nothing is known, and no others', async (t) => {
  const store = new IdempotencyStore(':memory:');
  store.open();
  t.after(() => store.close());
  const [lost, other] = [new HeldKeys(store), new HeldKeys(store)];
  const key = (name: string) => ({ caller: 'anna', key: name });
  const times = { now: 5, since: 0 };
  for (const name of ['kept', 'released', 'under way']) await lost.take(key(name), 'r', times);
  await other.take(key('of another'), 'r', times);
  const answer = { status: 200, headers: {}, body: 'done' };
  await lost.keep(key('kept'), answer);
  await lost.release(key('released'));
  await lost.giveUp();
  const kept = await store.take(key('under way'), 'r', times);
  assert.deepEqual([kept?.answer?.status, /LS-API-017/.test(kept?.answer?.body ?? '')], [504, true]);
  assert.deepEqual((await store.take(key('kept'), 'r', times))?.answer, answer);
  assert.equal(await store.take(key('released'), 'r', times), undefined);
  assert.deepEqual(await store.take(key('of another'), 'r', times), { request: 'r', answer: undefined });
});
