import mqtt, { type MqttClient } from 'mqtt';
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { OpenedEvents } from '../../../cloud/audit/testing/opened-events.ts';
import { BirthFile } from '../../../cloud/ingest/birth-file.ts';
import { FOREIGN_RUN } from '../../../cloud/ingest/frame-desk.ts';
import { Ingest } from '../../../cloud/ingest/ingest.ts';
import { LedgerFile } from '../../../cloud/ingest/ledger-file.ts';
import { Ledger } from '../../../cloud/ingest/ledger.ts';
import { LiveState } from '../../../cloud/telemetry/live.ts';
import { SqliteStore } from '../../../cloud/telemetry/sqlite-store.ts';
import { MqttLink } from '../../../edge/uplink/mqtt-link.ts';
import { decodePayload } from '../../../shared/codec/sparkplug.ts';
import { SeededRandom } from '../../../shared/ports/random.ts';
import { unwrap } from '../../../shared/outcome/outcome.ts';
import { SystemClock } from '../../../shared/time/system-clock.ts';
import { until } from '../../../shared/testing/until.ts';
import { decodeForeign, encodeForeign, ListeningBroker } from './testing/listening-broker.ts';
import { HostSession } from './testing/host-session.ts';
import { Proof } from './testing/proof.ts';

const HOST = 'loadstone-cloud';
const NODE = 'foreign-1';
const POWER = 'Power/Total';
const proof = new Proof('host');
const broker = new ListeningBroker();
const session = new HostSession(broker, HOST);
const fail = (error: unknown): never => {
  throw error;
};
const clock = new SystemClock(fail);
const ledger = new Ledger(new LedgerFile(':memory:'));
const store = new SqliteStore({ path: ':memory:', receivedAt: ledger });
const births = new BirthFile(':memory:');
const events = new OpenedEvents();
const heard: { readonly device: string; readonly bestEffort: boolean; readonly run: number }[] = [];
const deaths: string[] = [];
const live = new LiveState();
const REORDER_S = 1;
let node: MqttClient;
let ingest: Ingest;
let seq = 0;

before(async () => {
  await broker.start();
  const url = `mqtt://127.0.0.1:${broker.port}`;
  for (const each of [ledger, births]) await each.open();
  await store.open();
  const random = new SeededRandom(3);
  const link = new MqttLink({ url, keepAliveS: 30, reconnectS: [0.05, 0.1], clock, random, onFailure: fail });
  ingest = new Ingest({
    link,
    store,
    ledger,
    births,
    events,
    clock,
    group: 'north',
    reorderS: REORDER_S,
    handlers: {
      onFrame: ({ gateway, run }, frame, arrival) => {
        heard.push({ device: frame.device, bestEffort: arrival.bestEffort, run });
        live.apply(gateway, frame, arrival);
      },
      onBirth: (gateway, device) => live.onBirth(gateway, device),
      onDeath: (gateway, device, at) => {
        deaths.push(`${gateway} ${device ?? 'node'}`);
        live.stale(gateway, device, at);
      },
    },
  });
  await ingest.start();
  await until('the host is online', () => session.states().length > 0);
  // A third-party edge node: metrics by name and alias, integers and floats, no body, no offsets.
  node = await mqtt.connectAsync(url, {
    clientId: NODE,
    will: { topic: `spBv1.0/north/NDEATH/${NODE}`, payload: Buffer.from(death(0)), qos: 1, retain: false },
  });
  await node.subscribeAsync(`spBv1.0/north/NCMD/${NODE}`);
});
after(async () => {
  await node.endAsync(true);
  await store.close();
  for (const each of [ledger, births, events]) each.close();
  await broker.stop();
});

type Metrics = NonNullable<Parameters<typeof encodeForeign>[0]['metrics']>;
const death = (bdSeq: number): Uint8Array =>
  encodeForeign({ timestamp: Date.now(), metrics: [{ name: 'bdSeq', type: 'Int64', value: bdSeq }] });

