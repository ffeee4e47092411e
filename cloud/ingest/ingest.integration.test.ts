import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import mqtt, { type MqttClient } from 'mqtt';
import type { Acknowledgement } from '../../shared/contracts/acknowledgement.ts';
import { SystemClock } from '../../shared/time/system-clock.ts';
import { MqttLink } from '../../edge/uplink/mqtt-link.ts';
import type { Link } from '../../shared/ports/link.ts';
import { SeededRandom } from '../../shared/ports/random.ts';
import { until } from '../../shared/testing/until.ts';
import { startInflux, startMosquitto } from '../../simulators/testing/debian.ts';
import { freePort } from '../../simulators/testing/free-ports.ts';
import { OpenedEvents } from '../audit/testing/opened-events.ts';
import { InfluxStore } from '../telemetry/influx-store.ts';
import type { TelemetryStore } from '../telemetry/store.ts';
import { WorkerStore } from '../telemetry/worker-store.ts';
import { BirthFile } from './birth-file.ts';
import { UplinkBroker } from './broker.ts';
import { Ingest } from './ingest.ts';
import { LedgerFile } from './ledger-file.ts';
import { Ledger } from './ledger.ts';
import { TestGateway } from './testing/test-gateway.ts';

const gateways = ['owd-01', 'wls-01'];
const start = Date.now() - 3_600_000;
const fail = (error: unknown): void => {
  throw error;
};

/** The cloud's ingest in this process, on real files, with the given link. */
async function cloudOn(link: Link, options: { dir: string; store: TelemetryStore; ledger: Ledger }) {
  const { dir, store, ledger } = options;
  await ledger.open();
  await store.open();
  const births = new BirthFile(join(dir, 'births.db'));
  const events = new OpenedEvents(join(dir, 'events.db'));
  births.open();
  const ingest = new Ingest({ link, store, ledger, births, events, clock: new SystemClock(fail), group: 'north' });
  await ingest.start();
  const stop = async (): Promise<void> => {
    await ingest.stop();
    await store.close();
    for (const each of [ledger, births, events]) each.close();
  };
  return { ingest, stop };
}

async function cloud(options: { dir: string; port: number; store: TelemetryStore; ledger: Ledger }) {
  const broker = new UplinkBroker({ port: options.port, group: 'north', users: 'anonymous' });
  await broker.start();
  const { stop } = await cloudOn(broker.link(), options);
  const stopAll = async (): Promise<void> => {
    await stop();
    await broker.stop();
  };
  return { port: broker.port, stop: stopAll };
}

/** Gateways on mqtt.js. They send their first hundred frames at once, the rest during the test. */
async function edge(port: number): Promise<{ clients: MqttClient[]; gateways: TestGateway[] }> {
  const clients: MqttClient[] = [];
  const made: TestGateway[] = [];
  for (const [index, gateway] of gateways.entries()) {
    const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, { clientId: gateway, reconnectPeriod: 200 });
    const send = async (topic: string, payload: Uint8Array): Promise<void> => {
      if (client.connected) client.publish(topic, Buffer.from(payload), { qos: 0 });
    };
    const each = new TestGateway({ gateway, group: 'north', run: 100 + index, send, now: () => Date.now() });
    client.on('message', (_topic, payload) => each.acknowledged(JSON.parse(payload.toString()) as Acknowledgement));
    const born = async (): Promise<void> => {
      await client.subscribeAsync(`loadstone/v1/${gateway}/ack`);
      await each.born(['pv-1', 'feeder-1']);
      await each.sendRanges({ stream: 'measurements', runs: [{ run: each.run, firstOffset: 0 }], missing: [] });
    };
    await born();
    client.on('connect', () => void born().catch(fail));
    clients.push(client);
    made.push(each);
  }
  return { clients, gateways: made };
}

function accept(gateway: TestGateway, count: number): void {
  for (let n = 0; n < count; n++) {
    const offset = gateway.nextOffset;
    gateway.accept(offset % 2 === 0 ? 'pv-1' : 'feeder-1', start + offset * 100, {
      activePowerKw: offset,
      voltagePu: 1,
    });
  }
}

/** Resends unacknowledged frames until all are acknowledged. */
async function drain(each: TestGateway): Promise<void> {
  let again = false;
  await until('all frames are acknowledged', async () => {
    for (const offset of each.open()) await each.sendFrame(offset, again);
    again = true;
    await wait(1000);
    return each.open().length === 0;
  });
}

async function everythingOnce(store: TelemetryStore, ledger: Ledger, edges: readonly TestGateway[]): Promise<void> {
  for (const [index, each] of edges.entries()) {
    const gateway = gateways[index]!;
    const series = ['pv-1', 'feeder-1'].map((device) => ({ gateway, device, metric: 'activePowerKw' }));
    const found = await store.read({ series, start, end: start + 3_600_000 });
    const values = found
      .flat()
      .map((sample) => sample.value)
      .sort((a, b) => a - b);
    assert.deepEqual(
      values,
      Array.from({ length: each.frames.size }, (_, offset) => offset),
    );
    assert.equal(ledger.storedCount(gateway), each.frames.size);
    assert.equal(ledger.completeness(gateway).complete, true);
  }
}

