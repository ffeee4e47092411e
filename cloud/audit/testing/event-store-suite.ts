import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LoadstoneEvent } from '../../../shared/contracts/event.ts';
import type { EventView } from '../../../shared/contracts/view.ts';
import type { Opened } from '../../telemetry/testing/store-files.ts';
import type { EventSearch, EventStore } from '../event-store.ts';

const event = (n: number, rest: Partial<LoadstoneEvent> = {}): LoadstoneEvent => ({
  time: 1_632_528_000_000 + n,
  kind: 'event',
  severity: 'info',
  code: 'gateway.started',
  text: `event ${n}`,
  ...rest,
});
const sent = (n: number) => ({ event: event(n), identity: { run: 7, offset: n } });

/** Contract of every event store. `open` returns an empty one. */
export function eventStoreSuite(name: string, open: () => Promise<Opened<EventStore>>): void {
  test(`${name}: each page of a search reads a bounded part, newest first, until the whole log was searched`, async () => {
    const { store: log } = await open();
    const severities = ['info', 'low', 'medium', 'high'] as const;
    const sources = ['owd-01', 'whf-01', 'cloud'];
    const all = Array.from({ length: 500 }, (_, n) => ({
      source: sources[n % 3]!,
      events: [
        {
          event: event(n, {
            kind: n % 5 === 0 ? 'alarm' : 'event',
            severity: severities[n % 4]!,
            text: `Guard releases ${n} kW, 100% of it_`,
            ...(n % 7 === 0 ? { device: `pv-${n % 3}`, subject: `cmd-${n}` } : {}),
          }),
        },
      ],
    }));
    await log.commit(all, 5);
    const through = async (query: Partial<EventSearch>, limit = 9, most = 40): Promise<EventView[]> => {
      const items: EventView[] = [];
      let before: number | undefined;
      for (let page = 0; ; page++) {
        assert.ok(page <= 500, 'a search ends');
        const found = await log.search({
          words: [],
          ...query,
          limit,
          most,
          ...(before === undefined ? {} : { before }),
        });
        assert.ok(found.items.length <= limit);
        items.push(...found.items);
        if (found.isEnd) return items;
        assert.ok(found.back!.id < (before ?? Infinity), 'each page goes further back');
        assert.ok((before ?? 501) - found.back!.id <= most, 'a page reads a bounded part');
        before = found.back!.id;
      }
    };
    const newest = await log.list({ limit: 500 });
    const said = ({ source, code, text, device, subject }: EventView): string =>
      [source, code, text, device, subject].join(' ').toLowerCase();
    for (const words of [
      ['guard'],
      ['GUARD', 'owd-01'],
      ['pv-1', 'cmd-'],
      ['100%'],
      ['it_'],
      ['49', 'whf'],
      ["'"],
      ['nowhere'],
    ])
      assert.deepEqual(
        await through({ words }),
        newest.filter((each) => words.every((word) => said(each).includes(word.toLowerCase()))),
        words.join(' '),
      );
    assert.deepEqual(
      await through({ words: ['guard'], kind: 'alarm', severities: ['medium', 'high'] }),
      newest.filter(({ kind, severity }) => kind === 'alarm' && ['medium', 'high'].includes(severity)),
    );
    const spoken = async (forms: readonly string[] | null): Promise<EventView[]> =>
      through({ words: ['bewaker', 'owd-01'], forms: new Map([['bewaker', forms]]) });
    const atOwd = newest.filter(({ source }) => source === 'owd-01');
    assert.deepEqual(await spoken(['Guard RELEASES {power} kW, {share}% of it_']), atOwd);
    assert.deepEqual(await spoken(['guard takes {power} kW', 'guard releases {power} MW']), []);
    assert.deepEqual(await spoken(null), atOwd, 'a word that is too common does not narrow the search');
    const as = (each: EventView): EventView => (each.id % 2 === 0 ? { ...each, kind: 'event' } : each);
    assert.deepEqual(
      await through({ kind: 'alarm', as }, 3, 7),
      newest.filter(({ id, kind }) => kind === 'alarm' && id % 2 === 1),
    );
    assert.deepEqual(await log.search({ words: ['nowhere'], limit: 5, most: 40 }), {
      items: [],
      back: { id: 461, time: newest.find(({ id }) => id === 461)!.time },
      isEnd: false,
    });
    assert.deepEqual(await log.search({ words: [], limit: 5, most: 40, before: 1 }), {
      items: [],
      back: null,
      isEnd: true,
    });
  });

  test(`${name}: a search up to a time starts there and finds events that arrived up to a day late`, async () => {
    const { store: log } = await open();
    const HOUR = 3_600_000;
    const at = (n: number, receivedAfter = 0) =>
      log.commit([{ source: 'owd-01', events: [{ event: event(n * HOUR) }] }], event(n * HOUR + receivedAfter).time);
    for (let n = 0; n < 40; n++) await at(n);
    await log.commit([{ source: 'owd-01', events: [{ event: event(5 * HOUR + 1) }] }], event(45 * HOUR).time);
    for (let n = 40; n < 100; n++) await at(n);
    const found = async (to: number, more: Partial<EventSearch> = {}) =>
      log.search({ words: [], limit: 3, most: 30, to: event(to).time, ...more });
    const hoursOf = ({ items }: { items: readonly EventView[] }) =>
      items.map(({ time }) => (time - event(0).time) / HOUR);
    const late = 5 + 1 / HOUR;
    const first = await found(30 * HOUR);
    assert.deepEqual(hoursOf(first), [late, 29, 28], 'an event within its delay is found');
    assert.deepEqual(hoursOf(await found(30 * HOUR, { before: first.back!.id })), [27, 26, 25]);
    assert.deepEqual(hoursOf(await found(6 * HOUR)), [5, 4, 3], 'an event that arrived days late is not found');
    assert.deepEqual(await found(-30 * HOUR), { items: [], back: null, isEnd: true });
    assert.deepEqual(hoursOf(await found(1000 * HOUR)), [99, 98, 97]);
  });

  test(`${name}: an event is stored once by identity; one without identity is stored each time`, async () => {
    const { store } = await open();
    await store.commit([{ source: 'owd-01', events: [sent(1), sent(2), sent(2)] }], 5);
    const added = await store.commit([{ source: 'owd-01', events: [sent(2), sent(3)] }], 6);
    assert.deepEqual(
      added.map(({ text }) => text),
      ['event 3'],
    );
    await store.commit([{ source: 'whf-01', events: [sent(1)] }], 7);
    await store.commit([{ source: 'cloud', events: [{ event: event(9) }, { event: event(9) }] }], 8);
    assert.equal(await store.count(), 6);
    const own = (await store.list({ after: 0, limit: 9 })).map(({ own: isOwn }) => isOwn === true);
    assert.deepEqual(own, [false, false, false, false, true, true]);
  });

  test(`${name}: of concurrent commits of the same events one adds them, and ids rise within each commit`, async () => {
    const { store } = await open();
    const all = Array.from({ length: 20 }, (_, n) => n);
    const same = await Promise.all(all.map(() => store.commit([{ source: 'owd-01', events: [sent(1), sent(2)] }], 5)));
    assert.equal(same.flat().length, 2);
    assert.equal(same.filter((each) => each.length > 0).length, 1);
    const others = await Promise.all(
      all.map((n) => store.commit([{ source: 'whf-01', events: [sent(2 * n), sent(2 * n + 1)] }], 6)),
    );
    const ids = others.flat().map(({ id }) => id);
    assert.equal(new Set(ids).size, 40);
    for (const [first, second] of others) assert.ok(first!.id < second!.id);
  });

  test(`${name}: events are stored together or not at all, across a restart`, async () => {
    const { store, again } = await open();
    const [stored] = await store.commit(
      [
        {
          source: 'owd-01',
          events: [{ ...sent(1), event: event(1, { device: 'pv-1', subject: 's', active: false }) }],
        },
      ],
      5,
    );
    const torn = { event: event(3, { text: null as never }) };
    await assert.rejects(
      store.commit(
        [
          { source: 'owd-01', events: [sent(2)] },
          { source: 'cloud', events: [torn] },
        ],
        6,
      ),
      { code: 'LS-STORE-001' },
    );
    await store.synced();
    const later = await again();
    assert.deepEqual(await later.list({ limit: 9 }), [stored]);
    assert.deepEqual([stored!.active, stored!.device, stored!.subject], [false, 'pv-1', 's']);
    assert.deepEqual(await later.commit([{ source: 'owd-01', events: [sent(1)] }], 7), []);
  });

  test(`${name}: events are paged both ways, by source and kind`, async () => {
    const { store } = await open();
    for (let n = 1; n <= 6; n++)
      await store.commit(
        [
          {
            source: n % 2 === 0 ? 'cloud' : 'owd-01',
            events: [{ event: event(n, { kind: n > 4 ? 'alarm' : 'event' }) }],
          },
        ],
        n,
      );
    const [first = 0] = (await store.list({ after: 0, limit: 1 })).map(({ id }) => id);
    const texts = async (query: Partial<Parameters<EventStore['list']>[0]>) =>
      (await store.list({ limit: 9, ...query })).map(({ text }) => text.slice(6));
    assert.deepEqual(await texts({ limit: 2 }), ['6', '5']);
    assert.deepEqual(await texts({ before: first + 2 }), ['2', '1']);
    assert.deepEqual(await texts({ after: first + 2, limit: 2 }), ['4', '5']);
    assert.deepEqual(await texts({ source: 'owd-01' }), ['5', '3', '1']);
    assert.deepEqual(await texts({ kind: 'alarm' }), ['6', '5']);
  });
}
