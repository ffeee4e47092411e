import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get } from 'node:http';
import { connect, type Socket } from 'node:net';
import { after, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../../shared/testing/until.ts';
import { buildApi } from './app.ts';
import { HTTP_LIMITS } from './http-limits.ts';
import { fixtureDeps, TOKEN } from './testing/api-fixture.ts';
import { served } from './testing/served.ts';

/** As in production, with shorter limits so that the test is quick. */
const TIMES = { headersMs: 4000, requestMs: 6000, silenceMs: 6000, idleMs: 6000, checkEveryMs: 100 };
const { app, close, port } = await served({ guests: true }, { ...HTTP_LIMITS, ...TIMES });
after(close);

/** Uses a new connection: the server may close an idle one just as it is reused. */
const isServed = (): Promise<boolean> =>
  new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, path: '/v1/gateways', agent: false }, (answer) => {
      answer.resume().once('end', () => resolve(answer.statusCode === 200));
    }).once('error', reject);
  });

interface Slow {
  readonly socket: Socket;
  /** What the server has sent so far. */
  said(): string;
  isCut(): boolean;
}

function slowClient(begin: string): Slow {
  const socket = connect(port, '127.0.0.1');
  let text = '';
  let cut = false;
  socket.on('data', (bytes) => (text += String(bytes)));
  // A write to a closed connection fails, which reveals that it was closed.
  for (const event of ['end', 'error', 'close']) socket.on(event, () => (cut = true));
  socket.write(begin);
  return { socket, said: () => text, isCut: () => cut };
}

const HOST = 'Host: localhost';
const SESSION = `POST /v1/session HTTP/1.1\r\n${HOST}\r\nContent-Type: application/json\r\n`;

// In parallel, because each takes seconds.
describe('slow clients', { concurrency: true }, () => {
  for (const [what, begin, drip] of [
    ['sends its headers byte by byte', 'GET /v1/gateways HTTP/1.1\r\nX-Slow: ', 'y'],
    ['sends endless headers', `GET /v1/gateways HTTP/1.1\r\n${HOST}\r\n`, 'X-More: y\r\n'],
    ['sends nothing at all', '', ''],
    ['sends a body byte by byte', `${SESSION}Content-Length: 900000\r\n\r\n{"user":"`, 'y'],
    ['sends endless chunks', `${SESSION}Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n`, '1\r\n \r\n'],
    [
      'sends an endless body to a route without the right',
      `PUT /v1/users/anna HTTP/1.1\r\n${HOST}\r\nContent-Type: application/json\r\nContent-Length: 900000\r\n\r\n{`,
      ' ',
    ],
  ] as const)
    test(`a client that ${what} is cut off while others are served`, async () => {
      assert.ok(await isServed());
      const slow = slowClient(begin);
      let served = 0;
      while (!slow.isCut()) {
        if (drip !== '') slow.socket.write(drip);
        assert.ok(await isServed());
        served += 1;
        await sleep(20);
      }
      slow.socket.destroy();
      assert.ok(served > 0);
      assert.match(slow.said(), /^HTTP\/1\.1 40[013] /, 'it gets the reason');
      assert.match(slow.said(), /"code":"LS-/);
      assert.ok(await isServed());
    });

  test('a client that does not read its answers is cut off while others are served', async () => {
    assert.ok(await isServed());
    const gone = new AbortController();
    const socket = connect(port, '127.0.0.1');
    app.server.on('connection', (accepted: Socket) => {
      if (accepted.remotePort === socket.localPort) accepted.once('close', () => gone.abort());
    });
    socket.on('error', () => undefined);
    socket.pause();
    socket.write(`GET /openapi.json HTTP/1.1\r\n${HOST}\r\nAuthorization: Bearer ${TOKEN}\r\n\r\n`.repeat(400));
    while (!gone.signal.aborted) {
      assert.ok(await isServed());
      await sleep(20);
    }
    socket.destroy();
    assert.ok(await isServed());
  });

  test('a client that sends requests without reading is cut off, and so is an idle one', async () => {
    const request = `GET /v1/substations/owd/forecast HTTP/1.1\r\n${HOST}\r\nAuthorization: Bearer ${TOKEN}\r\n\r\n`;
    const quiet = slowClient(request);
    const deaf = connect(port, '127.0.0.1');
    deaf.on('error', () => undefined);
    deaf.pause();
    while (!deaf.closed || !quiet.isCut()) {
      if (deaf.writable) deaf.write(request);
      await sleep(1);
    }
    assert.match(quiet.said(), /^HTTP\/1\.1 200 OK/);
    assert.ok(await isServed());
  });
});

for (const [what, proxies, most, more] of [
  ['one network', [], { mostPerNetwork: 3 }, '127.0.0.2'],
  ['all networks', ['127.0.0.1'], { mostConnections: 3, mostPerNetwork: 1 }, undefined],
] as const)
  test(`more open connections from ${what} than allowed are closed, until one of them ends`, async (t) => {
    const limited = await served({ guests: true, trustedProxies: proxies }, { ...HTTP_LIMITS, ...most });
    t.after(limited.close);
    const reached = async (localAddress = '127.0.0.1') => {
      const socket = connect({ port: limited.port, host: '127.0.0.1', localAddress });
      t.after(() => socket.destroy());
      socket.on('error', () => undefined);
      socket.write(`GET /livez HTTP/1.1\r\n${HOST}\r\n\r\n`);
      return (await Promise.race([once(socket, 'data'), once(socket, 'close').then(() => [])])).length > 0 && socket;
    };
    const open = [await reached(), await reached(), await reached()];
    assert.ok(open.every(Boolean));
    assert.equal(await reached(), false);
    if (more !== undefined) assert.ok(await reached(more), 'from another network');
    (open[0] as Socket).destroy();
    assert.ok(await until('one is free', () => reached()));
  });

test('production timeouts are set in order: headers, request, idle', async () => {
  const { app: inService } = await buildApi(fixtureDeps());
  const { headersTimeout, requestTimeout, timeout } = inService.server;
  assert.deepEqual(
    [headersTimeout, requestTimeout, timeout],
    [HTTP_LIMITS.headersMs, HTTP_LIMITS.requestMs, HTTP_LIMITS.silenceMs],
  );
  assert.ok(headersTimeout < requestTimeout && requestTimeout < timeout);
  await inService.close();
});
