import assert from 'node:assert/strict';
import { get, Agent } from 'node:http';
import { connect } from 'node:net';
import { after, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import * as fc from 'fast-check';
import { systemTimeBase } from '../../../shared/time/system-clock.ts';
import { openedPeople, smallForecast, tokenHolder, TOKEN } from '../testing/api-fixture.ts';
import { served } from '../testing/served.ts';

const OWD = '/v1/substations/owd/forecast?quantiles=0.5';
const SLOW = 'a-token-that-may-ask-twice-a-second';

/** How often the HTTP server was asked for the forecast, and what it would say. */
let asked = 0;
let newest = smallForecast();
let slowUntil = Number.MAX_SAFE_INTEGER;
const time = systemTimeBase(() => undefined);
const { front, url, port, state, app, deps, failures } = await served({
  guests: true,
  people: openedPeople(() => time.now()),
  newestForecast: (target) => {
    asked++;
    return target === 'substation:owd' ? newest : undefined;
  },
  callerOf: (token) =>
    token === SLOW
      ? { name: 'slow', scopes: ['planner:read'], targets: '*', requestsPerSecond: 2, until: slowUntil }
      : tokenHolder(token),
});
after(() => front.close());

const agent = new Agent({ keepAlive: true, maxSockets: 1 });
after(() => agent.destroy());

interface Answer {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: string;
}

/** Asks over one connection that stays. */
const ask = (path: string, headers: Record<string, string> = { authorization: `Bearer ${TOKEN}` }): Promise<Answer> =>
  new Promise((resolve, reject) => {
    get(`${url}${path}`, { agent, headers }, (response) => {
      let body = '';
      response.on('data', (bytes) => (body += String(bytes)));
      response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, body }));
    }).on('error', reject);
  });

/** How often the HTTP server was asked while `act` ran. */
async function askedDuring(act: () => Promise<unknown>): Promise<number> {
  const before = asked;
  await act();
  return asked - before;
}

const untimed = ({ status, headers, body }: Answer): unknown => {
  const { date: _, ...rest } = headers;
  return { status, body, headers: Object.entries(rest).filter(([name]) => !name.startsWith('ratelimit-')) };
};

test('the same request is answered again without the HTTP server, and says the same', async () => {
  const first = await ask(OWD);
  assert.equal(first.status, 200);
  assert.equal(first.headers['x-loadstone-keep'], undefined, 'what is said to the front goes no further');
  const again: Answer[] = [];
  assert.equal(await askedDuring(async () => again.push(await ask(OWD), await ask(OWD))), 0);
  for (const each of again) assert.deepEqual(untimed(each), untimed(first));
  assert.ok(Number(again[1]!.headers['ratelimit-remaining']) <= Number(first.headers['ratelimit-remaining']));
  assert.match(String(again[1]!.headers['date']), / GMT$/);
});

test('it is answered while the main thread is held up', async () => {
  await ask(OWD);
  const done = new Int32Array(new SharedArrayBuffer(4));
  const headers = `Host: localhost\r\nAuthorization: Bearer ${TOKEN}\r\nConnection: keep-alive\r\n\r\n`;
  const line = `GET ${OWD} HTTP/1.1\r\n${headers}`;
  const client = new Worker(
    `const { connect } = require('node:net');
     const { parentPort, workerData: { port, line, done } } = require('node:worker_threads');
     const socket = connect(port, '127.0.0.1');
     let ends = 0;
     socket.on('data', (bytes) => {
       if (!String(bytes).includes('quantile_P50')) return;
       if (++ends === 1) { parentPort.postMessage('warm'); setTimeout(() => socket.write(line), 50); return; }
       Atomics.store(done, 0, 1); Atomics.notify(done, 0); socket.destroy();
     });
     socket.write(line);`,
    { eval: true, workerData: { port, line, done } },
  );
  await new Promise((resolve) => client.once('message', resolve));
  assert.notEqual(Atomics.wait(done, 0, 0, 20_000), 'timed-out');
  await client.terminate();
});

