import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { LoadstoneEvent } from '../../shared/contracts/event.ts';
import type { EventView } from '../../shared/contracts/view.ts';
import { EventLog, type EventSearch } from './event-log.ts';

const event = (n: number, rest: Partial<LoadstoneEvent> = {}): LoadstoneEvent => ({
  time: 1_632_528_000_000 + n,
  kind: 'event',
  severity: 'info',
  code: 'gateway.started',
  text: `event ${n}`,
  ...rest,
});
const sent = (n: number) => ({ event: event(n), identity: { run: 7, offset: n } });

test('a search looks through a bounded part, newest first, and goes on where it ended until it has seen all', () => {
  const log = new EventLog(':memory:');
  log.open();
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
  log.appendAll(all, 5);
  const through = (query: Partial<EventSearch>, limit = 9, most = 40): EventView[] => {
    const items: EventView[] = [];
    let before: number | undefined;
    for (let page = 0; ; page++) {
      assert.ok(page <= 500, 'a search comes to an end');
      const found = log.search({ words: [], ...query, limit, most, ...(before === undefined ? {} : { before }) });
      assert.ok(found.items.length <= limit);
      items.push(...found.items);
      if (found.isEnd) return items;
      assert.ok(found.back!.id < (before ?? Infinity), 'each page goes further back');
      assert.ok((before ?? 501) - found.back!.id <= most, 'within what one page may look through');
      before = found.back!.id;
    }
  };
  const newest = log.list({ limit: 500 });
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
      through({ words }),
      newest.filter((each) => words.every((word) => said(each).includes(word.toLowerCase()))),
      words.join(' '),
    );
  assert.deepEqual(
    through({ words: ['guard'], kind: 'alarm', severities: ['medium', 'high'] }),
    newest.filter(({ kind, severity }) => kind === 'alarm' && ['medium', 'high'].includes(severity)),
  );
  const as = (each: EventView): EventView => (each.id % 2 === 0 ? { ...each, kind: 'event' } : each);
  assert.deepEqual(
    through({ kind: 'alarm', as }, 3, 7),
    newest.filter(({ id, kind }) => kind === 'alarm' && id % 2 === 1),
  );
  assert.deepEqual(log.search({ words: ['nowhere'], limit: 5, most: 40 }), {
    items: [],
    back: { id: 461, time: newest.find(({ id }) => id === 461)!.time },
    isEnd: false,
  });
  assert.deepEqual(log.search({ words: [], limit: 5, most: 40, before: 1 }), { items: [], back: null, isEnd: true });
  log.close();
});

test('an event is kept once, listeners hear of it once, and pages go both ways', () => {
  const log = new EventLog(':memory:');
  log.open();
  const heard: EventView[] = [];
  const stop = log.listen((view) => heard.push(view));
  log.append('owd-01', [sent(1), sent(2), sent(2)], 5);
  assert.deepEqual(
    log.append('owd-01', [sent(2), sent(3)], 6).map((view) => view.text),
    ['event 3'],
  );
  log.append('wls-01', [sent(1)], 7);
  log.append('cloud', [{ event: event(9) }, { event: event(9) }], 8);
  assert.equal(log.count(), 6);
  assert.deepEqual(
    heard.map((view) => view.text),
    ['event 1', 'event 2', 'event 3', 'event 1', 'event 9', 'event 9'],
  );
  stop();
  log.append('cloud', [{ event: event(10, { kind: 'alarm', active: false, device: 'pv-1', subject: 'p' }) }], 9);
  assert.equal(heard.length, 6);
  const newest = log.list({ limit: 2 });
  assert.deepEqual(
    newest.map((view) => view.text),
    ['event 10', 'event 9'],
  );
  assert.deepEqual([newest[0]?.active, newest[0]?.device, newest[0]?.subject], [false, 'pv-1', 'p']);
  assert.equal(newest[1]?.active, null);
  assert.deepEqual(
    log.list({ limit: 9, source: 'owd-01', before: 3 }).map((view) => view.id),
    [2, 1],
  );
  assert.deepEqual(
    log.list({ limit: 2, after: 4 }).map((view) => view.id > 4),
    [true, true],
  );
  assert.equal(log.list({ limit: 9, kind: 'alarm' }).length, 1);
});

test('the log outlives its process', () => {
  const dir = mkdtempSync(join(tmpdir(), 'loadstone-events-'));
  const first = new EventLog(join(dir, 'events.db'));
  first.open();
  first.append('owd-01', [sent(1)], 1);
  first.close();
  const second = new EventLog(join(dir, 'events.db'));
  second.open();
  assert.equal(second.append('owd-01', [sent(1), sent(2)], 2).length, 1);
  assert.equal(second.count(), 2);
  second.close();
  rmSync(dir, { recursive: true });
});
