import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import mqtt from 'mqtt';
import { until } from '../../shared/testing/until.ts';
import { VirtualClock } from '../../shared/time/virtual-clock.ts';
import { parseConfig } from '../config/load.ts';
import { accessOf } from '../config/users.ts';
import { DeviceUsers, userLine } from './device-users.ts';
import { LocalBroker } from './local-broker.ts';

const battery = (id: string, user: string | undefined): string => `
  - id: ${id}
    type: battery
    driver: mqtt
    ${user === undefined ? '' : `user: ${user}`}
    ratings: { chargeKw: 100, dischargeKw: 100, capacityKwh: 200 }
    read: { activePowerKw: { topic: ${id}/state, path: $.p } }
    write: { activePowerKw: { topic: ${id}/set } }
    safeDefault: { activePowerKw: 0 }`;
const node = (id: string, plc: string): string => `
  - id: ${id}
    type: battery
    driver: sparkplug
    user: ${plc}
    connection: { group: site, node: ${plc}, device: ${id} }
    ratings: { chargeKw: 100, dischargeKw: 100, capacityKwh: 200 }
    read: { activePowerKw: { metric: P } }
    write: { activePowerKw: { metric: Set } }
    safeDefault: { activePowerKw: 0 }`;

const configOf = (devices: string, meterUser = 'head') =>
  parseConfig(
    `
gateway: { id: owd-01, substation: owd }
localBroker: { userFile: devices.htpasswd }
guarded:
  - id: transformer
    meter: { driver: mqtt, user: ${meterUser}, read: { activePowerKw: { topic: head/state } } }
    limits: { importKw: 100 }
devices:${devices}
`,
    'gateway.yaml',
  );
const config = configOf(
  [
    battery('b-1', 'bms-1'),
    battery('b-2', 'bms-2'),
    battery('b-3', undefined),
    node('b-4', 'plc-4'),
    node('b-5', 'plc-5'),
  ].join(''),
);
const NAMES = ['head', 'bms-1', 'bms-2', 'plc-4', 'plc-5', 'spare'];
const lines = await Promise.all(NAMES.map((name) => userLine(name, `password of ${name}`)));
const users = DeviceUsers.parse(lines.join('\n'), 'devices.htpasswd');

const clients: mqtt.MqttClient[] = [];
const brokers: LocalBroker[] = [];
after(async () => {
  for (const client of clients) client.end(true);
  for (const broker of brokers) await broker.stop();
});

