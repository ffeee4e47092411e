import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { test, type TestContext } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { SystemClock } from '../../shared/time/system-clock.ts';
import { patched } from '../../shared/codec/patch.ts';
import { until } from '../../shared/testing/until.ts';
import { SseParser, type SseMessage } from '../dashboard/web/lib/sse.ts';
import { buildApi } from './app.ts';
import { fixtureDeps, openedPeople, shownEvent } from './testing/api-fixture.ts';

const fail = (error: unknown): never => {
  throw error;
};

/** Starts a streaming server, and collects what it sends to a reader. */
async function streaming(context: TestContext, overrides: Parameters<typeof fixtureDeps>[0] = {}) {
  const deps = fixtureDeps({ clock: new SystemClock(fail), ...overrides });
  const { app, stream } = await buildApi(deps);
  context.after(async () => {
    stream.stop();
    await app.close();
  });
  stream.start();
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as { port: number };
  return { deps, app, port };
}

/** A browser: the state of each topic, and the messages it received. */
class Browser {
  readonly socket: Socket;
  readonly views = new Map<string, unknown>();
  readonly messages: SseMessage[] = [];
  received = 0;
  since = '';
  readonly #parser = new SseParser();

  constructor(port: number, query: string, cookie = '') {
    this.socket = connect(port, '127.0.0.1');
    this.socket.on('error', () => undefined);
    this.socket.setEncoding('utf8');
    // With HTTP/1.0 the body is not chunked.
    this.socket.write(
      `GET /v1/stream?${query} HTTP/1.0\r\nHost: localhost\r\nCookie: loadstone-session=${cookie}\r\n\r\n`,
    );
    let isBody = false;
    this.socket.on('data', (text: string) => {
      this.received += text.length;
      const begin = isBody ? 0 : text.indexOf('retry:');
      isBody = true;
      for (const message of this.#parser.push(text.slice(begin))) this.#take(message);
    });
  }

  #take(message: SseMessage): void {
    if (message.id !== undefined) this.since = message.id;
    if (message.data === '') return;
    this.messages.push(message);
    const value = JSON.parse(message.data) as { topic: string; patch: unknown };
    if (message.event === 'changes') this.views.set(value.topic, patched(this.views.get(value.topic), value.patch));
    else if (['region', 'links', 'gateways'].includes(message.event)) this.views.set(message.event, value);
    else if (message.event === 'gateway') this.views.set(`gateway:${(value as unknown as { id: string }).id}`, value);
  }

  names(): string[] {
    return this.messages.map(({ event }) => event).filter((event) => !['heartbeat', 'session'].includes(event));
  }

  /** The rights that the reader was sent. */
  standings(): unknown[] {
    return this.messages.filter(({ event }) => event === 'session').map(({ data }) => JSON.parse(data));
  }
}

test('a stream with too many topics is rejected instead of dropping some', async (context) => {
  const { app } = await streaming(context);
  const topics = Array.from({ length: 101 }, (_, feeder) => `f${feeder}`).join(',');
  const answer = await app.inject({ url: `/v1/stream?topics=${topics}`, headers: { host: 'localhost' } });
  assert.equal(answer.statusCode, 400);
  assert.deepEqual(answer.json<{ errors: unknown }>().errors, [
    { pointer: '/querystring/topics', detail: 'a stream has at most 100 topics, not 101' },
  ]);
});

test('a frozen browser stops costing the server; on resuming it learns of the gap, and other clients miss nothing', async (context) => {
  const { deps, port } = await streaming(context);
  const [frozen, good] = [new Browser(port, 'topics=event'), new Browser(port, 'topics=event')];
  await until('both have a heartbeat', () => frozen.messages.length > 0 && good.messages.length > 0);
  frozen.socket.pause();
  const part = 'x'.repeat(200_000);
  for (let id = 1; id <= 300; id++) {
    deps.notify({ kind: 'event', data: shownEvent(id, part) });
    await until('the reading browser has the event', () => good.names().length === id);
  }
  assert.ok(good.received > 300 * part.length);
  frozen.socket.resume();
  await until('the frozen browser has the gap', () => frozen.names().includes('gap'));
  assert.ok(frozen.received < 60 * part.length, `it was sent ${frozen.received} bytes`);
  deps.notify({ kind: 'event', data: shownEvent(301) });
  await until('the resumed browser gets the next event', () => frozen.names().at(-1) === 'event');
});