async function say(type: string, device: string | undefined, metrics: Metrics): Promise<void> {
  await publishWithSeq(type === 'NBIRTH' ? 0 : (seq + 1) % 256, type, device, metrics);
}

async function publishWithSeq(
  number: number,
  type: string,
  device: string | undefined,
  metrics: Metrics,
): Promise<void> {
  seq = number;
  const payload = Buffer.from(encodeForeign({ timestamp: Date.now(), seq, metrics }));
  const topic = `spBv1.0/north/${type}/${NODE}${device === undefined ? '' : `/${device}`}`;
  await node.publishAsync(topic, payload, { qos: 0 });
}

async function bornNow(): Promise<void> {
  const now = Date.now();
  await say('NBIRTH', undefined, [
    { name: 'bdSeq', type: 'Int64', value: 0, timestamp: now },
    { name: 'Node Control/Rebirth', type: 'Boolean', value: false, timestamp: now },
    { name: 'Uptime', type: 'Float', value: 0, timestamp: now },
  ]);
  await say('DBIRTH', 'meter-1', [
    { name: 'Power/Total', alias: 1, type: 'Float', value: 0, timestamp: now },
    { name: 'Tap', alias: 2, type: 'Int16', value: -3, timestamp: now },
  ]);
}

test('the host connects with its death as the will, subscribes, then announces itself online', (t) => {
  proof.holds(t, session.connects('spBv1.0/north/DDATA/+/+'));
});

test('the host corrects an offline STATE of its own', async (t) => {
  const said = (topic: string, payload: string) => node.publishAsync(topic, payload, { qos: 1, retain: true });
  proof.holds(t, await session.contradicts(said));
});

test('a foreign edge node joins as a gateway without offsets, and its data is stored', async (t) => {
  const commands: { payload: Buffer; qos: number; retain: boolean }[] = [];
  node.on('message', (_topic, payload, { qos, retain }) => commands.push({ payload, qos, retain }));
  // Data before any birth: the host requests a rebirth.
  await say('DDATA', 'meter-1', [{ name: 'Power/Total', type: 'Float', value: 1, timestamp: Date.now() }]);
  await until('it asks for a rebirth', () => commands.length > 0);
  const asked = broker.sparkplugOf(HOST).find(({ topic }) => topic.includes('/NCMD/'))!;
  await bornNow();
  const start = Date.now();
  for (let n = 0; n < 20; n++) {
    await say('DDATA', 'meter-1', [
      { name: '', alias: 1, type: 'Float', value: n / 2, timestamp: start + n },
      { name: '', alias: 2, type: 'Int16', value: -n, timestamp: start + n },
    ]);
  }
  await until('all of it is stored', () => ledger.storedCount(NODE) >= 20);
  const series = ['Power/Total', 'Tap'].map((metric) => ({ gateway: NODE, device: 'meter-1', metric }));
  const found = await store.read({ series, start, end: start + 1000 });
  assert.deepEqual(
    found.map((samples) => samples.map(({ value }) => value)),
    [Array.from({ length: 20 }, (_, n) => n / 2), Array.from({ length: 20 }, (_, n) => 0 - n)],
  );
  assert.ok(
    heard.every(({ bestEffort, run }) => bestEffort && run === FOREIGN_RUN),
    'marked: its gaps remain',
  );
  const command = decodeForeign(asked);
  const [metric] = command.metrics ?? [];
  proof.holds(t, {
    'topics-ncmd-topic operational-behavior-data-commands-ncmd-verb operational-behavior-data-commands-ncmd-rebirth-verb':
      asked.topic === `spBv1.0/north/NCMD/${NODE}`,
    'topics-ncmd-mqtt payloads-ncmd-qos payloads-ncmd-retain': asked.qos === 0 && !asked.retain,
    'topics-ncmd-timestamp payloads-ncmd-timestamp payloads-name-cmd-requirement':
      Number(command.timestamp) > 1_600_000_000_000,
    'topics-ncmd-payload operational-behavior-data-commands-ncmd-metric-name operational-behavior-data-commands-ncmd-rebirth-name':
      command.metrics?.length === 1 && metric?.name === 'Node Control/Rebirth',
    'operational-behavior-data-commands-ncmd-metric-value operational-behavior-data-commands-ncmd-rebirth-value':
      metric?.type === 'Boolean' && metric.value === true,
    'payloads-ncmd-seq': unwrap(decodePayload(asked.payload)).seq === undefined,
  });
});