/** The gateway's broker, with everything the gateway receives on the topics it reads. */
async function site() {
  const broker = new LocalBroker({
    listen: '127.0.0.1:0',
    time: new VirtualClock(0).machine,
    users,
    access: accessOf(config),
  });
  await broker.start();
  brokers.push(broker);
  const heard: string[] = [];
  const link = broker.link();
  link.open(
    { clientId: 'owd-01', subscriptions: ['head/state', 'b-1/state', 'b-1/set', 'b-3/state', 'spBv1.0/#'] },
    {
      onConnect: () => undefined,
      onClose: () => undefined,
      onMessage: ({ topic, payload }) => void heard.push(`${topic} ${Buffer.from(payload).toString()}`),
    },
  );
  const connect = async (user: string, more: mqtt.IClientOptions = {}): Promise<mqtt.MqttClient> => {
    const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${broker.port}`, {
      reconnectPeriod: 0,
      username: user,
      password: `password of ${user}`,
      clientId: user,
      ...more,
    });
    client.on('error', () => undefined);
    clients.push(client);
    return client;
  };
  /** Once a device's own message has arrived, everything sent before has been decided. */
  const settled = async (): Promise<void> => {
    const own = await connect('bms-1', { clientId: 'settled' });
    await own.publishAsync('b-1/state', 'settled', { qos: 1 });
    await until('what was awaited', () => heard.includes('b-1/state settled'));
    heard.splice(heard.indexOf('b-1/state settled'), 1);
    await own.endAsync();
  };
  const tell = (topic: string, payload: string, retain = false): Promise<boolean> =>
    link.publish(topic, new TextEncoder().encode(payload), { qos: 0, retain });
  return { broker, heard, connect, settled, tell };
}

/** Publishes as `user` on a topic; returns whether the broker cut the connection for it. */
async function tries(
  { connect }: Awaited<ReturnType<typeof site>>,
  user: string,
  topic: string,
  more: mqtt.IClientPublishOptions = {},
) {
  const client = await connect(user);
  client.publish(topic, `forged by ${user}`, { qos: 1, ...more });
  await until('what was awaited', () => !client.connected);
}

test('a device may publish only its own values, not setpoints or values of meters and other devices', async () => {
  const at = await site();
  const own = await at.connect('bms-1');
  await own.publishAsync('b-1/state', 'mine', { qos: 1 });
  await until('what was awaited', () => at.heard.includes('b-1/state mine'));
  at.heard.length = 0;
  for (const topic of ['head/state', 'b-2/state', 'b-2/set', 'b-1/set', 'spBv1.0/site/DDATA/plc-4/b-4', 'other'])
    await tries(at, 'bms-1', topic);
  for (const topic of ['head/state', 'b-1/state', 'spBv1.0/site/NDEATH/plc-5', 'spBv1.0/site/DDATA/plc-5/b-5'])
    await tries(at, 'plc-4', topic);
  await tries(at, 'spare', 'b-1/state');
  for (const topic of ['b-2/state', 'b-2/set', 'spBv1.0/STATE/owd-01'])
    await tries(at, 'bms-1', topic, { retain: true });
  await at.settled();
  assert.deepEqual(at.heard, []);
  const late = await at.connect('bms-2');
  const received: string[] = [];
  late.on('message', (topic) => received.push(topic));
  await late.subscribeAsync('b-2/set');
  await at.tell('b-2/set', 'live');
  await until('what was awaited', () => received.length > 0);
  assert.deepEqual(received, ['b-2/set'], 'no retained message of a stranger');
});

test('a device receives only its own setpoints, not by wildcard, foreign session or retained message', async () => {
  const at = await site();
  const filters = [
    '#',
    '+/set',
    'b-2/#',
    'b-2/set',
    'b-2/state',
    '$SYS/#',
    '$share/x/b-2/set',
    'spBv1.0/site/DCMD/plc-4/#',
  ];
  for (const filter of filters) {
    const client = await at.connect('bms-1', { clientId: `tries ${filter}` });
    await assert.rejects(client.subscribeAsync(filter), `${filter} is not granted`);
  }
  await at.tell('b-2/set', 'kept', true);
  const victim = await at.connect('bms-2', { clientId: 'bms', clean: false });
  await victim.subscribeAsync('b-2/set', { qos: 1 });
  await victim.endAsync();
  const received: string[] = [];
  const thief = await at.connect('bms-1', { clientId: 'bms', clean: false });
  thief.on('message', (topic) => received.push(topic));
  await thief.subscribeAsync('b-1/set');
  for (const topic of ['b-2/set', 'b-1/set']) await at.tell(topic, 'now');
  await until('what was awaited', () => received.includes('b-1/set'));
  assert.deepEqual(received, ['b-1/set']);
  const plc = await at.connect('plc-4');
  await plc.subscribeAsync(['spBv1.0/site/NCMD/plc-4', 'spBv1.0/site/DCMD/plc-4/#', 'spBv1.0/STATE/owd-01']);
  await assert.rejects(plc.subscribeAsync('spBv1.0/site/DCMD/plc-5/#'));
});

test('a will is published only for its own device, and a client id counts only within its user', async () => {
  const at = await site();
  const will = (topic: string): mqtt.IClientOptions => ({
    will: { topic, payload: Buffer.from('last words'), qos: 1, retain: true },
  });
  for (const topic of ['head/state', 'b-2/set', 'spBv1.0/site/NDEATH/plc-4']) {
    const client = await at.connect('bms-1', { clientId: `will ${topic}`, ...will(topic) });
    client.stream.destroy();
  }
  await at.settled();
  assert.deepEqual(at.heard, []);
  const own = await at.connect('bms-1', { ...will('b-1/state') });
  own.stream.destroy();
  await until('what was awaited', () => at.heard.includes('b-1/state last words'));
  const holder = await at.connect('bms-2', { clientId: 'meter' });
  const other = await at.connect('bms-1', { clientId: 'meter' });
  await other.publishAsync('b-1/state', 'both', { qos: 1 });
  await until('what was awaited', () => at.heard.includes('b-1/state both'));
  assert.deepEqual([holder.connected, other.connected], [true, true], 'neither displaces the other');
  const again = await at.connect('bms-2', { clientId: 'meter' });
  await until('what was awaited', () => !holder.connected);
  assert.equal(again.connected, true, 'a device that reconnects replaces its old session');
});

test('only topics without a user are open to every user with a password', async () => {
  const at = await site();
  const client = await at.connect('spare');
  await client.publishAsync('b-3/state', 'open', { qos: 1 });
  await until('what was awaited', () => at.heard.includes('b-3/state open'));
  await client.subscribeAsync('b-3/set');
  await tries(at, 'spare', 'b-3/set');
});

test('many devices can reconnect at once, and password guesses at one do not block the others', async () => {
  const guesses = Array.from({ length: 40 }, () => users.check('bms-1', Buffer.from('guess')));
  const others = NAMES.filter((name) => name !== 'bms-1').map((name) =>
    users.check(name, Buffer.from(`password of ${name}`)),
  );
  assert.deepEqual(
    await Promise.all(others),
    others.map(() => true),
  );
  assert.ok(!(await Promise.all(guesses)).includes(true));
});

test('password guesses do not block a device that has signed in with a long password', async () => {
  const right = Buffer.from('password of bms-1');
  assert.equal(await users.check('bms-1', right), true);
  const guesses = Array.from({ length: 40 }, (_, n) => users.check('bms-1', Buffer.from(`a long guess at it, ${n}`)));
  assert.equal(await users.check('bms-1', right), true);
  assert.ok(!(await Promise.all(guesses)).includes(true));
});
