import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HeldKeys } from './held-keys.ts';
import { IdempotencyStore } from './idempotency-store.ts';

const fails = (error: unknown): void => assert.fail(String(error));

test('idempotency keys of a lost role answer that the outcome is unknown; other keys do not', async (t) => {
  const store = new IdempotencyStore(':memory:');
  store.open();
  t.after(() => store.close());
  const [lost, other] = [new HeldKeys(store, fails), new HeldKeys(store, fails)];
  const key = (name: string) => ({ caller: 'anna', key: name });
  const times = { now: 5, since: 0 };
  for (const name of ['kept', 'released', 'under way']) await lost.take(key(name), 'r', times);
  await other.take(key('of another'), 'r', times);
  const answer = { status: 200, headers: {}, body: 'done' };
  await lost.keep(key('kept'), answer);
  await lost.release(key('released'));
  await lost.giveUp();
  const stored = await store.take(key('under way'), 'r', times);
  assert.deepEqual([stored?.answer?.status, /LS-API-017/.test(stored?.answer?.body ?? '')], [504, true]);
  assert.deepEqual((await store.take(key('kept'), 'r', times))?.answer, answer);
  assert.equal(await store.take(key('released'), 'r', times), undefined);
  assert.deepEqual(await store.take(key('of another'), 'r', times), { request: 'r', answer: undefined });
});

test('a key taken after its role was lost is not held forever', async (t) => {
  const store = new IdempotencyStore(':memory:');
  store.open();
  t.after(() => store.close());
  const lost = new HeldKeys(store, fails);
  const times = { now: 5, since: 0 };
  const who = { caller: 'anna', key: 'late' };
  const taken = lost.take(who, 'r', times);
  await lost.giveUp();
  assert.equal(await taken, undefined);
  assert.equal((await store.take(who, 'r', times))?.answer?.status, 504);
});

test('giving up keys keeps stored answers, and a key that cannot be written does not stop the others', async (t) => {
  const store = new IdempotencyStore(':memory:');
  store.open();
  t.after(() => store.close());
  const failures: unknown[] = [];
  const abandon = async (...[who]: Parameters<IdempotencyStore['abandon']>): Promise<void> => {
    if (who.key === 'first') throw new Error('the disk is full');
    await store.abandon(who);
  };
  const take = store.take.bind(store);
  const lost = new HeldKeys({ take, abandon } as never, (error) => failures.push(error));
  const times = { now: 5, since: 0 };
  const key = (name: string) => ({ caller: 'anna', key: name });
  for (const name of ['first', 'answered', 'last']) await lost.take(key(name), 'r', times);
  const answer = { status: 200, headers: {}, body: 'done' };
  await store.keep(key('answered'), answer);
  await lost.giveUp();
  assert.match(String(failures), /the disk is full/);
  assert.deepEqual((await store.take(key('answered'), 'r', times))?.answer, answer);
  assert.equal((await store.take(key('last'), 'r', times))?.answer?.status, 504);
});
