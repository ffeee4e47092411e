import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import mqtt, { type MqttClient } from 'mqtt';
import type { Acknowledgement } from '../../shared/contracts/acknowledgement.ts';
import { SystemClock } from '../../shared/time/system-clock.ts';
import { OpenedEvents } from '../audit/testing/opened-events.ts';
import { WorkerStore } from '../telemetry/worker-store.ts';
import { BirthFile } from './birth-file.ts';
import { UplinkBroker } from './broker.ts';
import { Ingest } from './ingest.ts';
import { LedgerFile } from './ledger-file.ts';
import { Ledger } from './ledger.ts';
import { TestGateway } from './testing/test-gateway.ts';

const fail = (error: unknown): void => {
  throw error;
};

/** Broker, ingest, ledger, store and event log of a cloud, on real files. */
async function cloudOn(dir: string, said: string[]) {
  const ledger = new Ledger(new LedgerFile(join(dir, 'ledger.db')));
  const store = new WorkerStore({ path: join(dir, 'telemetry.db'), receivedAt: ledger });
  const births = new BirthFile(join(dir, 'births.db'));
  const events = new OpenedEvents(join(dir, 'events.db'));
  for (const each of [ledger, births]) await each.open();
  await store.open();
  const broker = new UplinkBroker({ port: 0, group: 'north', users: 'anonymous' });
  await broker.start();
  const ingest = new Ingest({
    link: broker.link(),
    store,
    ledger,
    births,
    events,
    clock: new SystemClock(fail),
    group: 'north',
    handlers: {
      onBudget: (gateway, code, fault) => void said.push(`${fault === null ? 'within' : 'over'} ${gateway} ${code}`),
    },
  });
  await ingest.start();
  const stop = async (): Promise<void> => {
    await ingest.stop();
    await broker.stop();
    await store.close();
    for (const each of [ledger, births, events]) each.close();
  };
  return { port: broker.port, ledger, stop };
}

async function gatewayOn(port: number, gateway: string, run: number) {
  const client: MqttClient = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, { clientId: gateway });
  const send = async (topic: string, payload: Uint8Array): Promise<void> => {
    await client.publishAsync(topic, Buffer.from(payload), { qos: 0 });
  };
  const edge = new TestGateway({ gateway, group: 'north', run, send, now: () => Date.now() });
  client.on('message', (_topic, payload) => edge.acknowledged(JSON.parse(payload.toString()) as Acknowledgement));
  await client.subscribeAsync(`loadstone/v1/${gateway}/ack`);
  await edge.born(['pv-1']);
  await edge.sendRanges({ stream: 'measurements', runs: [{ run, firstOffset: 0 }], missing: [] });
  return { client, edge };
}

/** Sends reports of invented runs, and frames of as many others. */
async function invent(edge: TestGateway, from: number): Promise<void> {
  for (let n = from; n < from + 50_000; n += 1000) {
    const runs = Array.from({ length: 1000 }, (_, i) => ({ run: n + i, firstOffset: n + i }));
    await edge.sendRanges({ stream: 'measurements', runs, missing: [] });
  }
  for (let n = 0; n < 10_000; n++) {
    edge.run = 100_000_000 + from + n;
    await edge.sendFrame(edge.accept('pv-1', Date.now(), { activePowerKw: n }));
  }
}

async function drain(edge: TestGateway): Promise<number> {
  for (let turn = 0; turn < 60 && edge.open().length > 0; turn++) {
    for (const offset of edge.open()) await edge.sendFrame(offset, turn > 0);
    await wait(1000);
  }
  return edge.open().length;
}

test('a gateway that invents runs, before and after a cloud restart, neither fills the ledger nor harms others', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'loadstone-budgets-'));
  const said: string[] = [];
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  for (const start of [0, 1]) {
    const cloud = await cloudOn(dir, said);
    const hostile = await gatewayOn(cloud.port, 'bad-01', 1);
    const honest = await gatewayOn(cloud.port, 'owd-01', 70 + start);
    const flood = invent(hostile.edge, 1_000_000 * (start + 1));
    for (let n = 0; n < 300; n++) honest.edge.accept('pv-1', Date.now(), { activePowerKw: n });
    assert.equal(await drain(honest.edge), 0, 'nothing of the honest gateway is waiting');
    await flood;
    await wait(2000);
    assert.equal(cloud.ledger.storedCount('owd-01'), 300 * (start + 1));
    for (const { client } of [hostile, honest]) client.end(true);
    await cloud.stop();
    const db = new DatabaseSync(join(dir, 'ledger.db'), { readOnly: true });
    const runs = Number(db.prepare("SELECT count(*) AS n FROM run WHERE gateway = 'bad-01'").get()?.['n']);
    db.close();
    assert.ok(runs <= 20_100, `${runs} runs of the hostile gateway after start ${start}`);
  }
  assert.ok(said.includes('over bad-01 LS-BUDGET-002'));
  assert.ok(!said.some((line) => line.includes('owd-01')), 'no alarm for the honest gateway');
});
