import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../../shared/time/virtual-clock.ts';
import type { JournalEntry } from '../journal/record.ts';
import { Sender } from './sender.ts';

const T0 = Date.UTC(2026, 0, 1);
const PAYLOAD = new Uint8Array(1);
const entryOf = (offset: number): JournalEntry => ({
  stream: 'measurements',
  run: 1,
  offset,
  time: T0,
  payload: PAYLOAD,
});

/** Gateways with a backlog each, and one cloud that takes a limited number of records a second from all of them, in order of arrival. */
function crowd({ gateways, backlog, perSecond }: { gateways: number; backlog: number; perSecond: number }) {
  const clock = new VirtualClock(T0);
  const queue: { readonly gateway: number; readonly offset: number }[] = [];
  const crowded = Array.from({ length: gateways }, (_, gateway) => {
    const open = new Set(Array.from({ length: backlog }, (_each, offset) => offset));
    const sender = new Sender({
      stream: 'measurements',
      clock,
      journal: {
        isClosed: (_stream, offset) => !open.has(offset),
        openCount: () => open.size,
        backlog: async (_stream, query) => {
          const found: JournalEntry[] = [];
          for (const offset of open) {
            if (found.length === query.limit) break;
            if (!query.skip(offset)) found.push(entryOf(offset));
          }
          return found;
        },
      },
      publish: async (entries) => void queue.push(...entries.map(({ offset }) => ({ gateway, offset }))),
    });
    sender.start();
    return { open, sender };
  });
  let taken = 0;
  /** One second: the cloud takes what it can and acknowledges that. */
  const second = async (): Promise<void> => {
    await clock.advance(1000);
    for (const { gateway, offset } of queue.splice(0, perSecond)) {
      taken++;
      crowded[gateway]!.open.delete(offset);
    }
    for (const { sender } of crowded) sender.acknowledged();
  };
  return {
    second,
    left: () => crowded.reduce((sum, { open }) => sum + open.size, 0),
    taken: () => taken,
    resent: () => crowded.reduce((sum, { sender }) => sum + sender.resent, 0),
  };
}

test('a cloud that is behind catches up without being flooded by resends', async () => {
  // 50,000 records are 625 s of work for the cloud. With a fixed 5 s it had not finished after 4,000 s, and most of what it took
  // were repeats.
  const it = crowd({ gateways: 20, backlog: 2500, perSecond: 80 });
  let seconds = 0;
  for (; it.left() > 0 && seconds < 1000; seconds++) await it.second();
  assert.equal(it.left(), 0, `${it.taken()} records taken in ${seconds} s, ${it.resent()} sent again`);
  assert.ok(it.taken() < 1.3 * 50_000, `${it.taken()} records taken`);
});

test('lost records are resent after 5 s if acknowledgements are quick', async () => {
  const clock = new VirtualClock(T0);
  const open = new Set<number>();
  const sent: { readonly offset: number; readonly at: number }[] = [];
  const sender = new Sender({
    stream: 'measurements',
    clock,
    journal: {
      isClosed: (_stream, offset) => !open.has(offset),
      openCount: () => open.size,
      backlog: async (_stream, query) =>
        [...open]
          .filter((offset) => !query.skip(offset))
          .slice(0, query.limit)
          .map(entryOf),
    },
    publish: async (entries) =>
      void sent.push(...entries.map(({ offset }) => ({ offset, at: clock.machine.elapsed() }))),
  });
  sender.start();
  for (let offset = 0; offset < 60; offset++) {
    open.add(offset);
    sender.accepted([entryOf(offset)]);
    await clock.advance(1000);
    // Every tenth record is lost on its first sending.
    for (const { offset: each } of sent.filter(
      ({ offset: of }) => of % 10 > 0 || sent.filter((one) => one.offset === of).length > 1,
    ))
      open.delete(each);
    sender.acknowledged();
  }
  const again = [10, 20, 30, 40, 50].map((offset) => sent.filter((each) => each.offset === offset).map(({ at }) => at));
  for (const [first, second, ...more] of again) {
    assert.ok(second! - first! >= 5000 && second! - first! < 7000, `${second! - first!} ms`);
    assert.deepEqual(more, []);
  }
});

test('without acknowledgements live records are still sent, the oldest return to the backlog, and none is left out', async () => {
  const clock = new VirtualClock(T0);
  const open = new Set<number>();
  const sent: { readonly offset: number; readonly at: number }[] = [];
  const sender = new Sender({
    stream: 'measurements',
    clock,
    journal: {
      isClosed: (_stream, offset) => !open.has(offset),
      openCount: () => open.size,
      backlog: async (_stream, query) =>
        [...open]
          .filter((offset) => !query.skip(offset))
          .slice(0, query.limit)
          .map(entryOf),
    },
    publish: async (entries) =>
      void sent.push(...entries.map(({ offset }) => ({ offset, at: clock.machine.elapsed() }))),
  });
  sender.start();
  const RECORDS = 30_000;
  for (let offset = 0; offset < RECORDS; offset += 20) {
    for (let each = offset; each < offset + 20; each++) open.add(each);
    sender.accepted(Array.from({ length: 20 }, (_, n) => entryOf(offset + n)));
    await clock.advance(1000);
  }
  assert.equal(new Set(sent.map(({ offset }) => offset)).size, RECORDS, 'all were sent at once');
  const before = sender.resent;
  // Only the newer third has arrived.
  for (let offset = 20_000; offset < RECORDS; offset++) open.delete(offset);
  sent.length = 0;
  for (let second = 0; open.size > 0 && second < 200; second++) {
    sender.acknowledged();
    await clock.advance(1000);
    for (const { offset } of sent.splice(0)) open.delete(offset);
  }
  assert.equal(open.size, 0);
  assert.ok(sender.resent - before <= 20, 'they were no longer in flight');
});
