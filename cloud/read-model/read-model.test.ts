import assert from 'node:assert/strict';
import { test } from 'node:test';
import { array, assert as check, constant, constantFrom, nat, oneof, option, property, record } from 'fast-check';
import { ChangeFeed } from './change-feed.ts';
import { isPacked, packedChanges } from './packed-changes.ts';
import { ReadModel } from './read-model.ts';

type TestNotice = { readonly kind: string };

const step = oneof(
  record({ what: constant('set' as const), key: nat(5), value: option(nat(3), { nil: undefined }) }),
  record({ what: constant('tell' as const), number: nat() }),
  record({ what: constant('read' as const), reader: nat(2) }),
  record({ what: constant('restart' as const), reader: nat(2) }),
);

test('property: readers that poll at any time or restart hold the current state and get each notice once, in order', () => {
  check(
    property(array(step, { maxLength: 200 }), (steps) => {
      const feed = new ChangeFeed<TestNotice>();
      const truth = new Map<string, number>();
      const sent: string[] = [];
      const readers = [0, 1, 2].map(() => ({ model: new ReadModel<TestNotice>(), heard: [] as string[] }));
      for (const { model, heard } of readers) model.listen(({ kind }) => void heard.push(kind));
      for (const each of steps) {
        if (each.what === 'set') {
          feed.set('alarmCount', String(each.key), each.value);
          if (each.value === undefined) truth.delete(String(each.key));
          else truth.set(String(each.key), each.value);
        } else if (each.what === 'tell') {
          sent.push(String(each.number));
          feed.tell({ kind: String(each.number) });
        } else if (each.what === 'restart') {
          const model = new ReadModel<TestNotice>();
          const heard: string[] = [];
          model.listen(({ kind }) => void heard.push(kind));
          readers[each.reader] = { model, heard };
        } else {
          const { model } = readers[each.reader]!;
          model.take(feed.since(model.position));
        }
      }
      for (const { model, heard } of readers) {
        model.take(feed.since(model.position));
        for (let key = 0; key <= 5; key++) assert.equal(model.get('alarmCount', String(key)), truth.get(String(key)));
        assert.deepEqual(heard, sent);
      }
    }),
  );
});

test('a reader far behind gets the full state', () => {
  const feed = new ChangeFeed<TestNotice>();
  const model = new ReadModel<TestNotice>();
  for (let each = 0; each < 3; each++) feed.set('alarmCount', `early-${each}`, each);
  model.take(feed.since(0));
  for (let each = 0; each < 100_000; each++) feed.changed('alarmCount', String(each % 7), each);
  feed.set('alarmCount', 'early-1', undefined);
  const changes = feed.since(model.position);
  assert.equal(changes.changes.length, 8);
  model.take(changes);
  assert.deepEqual(
    ['0', '6', 'early-0', 'early-1'].map((key) => model.get('alarmCount', key)),
    [99_995, 99_994, 0, undefined],
  );
});

test('notices alone do not grow the feed', () => {
  const feed = new ChangeFeed<TestNotice>();
  const model = new ReadModel<TestNotice>();
  feed.set('alarmCount', 'owd-01', 1);
  for (let each = 0; each < 100_000; each++) feed.tell({ kind: String(each) });
  const { changes, notices } = feed.since(0);
  assert.equal(changes.length, 1);
  assert.ok(notices.length <= 2_000);
  assert.equal(notices.at(-1)!.kind, '99999');
  model.take(feed.since(0));
  assert.equal(model.position, feed.position);
});

test('a reader too far behind the stored notices learns of the gap; others do not', () => {
  const feed = new ChangeFeed<TestNotice>();
  const [behind, near, fresh] = [0, 1, 2].map(() => ({ model: new ReadModel<TestNotice>(), gaps: 0, heard: 0 }));
  for (const reader of [behind!, near!, fresh!]) {
    reader.model.onGap(() => reader.gaps++);
    reader.model.listen(() => reader.heard++);
  }
  const take = ({ model }: { readonly model: ReadModel<TestNotice> }): void => model.take(feed.since(model.position));
  feed.tell({ kind: 'first' });
  take(behind!);
  take(near!);
  for (let each = 0; each < 10_000; each++) {
    feed.tell({ kind: String(each) });
    if (each % 500 === 0) take(near!);
  }
  for (const reader of [behind!, near!, fresh!]) take(reader);
  assert.deepEqual([behind!.gaps, near!.gaps, fresh!.gaps], [1, 0, 0]);
  assert.equal(near!.heard, 10_001);
  assert.ok(behind!.heard < 10_001);
});