test('an overtaken message is awaited, a lost one requests a rebirth', async (t) => {
  const requests = (): number => broker.sparkplugOf(HOST).filter(({ topic }) => topic.includes('/NCMD/')).length;
  const power = (value: number): Metrics => [{ name: '', alias: 1, type: 'Float', value, timestamp: Date.now() }];
  const stored = ledger.storedCount(NODE);
  await bornNow();
  const before = requests();
  await publishWithSeq(3, 'DDATA', 'meter-1', power(2));
  await publishWithSeq(2, 'DDATA', 'meter-1', power(1));
  await until('both are stored', () => ledger.storedCount(NODE) >= stored + 2);
  await wait(3000 * REORDER_S);
  const patient = requests() === before;
  const from = clock.machine.elapsed();
  await publishWithSeq(5, 'DDATA', 'meter-1', power(3));
  await until('it asks for a rebirth', () => requests() > before);
  const started = clock.machine.elapsed() - from > 900 * REORDER_S;
  proof.holds(t, {
    'operational-behavior-host-reordering-param operational-behavior-host-reordering-start': started,
    'operational-behavior-host-reordering-success': patient,
    'operational-behavior-host-reordering-rebirth': requests() === before + 1,
  });
});

test('deaths take node and devices offline', async (t) => {
  const quality = (device: string, metric: string): string | undefined => live.get(NODE, device, metric)?.quality;
  const data = async (): Promise<void> => {
    const now = Date.now();
    await say('NDATA', undefined, [{ name: 'Uptime', type: 'Float', value: 1, timestamp: now }]);
    await say('DDATA', 'meter-1', [{ name: '', alias: 1, type: 'Float', value: 1, timestamp: now }]);
    await until('both are good', () => quality('node', 'Uptime') === 'good' && quality('meter-1', POWER) === 'good');
  };
  await bornNow();
  await data();
  await say('DDEATH', 'meter-1', []);
  await until('the device is dead', () => deaths.length > 0);
  const device = ingest.isAlive(NODE) && !ingest.devices(NODE).includes('meter-1');
  const deviceStale = quality('meter-1', POWER) === 'uncertain' && quality('node', 'Uptime') === 'good';
  await bornNow();
  await until('both are back', () => ingest.devices(NODE).includes('meter-1'));
  await data();
  node.stream.destroy();
  await until('its will is delivered', () => deaths.length > 1);
  proof.holds(t, {
    'operational-behavior-edge-node-termination-host-action-ddeath-devices-offline':
      device && deaths[0] === `${NODE} meter-1`,
    'operational-behavior-edge-node-termination-host-action-ndeath-node-offline':
      !ingest.isAlive(NODE) && deaths[1] === `${NODE} node`,
    'operational-behavior-edge-node-termination-host-action-ndeath-devices-offline': ingest.devices(NODE).length === 0,
    'operational-behavior-edge-node-termination-host-action-ddeath-devices-tags-stale': deviceStale,
    'operational-behavior-edge-node-termination-host-action-ndeath-node-tags-stale':
      quality('node', 'Uptime') === 'uncertain',
    'operational-behavior-edge-node-termination-host-action-ndeath-devices-tags-stale':
      quality('meter-1', POWER) === 'uncertain',
  });
});

test('says goodbye', async (t) => {
  proof.holds(t, await session.leaves(() => ingest.stop()));
});

test('the table matches these tests', () => proof.compare());
