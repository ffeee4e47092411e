import mqtt, { type MqttClient } from 'mqtt';
import { after, before, test } from 'node:test';
import type { Driver } from '../../../edge/drivers/driver.ts';
import { SparkplugDriver } from '../../../edge/drivers/sparkplug/sparkplug-driver.ts';
import { SparkplugHost } from '../../../edge/drivers/sparkplug/sparkplug-host.ts';
import { OPTIONS, POWER, SET } from '../../../edge/drivers/sparkplug/testing/test-node.ts';
import { TopicBus } from '../../../edge/drivers/topic-bus.ts';
import { MqttLink } from '../../../edge/uplink/mqtt-link.ts';
import { decodePayload } from '../../../shared/codec/sparkplug.ts';
import { SeededRandom } from '../../../shared/ports/random.ts';
import { unwrap } from '../../../shared/outcome/outcome.ts';
import { SystemClock } from '../../../shared/time/system-clock.ts';
import { until } from '../../../shared/testing/until.ts';
import { decodeForeign, encodeForeign, ListeningBroker, typeOf, type Publish } from './testing/listening-broker.ts';
import { HostSession } from './testing/host-session.ts';
import { Proof } from './testing/proof.ts';

const HOST = 'owd-01';
const NODE = 'plc-1';
const proof = new Proof('gateway');
const broker = new ListeningBroker();
const session = new HostSession(broker, HOST);
const fail = (error: unknown): never => {
  throw error;
};
const clock = new SystemClock(fail);
let node: MqttClient;
let bus: TopicBus;
let battery: Driver;
let own: Driver;
let seq = 0;

/** The gateway's own host on a separate connection, so that there is a CONNECT to inspect. */
before(async () => {
  await broker.start();
  const url = `mqtt://127.0.0.1:${broker.port}`;
  // A third-party node that connected before the gateway and does not know it.
  node = await mqtt.connectAsync(url, {
    clientId: NODE,
    will: { topic: `spBv1.0/north/NDEATH/${NODE}`, payload: Buffer.from(death()), qos: 1, retain: false },
  });
  await node.subscribeAsync([`spBv1.0/north/NCMD/${NODE}`, `spBv1.0/north/DCMD/${NODE}/+`]);
  const random = new SeededRandom(3);
  const link = new MqttLink({ url, keepAliveS: 30, reconnectS: [0.05, 0.1], clock, random, onFailure: fail });
  bus = new TopicBus(link, HOST);
  const host = new SparkplugHost({ bus, clock, hostId: HOST });
  battery = new SparkplugDriver({ ...OPTIONS, node: host.node('north', NODE), clock });
  own = new SparkplugDriver({ ...OPTIONS, device: undefined, node: host.node('north', NODE), clock });
  bus.open();
  await until('the host is online', () => session.states().length > 0);
});
after(async () => {
  await node.endAsync(true);
  await broker.stop();
});

type Metrics = NonNullable<Parameters<typeof encodeForeign>[0]['metrics']>;
const death = (): Uint8Array =>
  encodeForeign({ timestamp: Date.now(), metrics: [{ name: 'bdSeq', type: 'Int64', value: 7 }] });
const said = (...types: string[]): readonly Publish[] =>
  broker.sparkplugOf(HOST).filter((each) => types.includes(typeOf(each)));
const powerKw = (driver: Driver): number | undefined => driver.read().get('activePowerKw')?.value;

async function say(type: string, device: string | undefined, metrics: Metrics): Promise<void> {
  seq = type === 'NBIRTH' ? 0 : (seq + 1) % 256;
  const payload = Buffer.from(encodeForeign({ timestamp: Date.now(), seq, metrics }));
  await node.publishAsync(`spBv1.0/north/${type}/${NODE}${device === undefined ? '' : `/${device}`}`, payload);
}

async function bornNow(powerW: number): Promise<void> {
  const timestamp = Date.now();
  const names = (type: 'Int16' | 'Double'): Metrics => [
    { name: POWER, type, value: powerW, timestamp, ...(type === 'Int16' ? { alias: 1 } : {}) },
    { name: SET, type, value: 0, timestamp, ...(type === 'Int16' ? { alias: 2 } : {}) },
  ];
  await say('NBIRTH', undefined, [
    { name: 'bdSeq', type: 'Int64', value: 7, timestamp },
    { name: 'Node Control/Rebirth', type: 'Boolean', value: false, timestamp },
    ...names('Double'),
  ]);
  await say('DBIRTH', 'battery', names('Int16'));
}

test('the host connects with its death as the will, subscribes, then announces itself online', (t) => {
  proof.holds(t, session.connects(`spBv1.0/north/DDATA/${NODE}/+`));
});

test('the host corrects an offline STATE of its own', async (t) => {
  const said = (topic: string, payload: string) => node.publishAsync(topic, payload, { qos: 1, retain: true });
  proof.holds(t, await session.contradicts(said));
});