test('a new forecast is what the next one gets', async () => {
  const first = await ask(OWD);
  newest = { ...smallForecast(), id: 'fc_new', values: smallForecast().values.map((row) => row.map((kw) => kw + 1)) };
  state.freshness.targetChanged('substation:owd');
  const next = await ask(OWD);
  assert.notEqual(next.headers['etag'], first.headers['etag']);
  assert.equal(JSON.parse(next.body).id, 'fc_new');
});

test('rights that change are asked for again; a token that ended is refused though its answer was kept', async () => {
  await ask(OWD);
  assert.equal(await askedDuring(() => ask(OWD)), 0);
  state.freshness.rightsChanged();
  assert.equal(await askedDuring(() => ask(OWD)), 1);
  slowUntil = 1;
  assert.equal(await askedDuring(() => ask(OWD, { authorization: `Bearer ${SLOW}` })), 1);
  assert.equal(await askedDuring(() => ask(OWD, { authorization: `Bearer ${SLOW}` })), 1, 'ended: not kept');
  slowUntil = Number.MAX_SAFE_INTEGER;
});

test('a token of a person ends at the front with the password, at once', async () => {
  const { people } = deps;
  await people.ensureUser({ name: 'anna', roles: ['planner'], areas: '*' }, 'four blue lamps');
  const wish = { label: 'excel', scopes: ['planner:read'] as const, days: 30 };
  const ends = {
    change: async () => {
      const session = await people.signIn('anna', 'four blue lamps');
      await people.changePassword(session, { current: 'four blue lamps', next: 'five red lamps' });
    },
    reset: () => people.resetPassword('anna'),
    end: async () => people.removeTokens('anna'),
  };
  for (const [how, end] of Object.entries(ends)) {
    await people.ensureUser({ name: 'anna', roles: ['planner'], areas: '*' }, 'four blue lamps');
    const { secret } = people.makeToken(people.user('anna')!, wish);
    const read = () => ask(OWD, { authorization: `Bearer ${secret}` });
    assert.equal((await read()).status, 200);
    assert.equal(await askedDuring(read), 0, 'its answer is kept');
    await end();
    assert.equal((await read()).status, 401, how);
  }
});

test('another token, format or tag is another request; a guest and a stranger are never answered from what is kept', async () => {
  const first = await ask(OWD);
  assert.equal((await ask(OWD, { authorization: 'Bearer nobody' })).status, 401);
  assert.equal((await ask(OWD, { authorization: 'Bearer nobody' })).status, 401);
  const guest = await askedDuring(async () => {
    assert.equal((await ask(OWD, {})).status, 200);
    assert.equal((await ask(OWD, {})).status, 200);
  });
  assert.equal(guest, 2);
  const authorization = `Bearer ${TOKEN}`;
  assert.match((await ask(OWD, { authorization, accept: 'text/csv' })).body, /^target,start/);
  const tag = { authorization, 'if-none-match': String(first.headers['etag']) };
  assert.equal((await ask(OWD, tag)).status, 304);
  const again = await askedDuring(async () => {
    const unchanged = await ask(OWD, tag);
    assert.equal(unchanged.status, 304);
    assert.equal(unchanged.body, '');
    assert.equal(unchanged.headers['etag'], first.headers['etag']);
  });
  assert.equal(again, 0);
});

test('what is answered from here counts for the rate of its caller', async () => {
  const headers = { authorization: `Bearer ${SLOW}` };
  state.freshness.rightsChanged();
  const statuses: number[] = [];
  for (let each = 0; each < 12; each++) statuses.push((await ask(OWD, headers)).status);
  assert.equal(statuses.filter((status) => status === 200).length <= 9, true, String(statuses));
  assert.equal(statuses.at(-1), 429);
});

test('a client cannot have an answer kept, or see what is said to the front, by sending its mark', async () => {
  const headers = { authorization: `Bearer ${TOKEN}`, 'x-loadstone-front': 'a guess' };
  assert.equal((await ask(OWD, headers)).headers['x-loadstone-keep'], undefined);
  assert.equal(await askedDuring(() => ask(OWD, headers)), 1, 'two marks are none');
});

