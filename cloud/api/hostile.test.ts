import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import { until } from '../../shared/testing/until.ts';
import { HTTP_LIMITS } from './http-limits.ts';
import { smallForecast, TOKEN } from './testing/api-fixture.ts';
import { served } from './testing/served.ts';

const LIMITS = { ...HTTP_LIMITS, headersMs: 2000, requestMs: 3000, silenceMs: 3000, idleMs: 60_000, checkEveryMs: 100 };

/** How often each target's forecast was requested. */
const asked = new Map<string, number>();
const askedOf = (target: string): number => asked.get(target) ?? 0;
const { port, app, close } = await served(
  {
    newestForecast: (target) => {
      asked.set(target, askedOf(target) + 1);
      return smallForecast();
    },
  },
  LIMITS,
);
after(close);
const AUTH = `Host: localhost\r\nAuthorization: Bearer ${TOKEN}\r\n`;
const FORECAST = `GET /v1/substations/owd/forecast HTTP/1.1\r\n${AUTH}\r\n`;

const connections = promisify(app.server.getConnections.bind(app.server));

const deserted = (): Promise<unknown> =>
  until('the server holds no connection', async () => (await connections()) === 0);

function client(): { socket: Socket; text: () => string; closed: Promise<unknown> } {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  let text = '';
  socket.on('data', (bytes) => (text += bytes.toString('latin1')));
  socket.on('error', () => undefined);
  return { socket, text: () => text, closed: new Promise((resolve) => socket.once('close', resolve)) };
}

test('a client that disconnects leaves no connection behind and costs at most one answer', async () => {
  const held = new Promise<void>((resolve) => {
    app.server.prependOnceListener('request', () => resolve());
  });
  const { socket, closed } = client();
  socket.write(`GET /v1/stream?topics=region HTTP/1.1\r\n${AUTH}\r\n`);
  await held;
  socket.resetAndDestroy();
  await closed;
  for (let each = 0; each < 50; each++) {
    const dropped = client();
    dropped.socket.write(FORECAST, () => dropped.socket.resetAndDestroy());
    await dropped.closed;
  }
  // The server accepts clients in the order of their connections.
  const last = client();
  last.socket.end(`GET /v1/gateways HTTP/1.1\r\n${AUTH}\r\n`);
  await last.closed;
  await deserted();
  assert.ok(askedOf('substation:owd') <= 50, String(askedOf('substation:owd')));
});

test('a client that half-closes after its request is answered once and closed', async () => {
  const { socket, text, closed } = client();
  socket.end(FORECAST.replace('substations/owd', 'feeders/owd-1'));
  await closed;
  assert.match(text(), /^HTTP\/1\.1 200 OK[^]*quantile/);
  assert.equal(askedOf('feeder:owd-1'), 1);
  await deserted();
});

test('a client that never reads is cut off', async () => {
  const socket = connect({ port, host: '127.0.0.1' });
  socket.on('error', () => undefined);
  socket.pause();
  const closed = new Promise((resolve) => socket.once('close', resolve));
  let pings = 0;
  socket.write(`POST /v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n`);
  socket.write(`GET /openapi.json HTTP/1.1\r\n${AUTH}\r\n`.repeat(400));
  await deserted();
  // Only a write reveals that the connection was closed.
  const timer = setInterval(() => (pings++, socket.write('x')), 50);
  await closed;
  clearInterval(timer);
  assert.ok(pings > 0);
});

test('the longest request head that the HTTP server accepts is answered', async () => {
  const most = 16_300;
  const { socket, text, closed } = client();
  const rest = `GET /v1/gateways HTTP/1.1\r\n${AUTH}Connection: close\r\nX-Long: `;
  socket.write(`${rest}${'y'.repeat(most - rest.length)}\r\n\r\n`);
  socket.on('end', () => socket.end());
  await closed;
  assert.match(text(), /^HTTP\/1\.1 200 OK/);
});

test('a smuggled request is rejected with a single 400', async () => {
  for (const smuggled of [
    `GET /v1/substations/owd/forecast HTTP/1.1\n${AUTH}\nGET /v1/gateways HTTP/1.1\r\n${AUTH}\r\n`,
    `GET /v1/substations/owd/forecast HTTP/1.1\r\n${AUTH}X: a\rContent-Length: 4\r\n\r\n`,
    `GET /v1/substations/owd/forecast HTTP/1.1\r\n${AUTH}X: a\n\nGET /v1/gateways HTTP/1.1\r\n\r\n`,
    `GET /v1/substations/owd/forecast HTTP/1.1\r\n${AUTH}X: a\0\r\n\r\n`,
    `GET /v1/substations/owd/forecast HTTP/1.1\r\n${AUTH}Content-Length : 4\r\n\r\n`,
    `GET /v1/substations/owd/forecast HTTP/1.1\r\n${AUTH}X: a\r\n Transfer-Encoding: chunked\r\n\r\n`,
    `GET /v1/substations/owd/forecast HTTP/1.1\r\n${AUTH}\tX: a\r\n\r\n`,
    `GET /v1/substations/owd/forecast\r\n\r\n`,
  ]) {
    for (let each = 0; each < 2; each++) {
      const { socket, text, closed } = client();
      socket.on('end', () => socket.end());
      socket.write(smuggled);
      await closed;
      assert.match(text(), /^HTTP\/1\.1 400 Bad Request/, JSON.stringify(smuggled));
      assert.equal(text().match(/HTTP\/1\.1 /g)?.length, 1, JSON.stringify(smuggled));
      assert.ok(!text().includes('x-loadstone'), JSON.stringify(smuggled));
    }
  }
});

test('an HTTP/1.0 client is answered and closed', async () => {
  for (let each = 0; each < 2; each++) {
    const before = askedOf('feeder:owd-1');
    const { socket, text, closed } = client();
    socket.on('end', () => socket.end());
    socket.write(FORECAST.replace('HTTP/1.1', 'HTTP/1.0').replace('substations/owd', 'feeders/owd-1'));
    await closed;
    assert.match(text(), /^HTTP\/1\.1 200 OK/);
    assert.equal(askedOf('feeder:owd-1') - before, 1);
  }
});
