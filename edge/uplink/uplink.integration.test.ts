import { Aedes } from 'aedes';
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { SeededRandom } from '../../shared/ports/random.ts';
import { SystemClock } from '../../shared/time/system-clock.ts';
import { until } from '../../shared/testing/until.ts';
import { inspectJournal, readJournal } from '../journal/inspect.ts';
import { NodeDisk } from '../journal/node-disk.ts';
import type { FromUplink } from './channel.ts';
import type { UplinkConfig } from './config.ts';
import { MqttLink } from './mqtt-link.ts';
import { configFor, frameOf } from './testing/bench.ts';
import { SimCloud } from './testing/sim-cloud.ts';
import { WorkerUplink } from './worker-uplink.ts';

const root = mkdtempSync(join(tmpdir(), 'loadstone-uplink-'));
const fail = (error: unknown): never => {
  throw error;
};
const clock = new SystemClock(fail);
const random = new SeededRandom(1);
const closing: (() => unknown)[] = [];
after(async () => {
  for (const close of closing.reverse()) await close();
  rmSync(root, { recursive: true, force: true });
});

interface Broker {
  readonly port: number;
  stop(): Promise<void>;
}

/** A real broker; it requires `password` if given. */
async function startBroker(port = 0, password?: string): Promise<Broker> {
  const aedes = await Aedes.createBroker();
  if (password !== undefined) {
    aedes.authenticate = (_client, _username, given, done) => done(null, given?.toString() === password);
  }
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    aedes.handle(socket);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  let stopped = false;
  const stop = async (): Promise<void> => {
    if (stopped) return;
    stopped = true;
    for (const socket of sockets) socket.destroy();
    server.close();
    await new Promise<void>((resolve) => {
      aedes.close(() => resolve());
    });
  };
  closing.push(stop);
  return { port: address.port, stop };
}

const configOf = (port: number, folder: string): UplinkConfig => ({
  ...configFor(),
  url: `mqtt://127.0.0.1:${port}`,
  reconnectS: [0.1, 1],
  journal: { path: join(root, folder), maxMb: 10, maxAgeMs: 86_400_000, syncMs: 50 },
});

function startCloud(port: number): SimCloud {
  const link = new MqttLink({
    url: `mqtt://127.0.0.1:${port}`,
    keepAliveS: 10,
    reconnectS: [0.1, 1],
    clock,
    random,
    onFailure: fail,
  });
  const cloud = new SimCloud({ link, clock, gateway: 'owd-01' });
  cloud.start();
  closing.push(() => {
    cloud.stop();
    return link.close();
  });
  return cloud;
}

function spawnGateway(config: UplinkConfig, mode = 'busy'): ChildProcess {
  const script = new URL('./testing/gateway-process.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, [script, JSON.stringify(config), mode], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  closing.push(() => child.kill('SIGKILL'));
  return child;
}

async function kill(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const gone = once(child, 'exit');
  child.kill(signal);
  await gone;
}

test('after kills of gateway and broker the cloud has exactly what the journals accepted', async () => {
  let broker = await startBroker();
  const cloud = startCloud(broker.port);
  const config = configOf(broker.port, 'killed');
  const disk = new NodeDisk(config.journal.path);
  for (let round = 0; round < 3; round++) {
    const child = spawnGateway(config);
    const before = cloud.stored.size;
    await until('frames arrive', () => cloud.stored.size > before + 60);
    if (round === 1) {
      await broker.stop();
      await wait(500);
      broker = await startBroker(broker.port);
    }
    await kill(child, 'SIGKILL');
  }
  const births = cloud.births.length;
  const last = spawnGateway(config, 'quiet');
  await until('it is born', () => cloud.births.length > births);
  const accepted = new Map<string, unknown>();
  for await (const entry of readJournal(disk)) {
    if (entry.stream === 'measurements') accepted.set(`${entry.run}/${entry.offset}`, frameOf(entry));
  }
  assert.ok(accepted.size > 180);
  await until('the backlog drains', () => [...accepted.keys()].every((key) => cloud.stored.has(key)));
  const acknowledged = async (): Promise<number> => (await inspectJournal(disk)).streams.measurements.acknowledged;
  await until('all is acknowledged', async () => (await acknowledged()) === accepted.size);
  await kill(last, 'SIGTERM');
  assert.deepEqual(cloud.stored, new Map([...accepted].filter(([key]) => cloud.stored.has(key))));
  assert.equal(cloud.stored.size, accepted.size, 'no duplicates and nothing invented');
  const report = await inspectJournal(disk);
  assert.deepEqual(report.streams.measurements.unaccounted, []);
});

test('the worker connects with a password from a file, follows a time line and stops cleanly', async () => {
  const broker = await startBroker(0, 'right');
  const passwordFile = join(root, 'password');
  writeFileSync(passwordFile, 'wrong\n');
  const line = { plantOriginMs: Date.UTC(2021, 8, 25), monotonicOriginMs: clock.machine.elapsed(), speed: 60 };
  // There is no host here to wait for.
  const config = { ...configOf(broker.port, 'worker'), hostId: '', username: 'owd-01', passwordFile };
  const heard: FromUplink[] = [];
  const uplink = new WorkerUplink({ config, clock, line, seed: 1, onFailure: fail });
  const restored = await uplink.start((message) => heard.push(message));
  closing.push(() => uplink.stop());
  assert.deepEqual(restored, { stateJson: null, documents: [], model: null });
  assert.equal(uplink.send({ kind: 'state', json: '{"timer":7}' }), true);
  await wait(500);
  assert.equal(
    heard.some(({ kind }) => kind === 'link'),
    false,
  );
  writeFileSync(passwordFile, 'right\n');
  await until('the link is up', () => heard.some((each) => each.kind === 'link' && each.connected));
  const troubles = heard.flatMap((each) => (each.kind === 'trouble' ? [each.text] : []));
  assert.equal(troubles.length, 1, `once for each cause, however often it tried: ${troubles.join('\n')}`);
  assert.match(troubles[0]!, /Not authorized; .*uplink\.userFile/);
  uplink.setLine({ ...line, speed: 1 });
  await until('the queue is empty', () => uplink.queued === 0);
  assert.equal(uplink.refused, 0);
  await uplink.stop();
  const again = new WorkerUplink({ config, clock, line, seed: 2, onFailure: fail });
  const second = await again.start(() => {});
  assert.equal(second.stateJson, '{"timer":7}');
  await again.stop();
  const events: string[] = [];
  for await (const entry of readJournal(new NodeDisk(config.journal.path))) {
    events.push(new TextDecoder().decode(entry.payload));
  }
  assert.ok(
    events.some((each) => each.includes('uplink.down')),
    'the reason for the missing link is reported',
  );
});

test('the worker queue is bounded, and overflow is counted', async () => {
  const config = configOf(1, 'bounded');
  const uplink = new WorkerUplink({ config, clock, line: null, seed: 1, onFailure: fail, maxQueued: 10 });
  const event = { time: 0, kind: 'event', severity: 'info', code: 'test', text: 'test' } as const;
  assert.equal(uplink.send({ kind: 'events', events: [event] }), false, 'the worker does not exist before the start');
  await uplink.start(() => {});
  assert.equal(uplink.send({ kind: 'events', events: Array.from({ length: 11 }, () => event) }), false);
  assert.equal(uplink.send({ kind: 'events', events: Array.from({ length: 10 }, () => event) }), true);
  assert.equal(uplink.refused, 12);
  await uplink.stop();
});
