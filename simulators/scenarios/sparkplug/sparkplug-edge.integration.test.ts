import mqtt, { type MqttClient } from 'mqtt';
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { MqttLink } from '../../../edge/uplink/mqtt-link.ts';
import { configFor } from '../../../edge/uplink/testing/bench.ts';
import { UplinkCore } from '../../../edge/uplink/uplink-core.ts';
import { decodePayload, type DecodedPayload } from '../../../shared/codec/sparkplug.ts';
import { SeededRandom } from '../../../shared/ports/random.ts';
import { SystemClock } from '../../../shared/time/system-clock.ts';
import { unwrap } from '../../../shared/outcome/outcome.ts';
import { until } from '../../../shared/testing/until.ts';
import { SimDisk } from '../../sim/sim-disk.ts';
import { decodeForeign, encodeForeign, ListeningBroker, typeOf, type Publish } from './testing/listening-broker.ts';
import { Proof } from './testing/proof.ts';

const NODE = 'owd-01';
const HOST_TOPIC = 'spBv1.0/STATE/loadstone-cloud';
const proof = new Proof('edge');
const broker = new ListeningBroker();
const fail = (error: unknown): never => {
  throw error;
};
const clock = new SystemClock(fail);
let host: MqttClient;
let gateway: UplinkCore;
let link: MqttLink;

before(async () => {
  await broker.start();
  // A generic host that knows nothing of Loadstone.
  host = await mqtt.connectAsync(`mqtt://127.0.0.1:${broker.port}`, { clientId: 'foreign-host' });
  await host.publishAsync(HOST_TOPIC, JSON.stringify({ online: false, timestamp: 1000 }), { qos: 1, retain: true });
  await host.publishAsync('spBv1.0/STATE/other', JSON.stringify({ online: true, timestamp: 1 }), {
    qos: 1,
    retain: true,
  });
  const url = `mqtt://127.0.0.1:${broker.port}`;
  const random = new SeededRandom(7);
  link = new MqttLink({ url, keepAliveS: 30, reconnectS: [0.05, 0.1], clock, random, onFailure: fail });
  const config = { ...configFor(), url, journal: { ...configFor().journal, syncMs: 20 } };
  gateway = new UplinkCore(config, { clock, link, disk: new SimDisk(), random });
  await gateway.start(() => {});
  const metrics = ['activePowerKw', 'voltagePu'];
  gateway.send({
    kind: 'births',
    devices: [
      { device: 'pv-1', type: 'pv-inverter', metrics },
      { device: 'battery-1', type: 'battery', metrics },
    ],
  });
});
after(async () => {
  await host.endAsync(true);
  await broker.stop();
});

const state = (online: boolean, timestamp: number): Promise<unknown> =>
  host.publishAsync(HOST_TOPIC, JSON.stringify({ online, timestamp }), { qos: 1, retain: true });
const said = (): readonly Publish[] => broker.sparkplugOf(NODE);
const of = (...types: string[]): readonly Publish[] => said().filter((each) => types.includes(typeOf(each)));
const ours = (publish: Publish): DecodedPayload => unwrap(decodePayload(publish.payload));
const plain = ({ qos, retain }: Publish): boolean => qos === 0 && !retain;
const stamped = (publish: Publish): boolean => Number(decodeForeign(publish).timestamp) > 1_600_000_000_000;
/** Sequence numbers increase by one and restart at 0 with each node birth. */
const inSequence = (): boolean =>
  of('NBIRTH', 'DBIRTH', 'DDATA', 'DDEATH').every((each, at, all) =>
    typeOf(each) === 'NBIRTH' ? ours(each).seq === 0 : ours(each).seq === (ours(all[at - 1]!).seq! + 1) % 256,
  );
const valueNamed = (publish: Publish, name: string): unknown =>
  ours(publish).metrics.find((metric) => metric.name === name)?.value;