test('a view is sent whole once, then its changes; a returning reader gets only the changes since', async (context) => {
  let links = ['owd-01', 'whf-01', 'lls-01'].map((id) => ({ id, state: 'up' as const, devices: 3, seen: 3 }));
  const { port } = await streaming(context, { views: { links: () => links } });
  const first = new Browser(port, 'topics=links');
  await until('the reader has the view', () => first.views.has('links'));
  assert.deepEqual(first.views.get('links'), links);
  links = links.map((each) => (each.id === 'whf-01' ? { ...each, seen: 2 } : each));
  await until('the reader has the change', () => first.names().includes('changes'));
  const changes = first.messages.find(({ event }) => event === 'changes')!;
  assert.deepEqual(JSON.parse(changes.data), { topic: 'links', patch: { 'whf-01': { seen: 2 } } });
  assert.deepEqual(first.views.get('links'), links);
  first.socket.destroy();
  links = links.slice(0, 2);
  const again = new Browser(port, `topics=links&since=${first.since}`);
  again.views.set('links', first.views.get('links'));
  await until('the returning reader has the changes', () => again.names().length > 0);
  assert.deepEqual([again.names(), again.views.get('links')], [['changes'], links]);
  const other = new Browser(port, 'topics=links&since=str_other.7');
  await until('an id of another server is ignored', () => other.views.has('links'));
  assert.deepEqual([other.names()[0], other.views.get('links')], ['links', links]);
});

test('a stream first reports lock and rights, then each change; it ends without the right to read', async (context) => {
  const people = openedPeople();
  const { port } = await streaming(context, { people, guests: false });
  const anna = { name: 'anna', roles: ['operator'], areas: '*' } as const;
  await people.ensureUser(anna, 'a-password-of-hers');
  const cookie = await people.signIn('anna', 'a-password-of-hers');
  const rights = people.callerOfSession(cookie)!.scopes;
  const first = new Browser(port, 'topics=event', cookie);
  await until('the page has its standing', () => first.standings().length > 0);
  await people.present(cookie, false);
  await until('the page has the lock', () => first.standings().length > 1);
  const again = new Browser(port, 'topics=event', cookie);
  await until('a new page has the lock too', () => again.standings().length > 0);
  await people.putUser({ ...anna, roles: ['viewer'], disabled: false });
  await until('both pages have the new rights', () => first.standings().length === 3 && again.standings().length === 2);
  const locked = [
    { rights, locked: true },
    { rights: ['planner:read'], locked: true },
  ];
  assert.deepEqual([first.standings(), again.standings()], [[{ rights, locked: false }, ...locked], locked]);
  let ended = 0;
  for (const { socket } of [first, again]) socket.on('end', () => ended++);
  await people.signOut(cookie);
  await until('both streams have ended', () => ended === 2);
});

