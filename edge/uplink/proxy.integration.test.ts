import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttp, type IncomingMessage } from 'node:http';
import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, test } from 'node:test';
import { Aedes } from 'aedes';
import { SeededRandom } from '../../shared/ports/random.ts';
import { SystemClock } from '../../shared/time/system-clock.ts';
import { until } from '../../shared/testing/until.ts';
import { MqttLink } from './mqtt-link.ts';
import type { UplinkProxy } from './proxy-tunnel.ts';

const fail = (error: unknown): never => {
  throw error;
};
const clock = new SystemClock(fail);
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => server.close());
  return (server.address() as AddressInfo).port;
}

async function startBroker(): Promise<Aedes> {
  const aedes = await Aedes.createBroker();
  closing.push(() => new Promise<void>((resolve) => aedes.close(() => resolve())));
  return aedes;
}

/** A proxy as in RFC 9110: it opens tunnels for users it knows. */
async function startProxy(user?: string): Promise<{ port: number; targets: string[]; cut(): void }> {
  const targets: string[] = [];
  const ends: { destroy(): unknown }[] = [];
  const server = createHttp((_request, response) => response.writeHead(405).end());
  server.on('connect', (request: IncomingMessage, socket, head: Buffer) => {
    ends.push(socket);
    const wanted = user === undefined ? undefined : `Basic ${Buffer.from(user).toString('base64')}`;
    if (request.headers['proxy-authorization'] !== wanted) {
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
      return;
    }
    targets.push(request.url ?? '');
    const [host, port] = (request.url ?? '').split(':');
    const to = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      to.write(head);
      socket.pipe(to).pipe(socket);
    });
    for (const end of [socket, to]) end.on('error', () => [socket, to].forEach((each) => each.destroy()));
  });
  const port = await listen(server);
  const cut = (): void => ends.splice(0).forEach((end) => end.destroy());
  closing.push(cut);
  return { port, targets, cut };
}

/** A link that publishes to itself on each connection; returns what came back and the reasons of its losses. */
function openLink(url: string, proxy: UplinkProxy) {
  const heard: string[] = [];
  const reasons: string[] = [];
  const random = new SeededRandom(1);
  const link = new MqttLink({ url, proxy, keepAliveS: 10, reconnectS: [0.02, 0.1], clock, random, onFailure: fail });
  link.open(
    { clientId: 'owd-01', subscriptions: ['echo'] },
    {
      onConnect: async () => void (await link.publish('echo', Buffer.from('hello'), { qos: 1 })),
      onClose: (reason) => void reasons.push(reason),
      onMessage: ({ payload }) => void heard.push(Buffer.from(payload).toString()),
    },
  );
  closing.push(() => link.close());
  return { heard, reasons };
}

test('mqtt through an authenticating proxy connects, and reconnects when the tunnel is cut', async () => {
  const aedes = await startBroker();
  const port = await listen(createServer((socket) => aedes.handle(socket)));
  const proxy = await startProxy('loadstone:secret');
  const folder = mkdtempSync(join(tmpdir(), 'loadstone-proxy-'));
  closing.push(() => rmSync(folder, { recursive: true }));
  const userFile = join(folder, 'proxy-user');
  writeFileSync(userFile, 'loadstone:secret\n');
  const { heard } = openLink(`mqtt://127.0.0.1:${port}`, { url: `http://127.0.0.1:${proxy.port}`, userFile });
  await until('the first message is back', () => heard.length === 1);
  proxy.cut();
  await until('it has connected again', () => heard.length === 2);
  assert.deepEqual(proxy.targets, [`127.0.0.1:${port}`, `127.0.0.1:${port}`]);
});

test('WebSocket uses the tunnel too', async () => {
  const asked: string[] = [];
  const http = createHttp();
  http.on('upgrade', ({ url, headers }: IncomingMessage, socket) => {
    asked.push(`${url} ${headers['sec-websocket-protocol']}`);
    socket.end('HTTP/1.1 503 Service Unavailable\r\n\r\n');
  });
  const port = await listen(http);
  const proxy = await startProxy();
  openLink(`ws://127.0.0.1:${port}/mqtt`, { url: `http://127.0.0.1:${proxy.port}` });
  await until('it is asked for', () => asked.length > 0);
  assert.deepEqual([asked[0], proxy.targets[0]], ['/mqtt mqtt', `127.0.0.1:${port}`]);
});

test('tunnel failures are explained: missing credentials, no proxy, no TLS behind it', async () => {
  const plain = await listen(createServer((socket) => socket.on('error', () => undefined).end('no TLS here')));
  const strict = await startProxy('loadstone:secret');
  const open = await startProxy();
  const gone = createServer();
  const nobody = await listen(gone);
  gone.close();
  for (const [url, port, reason] of [
    [`mqtt://127.0.0.1:${plain}`, strict.port, /refuses 127\.0\.0\.1:\d+: 407 Proxy Authentication Required/],
    [`mqtt://127.0.0.1:${plain}`, nobody, /the proxy http:\/\/127\.0\.0\.1:\d+ cannot be used: .*ECONNREFUSED/],
    [`mqtts://127.0.0.1:${plain}`, open.port, /SSL|TLS|wrong version/i],
  ] as const) {
    const { reasons } = openLink(url, { url: `http://127.0.0.1:${port}` });
    await until('a reason is told', () => reasons.length > 0);
    assert.match(reasons[0]!, reason);
  }
});