test('connects with a clean session and its death as the will', async (t) => {
  await until('it subscribes', () => broker.said.some((each) => each.kind === 'subscribe' && each.client === NODE));
  const [connect] = broker.connectsOf(NODE);
  const will = connect?.will;
  assert.ok(will !== undefined);
  const death = decodeForeign(will);
  const filters = broker.said.flatMap((each) =>
    each.kind === 'subscribe' && each.client === NODE ? each.filters : [],
  );
  proof.holds(t, {
    'principles-persistence-clean-session-311': connect?.clean === true && connect.version === 4,
    'message-flow-edge-node-birth-publish-will-message payloads-ndeath-will-message': true,
    'message-flow-edge-node-birth-publish-will-message-topic topics-ndeath-topic':
      will.topic === `spBv1.0/north/NDEATH/${NODE}`,
    'message-flow-edge-node-birth-publish-will-message-payload topics-ndeath-payload':
      death.metrics?.length === 1 && death.metrics[0]?.name === 'bdSeq' && Number(death.metrics[0].value) === 0,
    'message-flow-edge-node-birth-publish-will-message-qos payloads-ndeath-will-message-qos': will.qos === 1,
    'message-flow-edge-node-birth-publish-will-message-will-retained payloads-ndeath-will-message-retain': !will.retain,
    'topics-ndeath-seq payloads-ndeath-seq': ours(will).seq === undefined,
    'message-flow-edge-node-ncmd-subscribe': filters.includes(`spBv1.0/north/NCMD/${NODE}`),
  });
});

test('sends births only once its own primary host is online', async (t) => {
  const before = said().length;
  await state(true, 2000);
  const first = await until('it is born', () => said()[0]);
  const at = (topic: string, client: string): number =>
    broker.said.findLastIndex((each) => each.kind === 'publish' && each.client === client && each.topic === topic);
  proof.holds(t, {
    'message-flow-edge-node-birth-publish-connect': broker.connectsOf(NODE).length === 1,
    'message-flow-edge-node-birth-publish-phid-wait message-flow-edge-node-birth-publish-phid-wait-id': before === 0,
    'message-flow-edge-node-birth-publish-phid-wait-online operational-behavior-edge-node-birth-sequence-wait':
      at(HOST_TOPIC, 'foreign-host') < at(first.topic, NODE),
    'principles-birth-certificates-order': typeOf(first) === 'NBIRTH',
  });
});

test('node birth', (t) => {
  const birth = of('NBIRTH')[0]!;
  const payload = decodeForeign(birth);
  const rebirth = payload.metrics?.find(({ name }) => name === 'Node Control/Rebirth');
  const bdSeq = valueNamed(birth, 'bdSeq');
  const willBdSeq = valueNamed(broker.connectsOf(NODE)[0]!.will!, 'bdSeq');
  const [root, group, type, node, device] = birth.topic.split('/');
  proof.holds(t, {
    'topic-structure topic-structure-namespace-a': root === 'spBv1.0' && type === 'NBIRTH',
    'intro-group-id-string intro-group-id-chars topic-structure-namespace-valid-group-id': group === 'north',
    'intro-edge-node-id-string intro-edge-node-id-chars topic-structure-namespace-valid-edge-node-id': node === NODE,
    'topic-structure-namespace-device-id-non-associated-message-types': device === undefined,
    'topics-nbirth-topic message-flow-edge-node-birth-publish-nbirth-topic':
      birth.topic === `spBv1.0/north/NBIRTH/${NODE}`,
    'topics-nbirth-mqtt message-flow-edge-node-birth-publish-nbirth-qos message-flow-edge-node-birth-publish-nbirth-retained payloads-nbirth-qos payloads-nbirth-retain':
      plain(birth),
    'topics-nbirth-seq-num payloads-nbirth-seq payloads-sequence-num-req-nbirth message-flow-edge-node-birth-publish-nbirth-payload-seq':
      ours(birth).seq === 0,
    'topics-nbirth-timestamp payloads-nbirth-timestamp': stamped(birth),
    'topics-nbirth-metrics message-flow-edge-node-birth-publish-nbirth-payload': ours(birth).metrics.every(
      ({ name, datatype, value, time }) =>
        name !== undefined && datatype !== undefined && value !== null && time !== undefined,
    ),
    'topics-nbirth-bdseq-included payloads-nbirth-bdseq': typeof bdSeq === 'number',
    'topics-nbirth-bdseq-matching payloads-nbirth-bdseq-repeat payloads-ndeath-bdseq': bdSeq === willBdSeq,
    'topics-nbirth-rebirth-metric payloads-nbirth-rebirth-req operational-behavior-data-commands-rebirth-name':
      rebirth !== undefined,
    'operational-behavior-data-commands-rebirth-datatype': rebirth?.type === 'Boolean',
    'operational-behavior-data-commands-rebirth-value': rebirth?.value === false,
    'operational-behavior-data-commands-rebirth-name-aliases':
      ours(birth).metrics.find(({ name }) => name === 'Node Control/Rebirth')?.alias === undefined,
  });
});