/** Writes bytes in pieces over one connection and reads to its end. */
async function raw(pieces: readonly string[]): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let text = '';
  const ended = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  socket.on('data', (bytes) => (text += String(bytes)));
  for (const piece of pieces) {
    socket.write(piece);
    await new Promise(setImmediate);
  }
  await ended;
  return text;
}

const LAST = 'GET /v1/gateways/nobody HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';
const head = (path: string): string =>
  `GET ${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${TOKEN}\r\n\r\n`;
const POSTED = `POST /v1/forecasts HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${TOKEN}\r\nContent-Type: application/json\r\n`;
const REQUESTS = [
  [head(OWD), 200],
  [head('/v1/feeders?limit=1'), 200],
  [head('/v1/substations/nothing/forecast'), 404],
  [`${POSTED}Content-Length: 12\r\n\r\n{"target":1}`, 400],
  [`${POSTED}Transfer-Encoding: chunked\r\n\r\nc\r\n{"target":1}\r\n0\r\n\r\n`, 400],
  [`GET ${OWD} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${TOKEN}\r\nContent-Length: 2\r\n\r\nxy`, 200],
  [`HEAD ${OWD} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${TOKEN}\r\n\r\n`, 200],
] as const;

test('whatever is asked over one connection, cut anywhere, is answered in order', async () => {
  const cuts = fc.array(fc.integer({ min: 1, max: 300 }), { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(...REQUESTS), { maxLength: 6 }), cuts, async (requests, sizes) => {
      const all = `${requests.map(([text]) => text).join('')}${LAST}`;
      const pieces: string[] = [];
      let at = 0;
      for (const size of sizes) pieces.push(all.slice(at, (at += size)));
      pieces.push(all.slice(at));
      const statuses = (await raw(pieces.filter((piece) => piece !== ''))).match(/HTTP\/1\.1 \d{3}/g) ?? [];
      assert.deepEqual(
        statuses.map((line) => Number(line.slice(-3))),
        [...requests.map(([, status]) => status), 404],
      );
    }),
    { numRuns: 60 },
  );
});

test('one request a piece, each waiting for the last: answered in order, from here and from the HTTP server', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(...REQUESTS), { maxLength: 6 }), async (requests) => {
      const socket = connect(port, '127.0.0.1');
      const statuses: number[] = [];
      for (const [text] of requests) {
        socket.write(text);
        statuses.push(await statusOf(socket, text.startsWith('HEAD')));
      }
      socket.destroy();
      assert.deepEqual(
        statuses,
        requests.map(([, status]) => status),
      );
    }),
    { numRuns: 60 },
  );
});

/** Reads one whole answer. */
function statusOf(socket: ReturnType<typeof connect>, isHead: boolean): Promise<number> {
  return new Promise((resolve) => {
    let text = '';
    const read = (bytes: Buffer): void => {
      text += bytes.toString('latin1');
      const end = text.indexOf('\r\n\r\n');
      if (end < 0) return;
      const length = isHead ? 0 : Number(/\r\ncontent-length: (\d+)/.exec(text)?.[1] ?? 0);
      if (text.length < end + 4 + length) return;
      socket.off('data', read);
      resolve(Number(text.slice(9, 12)));
    };
    socket.on('data', read);
  });
}

test('the address of a client comes along; a connection that the HTTP server ended for being idle does not end the client', async () => {
  await ask(OWD);
  app.server.closeAllConnections();
  state.freshness.targetChanged('substation:owd');
  assert.equal((await ask(OWD)).status, 200);
  // Guests are let in by their address.
  assert.equal((await ask('/v1/gateways', {})).status, 200);
});

test('a taken port is named', async () => {
  await assert.rejects(served({}, { port }), { code: 'LS-PORT-001', message: new RegExp(`port ${port} on 127.0.0.1`) });
});

test('nothing failed on the way', () => assert.deepEqual(failures, []));