test('InfluxDB killed with -9 and restarted: nothing unstored is acknowledged, and everything drains', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'loadstone-ingest-'));
  const influx = await startInflux({ dir: join(dir, 'influx') });
  const ledger = new Ledger(new LedgerFile(join(dir, 'ledger.db')));
  const store = new InfluxStore({
    url: influx.url,
    database: 'loadstone',
    create: true,
    receivedAt: ledger,
    timeoutMs: 2000,
  });
  const it = await cloud({ dir, port: 0, store, ledger });
  const { clients, gateways: edges } = await edge(it.port);
  t.after(async () => {
    for (const client of clients) client.end(true);
    await it.stop();
    await influx.kill();
    rmSync(dir, { recursive: true, force: true });
  });
  for (const each of edges) accept(each, 500);
  await Promise.all(edges.map((each) => drain(each)));

  for (const each of edges) accept(each, 1000);
  for (const each of edges) for (const offset of each.open()) await each.sendFrame(offset);
  await influx.kill();
  await wait(2500);
  const openWhileDown = edges.map((each) => each.open().length);
  const accountedWhileDown = edges.map((each, index) => each.frames.size - ledger.storedCount(gateways[index]!));
  assert.deepEqual(openWhileDown, accountedWhileDown, 'acknowledged is what the ledger holds, no more');
  for (const each of edges) accept(each, 200);
  await influx.start();
  await Promise.all(edges.map((each) => drain(each)));
  await everythingOnce(store, ledger, edges);
});

test('the cloud restarts on the same files: gateways continue, every frame counts once', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'loadstone-ingest-'));
  const ledger = (): Ledger => new Ledger(new LedgerFile(join(dir, 'ledger.db')));
  const first = ledger();
  const store = new WorkerStore({ path: join(dir, 'telemetry.db') });
  const before = await cloud({ dir, port: 0, store, ledger: first });
  const { clients, gateways: edges } = await edge(before.port);
  let running = before;
  t.after(async () => {
    for (const client of clients) client.end(true);
    await running.stop();
    rmSync(dir, { recursive: true, force: true });
  });
  for (const each of edges) accept(each, 300);
  for (const each of edges) for (const offset of each.open()) await each.sendFrame(offset);
  await wait(300);
  await before.stop();
  for (const each of edges) accept(each, 300);
  const second = ledger();
  const again = new WorkerStore({ path: join(dir, 'telemetry.db') });
  const after = await cloud({ dir, port: before.port, store: again, ledger: second });
  running = after;
  await until('all have connected again', () => clients.every((client) => client.connected));
  await wait(300);
  await Promise.all(edges.map((each) => drain(each)));
  await everythingOnce(again, second, edges);
});

test('another broker, killed with -9 and restarted: the same guarantees hold', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'loadstone-ingest-'));
  let mosquitto = await startMosquitto({ port: await freePort(), dir: join(dir, 'mosquitto') });
  const ledger = new Ledger(new LedgerFile(join(dir, 'ledger.db')));
  const store = new WorkerStore({ path: join(dir, 'telemetry.db') });
  const clock = new SystemClock(fail);
  const random = new SeededRandom(1);
  const link = new MqttLink({
    url: mosquitto.url,
    keepAliveS: 5,
    reconnectS: [0.2, 1],
    clock,
    random,
    onFailure: fail,
  });
  const it = await cloudOn(link, { dir, store, ledger });
  await until('the cloud is connected', () => link.connected);
  const { clients, gateways: edges } = await edge(mosquitto.port);
  t.after(async () => {
    for (const client of clients) client.end(true);
    await it.stop();
    await mosquitto.stop('SIGKILL');
    rmSync(dir, { recursive: true, force: true });
  });
  for (const client of clients) client.on('error', () => undefined);
  // Their births must arrive first: unlike a real gateway, these do not answer a rebirth request.
  for (const each of edges) accept(each, 1);
  await Promise.all(edges.map((each) => drain(each)));
  for (const each of edges) accept(each, 400);
  for (const each of edges) for (const offset of each.open()) await each.sendFrame(offset);
  await mosquitto.stop('SIGKILL');
  for (const each of edges) accept(each, 100);
  mosquitto = await startMosquitto({ port: mosquitto.port, dir: join(dir, 'mosquitto') });
  await until('all have connected again', () => link.connected && clients.every((client) => client.connected));
  await wait(300);
  await Promise.all(edges.map((each) => drain(each)));
  await everythingOnce(store, ledger, edges);
});