test('device births', async (t) => {
  await until('both devices are born', () => of('DBIRTH').length >= 2);
  const births = of('DBIRTH');
  const metrics = births.flatMap((each) => ours(each).metrics);
  const foreign = births.flatMap((each) => decodeForeign(each).metrics ?? []);
  const aliases = metrics.map(({ alias }) => alias);
  const devices = births.map(({ topic }) => topic.split('/')[4]);
  const quality = foreign.map(({ properties }) => properties?.['Quality']);
  proof.holds(t, {
    'intro-device-id-string intro-device-id-chars topic-structure-namespace-valid-device-id topic-structure-namespace-device-id-associated-message-types':
      devices.every((device) => ['pv-1', 'battery-1'].includes(device ?? '')),
    'topic-structure-namespace-unique-device-id': new Set(devices).size === devices.length,
    'topics-dbirth-topic message-flow-device-birth-publish-dbirth-topic message-flow-device-birth-publish-dbirth-match-edge-node-topic':
      births.every(({ topic }) => topic.startsWith(`spBv1.0/north/DBIRTH/${NODE}/`)),
    'topics-dbirth-mqtt payloads-dbirth-qos payloads-dbirth-retain message-flow-device-birth-publish-dbirth-qos message-flow-device-birth-publish-dbirth-retained':
      births.every(plain),
    'topics-dbirth-seq payloads-dbirth-seq payloads-dbirth-seq-inc message-flow-device-birth-publish-dbirth-payload-seq':
      inSequence(),
    'topics-dbirth-timestamp payloads-dbirth-timestamp': births.every(stamped),
    'topics-dbirth-metric-reqs operational-behavior-data-publish-dbirth': births.every(
      (each) => ours(each).metrics.length === 2,
    ),
    'topics-dbirth-metrics payloads-name-requirement payloads-metric-datatype-req message-flow-device-birth-publish-dbirth-payload':
      metrics.every(({ name, datatype }) => name !== undefined && datatype !== undefined),
    'payloads-metric-datatype-value payloads-metric-datatype-value-type': foreign.every(
      ({ type }) => type === 'Double',
    ),
    'operational-behavior-data-publish-dbirth-values': foreign.every(({ value }) => value === null),
    'payloads-alias-uniqueness payloads-alias-birth-requirement':
      aliases.every((alias) => alias !== undefined) && new Set(aliases).size === aliases.length,
    'payloads-dbirth-order message-flow-device-birth-publish-nbirth-wait': said()
      .slice(0, 3)
      .every((each, at) => typeOf(each) === (at === 0 ? 'NBIRTH' : 'DBIRTH')),
    'payloads-propertyset-quality-value-type': quality.every((each) => each?.type === 'Int32'),
    'payloads-propertyset-quality-value-value': quality.every((each) => [0, 192, 500].includes(Number(each?.value))),
  });
});

test('device data', async (t) => {
  const time = Math.round(clock.plant.now());
  const frames = Array.from({ length: 300 }, (_, at) => ({
    device: at % 2 === 0 ? 'pv-1' : 'battery-1',
    time: time + at,
    values: [
      { metric: 'activePowerKw' as const, value: at, quality: 'good' as const, origin: 'measured' as const },
      { metric: 'voltagePu' as const, value: 1, quality: 'uncertain' as const, origin: 'measured' as const },
    ],
  }));
  gateway.send({ kind: 'frames', frames });
  await until('all are sent', () => of('DDATA').length >= 300);
  const data = of('DDATA');
  const metrics = data.flatMap((each) => ours(each).metrics);
  proof.holds(t, {
    'topics-ddata-topic': data.every(({ topic }) => /^spBv1\.0\/north\/DDATA\/owd-01\/(pv|battery)-1$/.test(topic)),
    'topics-ddata-mqtt payloads-ddata-qos payloads-ddata-retain': data.every(plain),
    'topics-ddata-seq-num payloads-ddata-seq payloads-ddata-seq-inc payloads-sequence-num-always-included payloads-sequence-num-incrementing':
      inSequence(),
    'topics-ddata-timestamp payloads-ddata-timestamp': data.every(stamped),
    'topics-ddata-payload': ours(data[0]!).metrics.length === 2,
    'payloads-ddata-order': said().findIndex((each) => typeOf(each) === 'DDATA') >= 3,
    'payloads-alias-data-cmd-requirement': metrics.every(
      ({ name, alias }) => name === undefined && alias !== undefined,
    ),
    'payloads-metric-datatype-not-req': metrics.every(({ datatype }) => datatype === undefined),
    'payloads-name-birth-data-requirement': metrics.every((metric) => metric.time !== undefined),
    'operational-behavior-data-publish-dbirth-order': data.every(
      (each) => new Set(ours(each).metrics.map((metric) => metric.time)).size === 1,
    ),
  });
});

