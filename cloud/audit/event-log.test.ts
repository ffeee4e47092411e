import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LoadstoneEvent } from '../../shared/contracts/event.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { EventLog } from './event-log.ts';
import type { EventStore } from './event-store.ts';
import { SqliteEventStore } from './sqlite-event-store.ts';

const event = (n: number): LoadstoneEvent => ({
  time: n,
  kind: 'event',
  severity: 'info',
  code: 'gateway.started',
  text: `event ${n}`,
});

/** A log over a store of varying speed that refuses chosen events. */
function slow() {
  const file = new SqliteEventStore(':memory:');
  file.open();
  let commits = 0;
  let counts = 0;
  const refusals = new Set<string>();
  const store: Pick<EventStore, 'commit' | 'synced' | 'list' | 'count'> = {
    commit: async (groups, receivedAt) => {
      for (let turns = (7 * ++commits) % 5; turns >= 0; turns--) await new Promise(setImmediate);
      if (refusals.has(groups[0]!.events[0]!.event.text)) throw new LoadstoneError('LS-STORE-001', 'the disk is full');
      return file.commit(groups, receivedAt);
    },
    synced: () => file.synced(),
    list: (query) => file.list(query),
    count: () => {
      counts++;
      return file.count();
    },
  };
  const failures: unknown[] = [];
  const log = new EventLog(store as EventStore, (error) => failures.push(error));
  const heard: string[] = [];
  const stop = log.listen(({ text }) => heard.push(text));
  const add = (n: number) => log.append('cloud', [{ event: event(n) }], n);
  return { log, heard, stop, add, failures, refusals, counts: () => counts };
}

test('listeners receive events in the order they were appended', async () => {
  const { log, heard, stop, add } = slow();
  for (let n = 0; n < 12; n++) add(n);
  assert.deepEqual(heard, []);
  await log.synced();
  const texts = Array.from({ length: 12 }, (_, n) => `event ${n}`);
  assert.deepEqual(heard, texts);
  assert.deepEqual(
    (await log.list({ after: 0, limit: 20 })).map(({ text }) => text),
    texts,
  );
  stop();
  add(99);
  await log.synced();
  assert.equal(heard.length, 12);
});

test('a repeated event is published once, and the caller learns which were new', async () => {
  const { log, heard } = slow();
  const sent = [1, 2].map((n) => ({ event: event(n), identity: { run: 1, offset: n } }));
  const added = await Promise.all([1, 2, 3].map(() => log.appendAll([{ source: 'owd-01', events: sent }], 1)));
  assert.deepEqual(
    added.map((each) => each.length),
    [2, 0, 0],
  );
  assert.deepEqual(heard, ['event 1', 'event 2']);
});

test('an event the store refuses is reported and does not block the next', async () => {
  const { log, heard, add, failures, refusals } = slow();
  refusals.add('event 2').add('event 4');
  for (let n = 1; n <= 3; n++) add(n);
  const own = log.appendAll([{ source: 'owd-01', events: [{ event: event(4) }] }], 4);
  add(5);
  await assert.rejects(own, /the disk is full/);
  await log.synced();
  assert.deepEqual(heard, ['event 1', 'event 3', 'event 5']);
  assert.equal(failures.length, 2, 'once when it waits and once when it is dropped');
});

test('events that arrive while the store is down are stored once it is back, before later ones', async () => {
  const { log, heard, add, failures, refusals } = slow();
  for (const n of [1, 2, 3]) refusals.add(`event ${n}`);
  add(1);
  add(2);
  await log.synced();
  await log.settle();
  assert.deepEqual([heard, failures.length], [[], 1], 'the store is not asked for each event while it is down');
  refusals.clear();
  await log.settle();
  assert.deepEqual(heard, ['event 1', 'event 2']);
  refusals.add('event 3');
  add(3);
  await log.synced();
  refusals.clear();
  add(4);
  await log.appendAll([{ source: 'owd-01', events: [{ event: event(5), identity: { run: 1, offset: 0 } }] }], 5);
  assert.deepEqual(heard.slice(2), ['event 3', 'event 4', 'event 5']);
});

test('an event is reported and dropped if the store refuses it but takes the next one', async () => {
  const { log, heard, add, failures, refusals } = slow();
  refusals.add('event 1');
  for (const n of [1, 2, 3]) add(n);
  await log.synced();
  await log.settle();
  assert.deepEqual([heard, failures.length], [['event 2', 'event 3'], 2]);
});

test('of a waiting alarm the latest state counts, and in an overflow alarms stay', async () => {
  const { log, heard, refusals, failures } = slow();
  const alarm = (text: string, active: boolean): LoadstoneEvent => ({
    ...event(0),
    kind: 'alarm',
    code: 'LS-BROKER-004',
    text,
    active,
  });
  const tell = (each: LoadstoneEvent): void => log.append('cloud', [{ event: each }], 0);
  refusals.add('gone');
  assert.equal(log.lastWord('cloud', 'LS-BROKER-004'), undefined);
  tell(alarm('gone', true));
  await log.synced();
  assert.equal(log.lastWord('cloud', 'LS-BROKER-004'), true);
  for (let n = 0; n < 1500; n++) tell(event(n));
  tell(alarm('back', false));
  await log.synced();
  assert.equal(log.lastWord('cloud', 'LS-BROKER-004'), false);
  await log.settle();
  assert.deepEqual([heard.length, heard[0], heard.at(-1)], [1000, 'event 501', 'back']);
  assert.deepEqual([log.lastWord('cloud', 'LS-BROKER-004'), failures.length], [undefined, 1]);
});

test('an alarm whose event is on its way to the store stands already', async () => {
  const { log } = slow();
  const tell = (active: boolean): void =>
    log.append('owd-01', [{ event: { ...event(0), kind: 'alarm', code: 'LS-GATEWAY-001', active } }], 0);
  const said = (): boolean | undefined => log.lastWord('owd-01', 'LS-GATEWAY-001');
  tell(true);
  assert.equal(said(), true);
  await new Promise(setImmediate);
  assert.equal(said(), true, 'its commit is under way');
  tell(false);
  assert.equal(said(), false);
  await log.synced();
  await new Promise(setImmediate);
  assert.equal(said(), undefined);
});

test('a failing listener neither loses the event nor keeps it from other listeners', async () => {
  const { log, heard, add, failures } = slow();
  log.listen(() => {
    throw new Error('a bug');
  });
  const after: string[] = [];
  log.listen(({ text }) => after.push(text));
  add(1);
  await log.synced();
  await log.settle();
  assert.deepEqual([heard, after, failures.length], [['event 1'], ['event 1'], 1]);
});

test('events are counted in the store once, and again after a refusal or a failed deletion', async () => {
  const { log, add, refusals, counts } = slow();
  const sent = [1, 2].map((n) => ({ event: event(n), identity: { run: 1, offset: n } }));
  await log.appendAll([{ source: 'owd-01', events: sent }], 1);
  assert.equal(await log.count(), 2);
  await log.appendAll([{ source: 'owd-01', events: sent }], 1);
  add(3);
  await log.synced();
  assert.deepEqual([await log.count(), counts()], [3, 1]);
  assert.equal(await log.forget(async () => 2), 2);
  assert.deepEqual([await log.count(), counts()], [1, 1]);
  await assert.rejects(log.forget(() => Promise.reject(new Error('the disk is full'))));
  assert.deepEqual([await log.count(), counts()], [3, 2]);
  refusals.add('event 4');
  add(4);
  await log.synced();
  assert.deepEqual([await log.count(), counts()], [3, 3]);
});