test('the host requests births from a running node and reads it', async (t) => {
  await until('it asks', () => said('NCMD').length > 0);
  const asked = said('NCMD')[0]!;
  const command = decodeForeign(asked);
  const [metric] = command.metrics ?? [];
  await bornNow(1500);
  await until('both are read', () => powerKw(battery) === 1.5 && powerKw(own) === 1.5);
  await say('DDATA', 'battery', [{ name: '', alias: 1, type: 'Int16', value: -2500, timestamp: Date.now() }]);
  await until('the data is read by its alias', () => powerKw(battery) === -2.5);
  proof.holds(t, {
    'topics-ncmd-topic operational-behavior-data-commands-ncmd-rebirth-verb':
      asked.topic === `spBv1.0/north/NCMD/${NODE}`,
    'topics-ncmd-mqtt payloads-ncmd-qos payloads-ncmd-retain': asked.qos === 0 && !asked.retain,
    'topics-ncmd-timestamp payloads-ncmd-timestamp': Number(command.timestamp) > 1_600_000_000_000,
    'topics-ncmd-payload operational-behavior-data-commands-ncmd-rebirth-name':
      command.metrics?.length === 1 && metric?.name === 'Node Control/Rebirth',
    'operational-behavior-data-commands-ncmd-rebirth-value': metric?.type === 'Boolean' && metric.value === true,
    'payloads-ncmd-seq': unwrap(decodePayload(asked.payload)).seq === undefined,
  });
});

test('setpoints are DCMD for a device and NCMD for a node, with the type of the birth', async (t) => {
  const before = said('NCMD').length;
  await battery.hold({ activePowerKw: 5 }, false);
  await own.hold({ activePowerKw: -7 }, false);
  await until('both are commanded', () => said('DCMD').length === 1 && said('NCMD').length === before + 1);
  const [dcmd, ncmd] = [said('DCMD')[0]!, said('NCMD').at(-1)!];
  const [toDevice, toNode] = [decodeForeign(dcmd), decodeForeign(ncmd)];
  const [set, nodeSet] = [toDevice.metrics?.[0], toNode.metrics?.[0]];
  const raw = unwrap(decodePayload(dcmd.payload));
  proof.holds(t, {
    'topics-dcmd-topic operational-behavior-data-commands-dcmd-verb':
      dcmd.topic === `spBv1.0/north/DCMD/${NODE}/battery`,
    'topics-dcmd-mqtt payloads-dcmd-qos payloads-dcmd-retain': dcmd.qos === 0 && !dcmd.retain,
    'topics-dcmd-timestamp payloads-dcmd-timestamp': Number(toDevice.timestamp) > 1_600_000_000_000,
    'topics-dcmd-payload operational-behavior-data-commands-dcmd-metric-name':
      toDevice.metrics?.length === 1 && Number(set?.alias) === 2,
    'operational-behavior-data-commands-dcmd-metric-value': set?.type === 'Int16' && set.value === 5000,
    'payloads-alias-data-cmd-requirement': raw.metrics[0]?.name === undefined && nodeSet?.name === SET,
    'payloads-dcmd-seq': raw.seq === undefined,
    'payloads-name-cmd-requirement': Number(set?.timestamp) > 1_600_000_000_000,
    'operational-behavior-data-commands-ncmd-verb': ncmd.topic === `spBv1.0/north/NCMD/${NODE}`,
    'operational-behavior-data-commands-ncmd-metric-name': toNode.metrics?.length === 1 && nodeSet?.name === SET,
    'operational-behavior-data-commands-ncmd-metric-value': nodeSet?.type === 'Double' && nodeSet.value === -7000,
  });
});

test('deaths take node and devices offline', async (t) => {
  await say('DDEATH', 'battery', []);
  await until('the device is gone', () => battery.gone?.() === true);
  const nodeStays = own.gone?.() === false;
  await bornNow(100);
  await until('it is back', () => battery.gone?.() === false);
  node.stream.destroy();
  await until('its will is delivered', () => own.gone?.() === true);
  const both = own.gone?.() === true && battery.gone?.() === true;
  proof.holds(t, {
    'operational-behavior-edge-node-termination-host-action-ddeath-devices-offline operational-behavior-edge-node-termination-host-action-ddeath-devices-tags-stale':
      nodeStays,
    'operational-behavior-edge-node-termination-host-action-ndeath-node-offline operational-behavior-edge-node-termination-host-action-ndeath-node-tags-stale':
      both,
    'operational-behavior-edge-node-termination-host-action-ndeath-devices-offline operational-behavior-edge-node-termination-host-action-ndeath-devices-tags-stale':
      both,
  });
});

test('says goodbye', async (t) => {
  proof.holds(t, await session.leaves(() => bus.close()));
});

test('the table matches these tests', () => proof.compare());