test('200 clients of 400 gateways, some slow, all stay and get the newest values; quiet views cost nothing', async (context) => {
  const GATEWAYS = 400;
  const devices = Array.from({ length: 10 }, (_, at) => ({ device: `pv-${at}`, link: 'up', setpointKw: at }));
  const made = (at: number, round: number) => ({
    id: `g${at}-01`,
    substation: `g${at}`,
    link: { state: 'up', since: 1, lastFrame: round },
    freshnessMs: 5,
    ledger: { storedFrames: round, missingFrames: 0, refusedFrames: 0 },
    health: { version: 1, time: round, text: 'x'.repeat(1500), devices },
    healthAt: round,
  });
  let gateways = Array.from({ length: GATEWAYS }, (_, at) => made(at, 0));
  const people = openedPeople();
  const { app, port } = await streaming(context, { people, views: { gateways: () => gateways as never } });
  let cookie = '';
  const browsers: Browser[] = [];
  const open = (count: number, query: string): Browser[] => {
    const opened = Array.from({ length: count }, () => new Browser(port, query, cookie));
    browsers.push(...opened);
    return opened;
  };
  let slow: Browser[] = [];
  for (let person = 0; person < 8; person++) {
    await people.ensureUser({ name: `p${person}`, roles: ['viewer'], areas: '*' }, 'a-password-of-theirs');
    cookie = await people.signIn(`p${person}`, 'a-password-of-theirs');
    if (person < 6) open(28, 'topics=links,gateway:g7-01');
    else if (person === 6) open(22, 'topics=gateways');
    else slow = open(10, 'topics=gateways');
  }
  assert.equal(browsers.length, 200);
  const held = (browser: Browser): unknown => browser.views.get('gateways') ?? browser.views.get('gateway:g7-01');
  await until('all have their views', () => browsers.every((browser) => held(browser) !== undefined));
  for (const { socket } of slow) socket.pause();
  const before = browsers.map(({ received }) => received);
  const ROUNDS = 5;
  for (let round = 1; round <= ROUNDS; round++) {
    gateways = gateways.map((gateway, at) => (at % 40 === 7 ? made(at, round) : gateway));
    await pause(1000);
  }
  for (const { socket } of slow) socket.resume();
  const isNewest = (browser: Browser): boolean => {
    const value = held(browser) as readonly { ledger: unknown }[] | { ledger: unknown };
    const one = Array.isArray(value) ? value[7] : value;
    return (one as (typeof gateways)[number]).ledger.storedFrames === ROUNDS;
  };
  await until('all have the newest values', () => browsers.every(isNewest));
  for (const browser of slow)
    assert.deepEqual(
      held(browser),
      gateways.map((gateway) => ({ ...gateway, freshnessMs: null })),
    );
  const count = await new Promise((done) => app.server.getConnections((_error, each) => done(each)));
  assert.equal(count, 200, 'no client was cut off');
  const took = browsers.map(({ received }, at) => received - before[at]!);
  const most = (from: number, to: number): number => Math.max(...took.slice(from, to));
  assert.ok(most(0, 168) < 20_000, `${most(0, 168)} bytes for one gateway`);
  assert.ok(most(168, 200) < 100_000, `${most(168, 200)} bytes for ten of 400 that changed five times`);
  for (const { socket } of browsers) socket.destroy();
});

test('one person cannot take all streams; others still read, and closing one frees a place', async (context) => {
  const clock = new SystemClock((error) => {
    throw error;
  });
  const people = openedPeople();
  const { app, stream } = await buildApi(fixtureDeps({ clock, people, guests: false }));
  context.after(async () => {
    stream.stop();
    await app.close();
  });
  stream.start();
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as { port: number };
  const open = async (cookie: string) => {
    const abort = new AbortController();
    const answer = await fetch(`http://127.0.0.1:${port}/v1/stream?topics=event`, {
      headers: { cookie: `loadstone-session=${cookie}` },
      signal: abort.signal,
    });
    return { answer, close: () => abort.abort() };
  };
  const sessions = await Promise.all(
    ['anna', 'bert'].map(async (name) => {
      await people.ensureUser({ name, roles: ['viewer'], areas: '*' }, 'a-password-of-theirs');
      return people.signIn(name, 'a-password-of-theirs');
    }),
  );
  const [anna, bert] = sessions as [string, string];
  const first = [];
  for (;;) {
    const each = await open(anna);
    first.push(each);
    if (!each.answer.ok) break;
    assert.ok(first.length < 100, 'the streams of one person are unlimited');
  }
  assert.equal(((await first.at(-1)!.answer.json()) as { code: string }).code, 'LS-API-008');
  const other = await open(bert);
  assert.equal(other.answer.status, 200);
  first[0]!.close();
  const again = await until('there is room for another', async () => {
    const each = await open(anna);
    return each.answer.ok && each;
  });
  for (const { close } of [...first, other, again]) close();
});