test('device death, and birth on return', async (t) => {
  gateway.send({ kind: 'device-link', device: 'pv-1', alive: false });
  gateway.send({ kind: 'device-link', device: 'pv-1', alive: true });
  await until('it is born again', () => of('DBIRTH').length >= 3);
  const [death] = of('DDEATH');
  assert.ok(death !== undefined);
  proof.holds(t, {
    'topics-ddeath-topic operational-behavior-device-ddeath': death.topic === `spBv1.0/north/DDEATH/${NODE}/pv-1`,
    'topics-ddeath-mqtt': plain(death),
    'topics-ddeath-seq-num payloads-ddeath-seq payloads-ddeath-seq-inc payloads-ddeath-seq-number': inSequence(),
    'payloads-ddeath-timestamp': stamped(death),
  });
});

test('rebirth on request', async (t) => {
  const metrics = [{ name: 'Node Control/Rebirth', type: 'Boolean' as const, value: true, timestamp: Date.now() }];
  const request = Buffer.from(encodeForeign({ timestamp: Date.now(), metrics }));
  const from = said().length;
  const bdSeq = valueNamed(of('NBIRTH')[0]!, 'bdSeq');
  // A request within a second of the previous birth is ignored, so the test repeats it.
  const again = setInterval(() => host.publish(`spBv1.0/north/NCMD/${NODE}`, request), 500);
  await until(
    'node and devices are born again',
    () =>
      said()
        .slice(from)
        .filter((each) => typeOf(each).endsWith('BIRTH')).length >= 3,
  );
  clearInterval(again);
  const [first, second, third] = said().slice(from);
  proof.holds(t, {
    'operational-behavior-data-commands-rebirth-action-1 operational-behavior-data-commands-rebirth-action-2':
      [first, second, third].map((each) => typeOf(each!)).join(' ') === 'NBIRTH DBIRTH DBIRTH',
    'operational-behavior-data-commands-rebirth-action-3': valueNamed(first!, 'bdSeq') === bdSeq,
  });
});

test('primary host goes offline and returns', async (t) => {
  const connections = (): number => broker.connectsOf(NODE).length;
  const before = said().length;
  const born = of('NBIRTH').length;
  await state(false, 1500);
  // Follows the old message on the same connection: if the gateway had accepted that one, it would have no session now.
  await state(true, 2000);
  gateway.send({ kind: 'device-link', device: 'battery-1', alive: false });
  await until('it continues', () => of('DDEATH').length >= 2);
  const ignored =
    said()
      .slice(before)
      .every((each) => typeOf(each) !== 'NDEATH') && connections() === 1;
  await state(false, 3000);
  await until('it leaves', () => broker.said.some((each) => each.kind === 'gone' && each.client === NODE));
  const left = typeOf(said().at(-1)!) === 'NDEATH';
  await until('it tries again', () => connections() >= 2);
  await state(true, 4000);
  const births = await until('it is born again', () => of('NBIRTH').length > born && of('NBIRTH'));
  const will = broker.connectsOf(NODE).at(-1)!.will!;
  proof.holds(t, {
    'operational-behavior-edge-node-termination-host-offline-timestamp message-flow-edge-node-birth-publish-phid-wait-timestamp':
      ignored,
    'message-flow-edge-node-birth-publish-phid-offline operational-behavior-edge-node-termination-host-offline': left,
    'operational-behavior-edge-node-termination-host-offline-reconnect': connections() >= 2,
    'topics-nbirth-bdseq-increment':
      valueNamed(births.at(-1)!, 'bdSeq') === connections() - 1 && valueNamed(will, 'bdSeq') === connections() - 1,
    'operational-behavior-primary-application-state-with-multiple-servers-single-server': broker.said
      .filter((each) => (each.kind === 'connect' || each.kind === 'gone') && each.client === NODE)
      .every((each, at) => each.kind === (at % 2 === 0 ? 'connect' : 'gone')),
  });
});

test('says goodbye', async (t) => {
  await gateway.stop();
  await until('it is gone', () => broker.said.at(-1)?.kind === 'gone');
  const last = said().at(-1)!;
  proof.holds(t, {
    'operational-behavior-edge-node-intentional-disconnect-ndeath payloads-ndeath-will-message-publisher payloads-ndeath-will-message-publisher-disconnect-mqtt311':
      typeOf(last) === 'NDEATH' && valueNamed(last, 'bdSeq') === valueNamed(of('NBIRTH').at(-1)!, 'bdSeq'),
  });
});

test('the table matches these tests', () => proof.compare());