test('a large value goes to another thread as bytes and is unpacked once, when read', () => {
  const feed = new ChangeFeed<TestNotice>();
  const plan = { plan: { steps: Array.from({ length: 1000 }, (_, at) => ({ at, kw: Math.sin(at) })) } } as never;
  feed.set('plan', 'owd', plan);
  feed.set('alarmCount', 'owd-01', 2);
  const sent = structuredClone(packedChanges(feed.since(0)));
  assert.deepEqual(
    sent.changes.map(({ kind, value }) => [kind, isPacked(value)]),
    [
      ['plan', true],
      ['alarmCount', false],
    ],
  );
  const model = new ReadModel<TestNotice>();
  model.take(sent);
  assert.deepEqual(model.get('plan', 'owd'), plan);
  assert.equal(model.get('plan', 'owd'), model.get('plan', 'owd'));
  feed.set('plan', 'owd', undefined);
  model.take(structuredClone(packedChanges(feed.since(model.position))));
  assert.equal(model.get('plan', 'owd'), undefined);
});

test('setting an equal value is no change', () => {
  const feed = new ChangeFeed<TestNotice>();
  feed.set('link', 'owd-01', { state: 'up', since: 1, lastFrame: 2 });
  const { position } = feed;
  feed.set('link', 'owd-01', { state: 'up', since: 1, lastFrame: 2 });
  feed.set('health', 'owd-01', undefined);
  assert.equal(feed.position, position);
});

test('a waiting reader gets the first changes; waiting for a position ends once it is reached', async () => {
  const feed = new ChangeFeed<TestNotice>();
  const model = new ReadModel<TestNotice>();
  const waits = feed.after(0);
  feed.set('alarmCount', 'owd-01', 4);
  const reached = model.reached(feed.position);
  feed.release();
  model.take(await waits);
  await reached;
  assert.equal(model.get('alarmCount', 'owd-01'), 4);
  assert.equal(model.reached(feed.position), undefined);
});

test('property: after a snapshot of another feed, a reader holds exactly the state of that feed', () => {
  const entries = array(record({ kind: constantFrom('alarmCount', 'ledger'), key: nat(4), value: nat() }));
  check(
    property(entries, entries, (first, second) => {
      const model = new ReadModel<TestNotice>();
      const gaps: number[] = [];
      model.onGap(() => gaps.push(1));
      const feeds = [first, second].map((steps) => {
        const feed = new ChangeFeed<TestNotice>();
        for (const { kind, key, value } of steps) feed.changed(kind as 'alarmCount', String(key), value);
        return feed;
      });
      for (const feed of feeds) model.begin(feed.since(0));
      const fresh = new ReadModel<TestNotice>();
      fresh.begin(feeds[1]!.since(0));
      for (const kind of ['alarmCount', 'ledger'] as const)
        for (let key = 0; key <= 4; key++) assert.equal(model.get(kind, String(key)), fresh.get(kind, String(key)));
      assert.equal(model.position, feeds[1]!.position);
      assert.equal(gaps.length, first.length > 0 ? 1 : 0, 'the notices between the two feeds were missed');
      // Positions of the first feed no longer apply.
      feeds[1]!.changed('alarmCount', 'new', 7);
      model.take(feeds[1]!.since(model.position));
      assert.equal(model.get('alarmCount', 'new'), 7);
    }),
  );
});

test('waiting for a position of a feed that is gone ends', async () => {
  const model = new ReadModel<TestNotice>();
  const waits = model.reached(5);
  model.begin(new ChangeFeed<TestNotice>().since(0));
  await waits;
});
