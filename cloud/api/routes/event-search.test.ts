import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { LoadstoneEvent } from '../../../shared/contracts/event.ts';
import type { EventView } from '../../../shared/contracts/view.ts';
import { OpenedEvents } from '../../audit/testing/opened-events.ts';
import { buildApi } from '../app.ts';
import type { ApiReads } from '../deps.ts';
import { fixtureDeps, START } from '../testing/api-fixture.ts';

const log = new OpenedEvents();
/** Alarms are shown with the severity of their rule. */
const as = (each: EventView): EventView => (each.kind === 'alarm' ? { ...each, severity: 'medium' } : each);
const events: ApiReads['events'] = {
  list: async (query) => (await log.list(query)).map(as),
  search: (query) => log.search({ ...query, as }),
};
const { app } = await buildApi(fixtureDeps({ events }));
after(async () => {
  await app.close();
  log.close();
});

const MANY = 10_500;
const event = (n: number, more: Partial<LoadstoneEvent> = {}) => ({
  event: {
    time: START + n,
    kind: 'event' as const,
    severity: 'info' as const,
    code: 'noise',
    text: `event ${n}`,
    ...more,
  },
});
log.append('owd-01', [event(0, { kind: 'alarm', severity: 'high', text: 'Needle in the hay', device: 'pv-1' })], START);
log.append(
  'whf-01',
  Array.from({ length: MANY }, (_, n) => event(n + 1)),
  START,
);
log.append('cloud', [event(MANY + 1, { kind: 'audit', severity: 'low', text: 'a 100% new_ one' })], START);

await log.synced();

const ask = async (query: string) => {
  const answer = await app.inject({ url: `/v1/events?${query}`, headers: { host: 'localhost' } });
  return answer.json();
};
const texts = ({ items }: { items: { text: string }[] }) => items.map(({ text }) => text);

test('a search is bounded, reports how far back it went, and continues from its cursor', async () => {
  const first = await ask('q=NEEDLE%20pv-1&limit=5');
  assert.deepEqual(first.items, []);
  assert.equal(first.searchedTo, START + MANY + 1 - 9_999);
  const second = await ask(`q=needle&limit=5&cursor=${first.nextCursor}`);
  assert.deepEqual(texts(second), ['Needle in the hay']);
  assert.deepEqual([second.nextCursor, second.searchedTo], [null, START]);
});

test('a word for many sentences searches less far per page, but as far by its cursor', async () => {
  const first = await ask('q=das%20needle&language=de&limit=5');
  assert.ok(first.searchedTo > START + MANY + 1 - 9_999, 'fewer events are compared with more sentences');
  let page = first;
  for (let n = 0; page.nextCursor !== null && n < 20; n++)
    page = await ask(`q=das%20needle&language=de&limit=5&cursor=${page.nextCursor}`);
  assert.deepEqual([page.nextCursor, page.searchedTo], [null, START]);
});

test('search pages have a fixed size, no duplicates and an end', async () => {
  const seen: string[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const page: { items: { text: string }[]; nextCursor: string | null } = await ask(
      `q=event%20999&limit=7${cursor === '' ? '' : `&cursor=${cursor}`}`,
    );
    assert.ok(page.items.length <= 7);
    seen.push(...texts(page));
    cursor = page.nextCursor;
  }
  const expected = Array.from({ length: MANY }, (_, n) => `event ${MANY - n}`).filter((text) => text.includes('999'));
  assert.deepEqual(seen, expected);
});

test('a search by severity uses the severity that is shown', async () => {
  for (const query of ['severity=medium', 'severityFrom=medium']) {
    const { nextCursor } = await ask(query);
    const { items } = await ask(`${query}&cursor=${nextCursor}`);
    assert.deepEqual(
      items.map(({ text, severity }: EventView) => [text, severity]),
      [['Needle in the hay', 'medium']],
    );
  }
  const { nextCursor } = await ask('severity=high');
  assert.deepEqual(texts(await ask(`severity=high&cursor=${nextCursor}`)), []);
});

test('kind and severity narrow a search; wildcard characters are literal', async () => {
  assert.deepEqual(texts(await ask('kind=audit')), ['a 100% new_ one']);
  assert.deepEqual(texts(await ask('severityFrom=low&limit=3')), ['a 100% new_ one']);
  assert.deepEqual(texts(await ask('q=100%25%20_&severityFrom=low')), ['a 100% new_ one']);
  assert.deepEqual(texts(await ask('q=%25event%25')), []);
  assert.deepEqual(texts(await ask('severity=low&severityFrom=medium')), []);
  assert.deepEqual(texts(await ask('severity=low&severityFrom=info')), ['a 100% new_ one']);
  assert.deepEqual(texts(await ask("q=';DROP TABLE event--")), []);
  assert.deepEqual(texts(await ask('q=')).length, 100);
});

test('a search up to a plant time leaves out what happened from then on', async () => {
  const at = (n: number): string => encodeURIComponent(new Date(START + n).toISOString());
  assert.deepEqual(texts(await ask(`to=${at(600)}&limit=2`)), ['event 599', 'event 598']);
  assert.equal((await ask('to=yesterday')).code, 'LS-API-001');
});

test('a search finds a sentence by words of the language in which it is shown, and by names and codes', async (context) => {
  const own = new OpenedEvents();
  const { app: cloud } = await buildApi(
    fixtureDeps({ events: { list: own.list.bind(own), search: own.search.bind(own) } }),
  );
  context.after(async () => {
    await cloud.close();
    own.close();
  });
  const lost = 'Gateway gw-9 is lost; it goes on by its plan, then by itself.';
  own.append('cloud', [event(1, { code: 'LS-GATEWAY-001', text: lost }), event(2, { text: 'nothing of that' })], START);
  await own.synced();
  const find = async (q: string, language: string): Promise<string[]> => {
    const url = `/v1/events?${new URLSearchParams({ q, language }).toString()}`;
    return texts((await cloud.inject({ url, headers: { host: 'localhost' } })).json());
  };
  assert.deepEqual(await find('zelfstandig', 'en'), []);
  assert.deepEqual(await find('Gateway ZELFSTANDIG', 'nl'), [lost]);
  assert.deepEqual(await find('zelfstandig gw-9', 'nl'), [lost]);
  assert.deepEqual(await find('zelfstandig gw-8', 'nl'), []);
  assert.deepEqual(await find('selbstständig', 'de'), [lost]);
  assert.deepEqual(await find('lost LS-GATEWAY', 'nl'), [lost], 'English words still match');
  assert.deepEqual(
    await find('is zelfstandig', 'nl'),
    [lost],
    'a word of very many sentences does not narrow the search',
  );
  assert.equal((await ask('q=a&language=fr')).code, 'LS-API-001');
});

test('too many words, overlong text and an unknown kind are rejected', async () => {
  assert.equal((await ask('q=a%20b%20c%20d%20e%20f%20g%20h%20i')).code, 'LS-API-001');
  assert.equal((await ask(`q=${'x'.repeat(101)}`)).code, 'LS-API-001');
  assert.equal((await ask('kind=gossip')).code, 'LS-API-001');
});
