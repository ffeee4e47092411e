import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectTcp, createServer } from 'node:net';
import { after, test } from 'node:test';
import mqtt from 'mqtt';
import { writeToStream } from 'mqtt-packet';
import { SystemClock } from '../../shared/time/system-clock.ts';
import { VirtualClock } from '../../shared/time/virtual-clock.ts';
import { until } from '../../shared/testing/until.ts';
import { DeviceUsers, userLine } from './device-users.ts';
import { LocalBroker } from './local-broker.ts';
import { MqttDriver } from './mqtt/mqtt-driver.ts';
import { openToDevices } from './open-to-devices.ts';
import { TopicBus } from './topic-bus.ts';

const clock = new SystemClock((error) => assert.fail(String(error)));
const started: LocalBroker[] = [];
after(async () => {
  for (const broker of started) await broker.stop();
});

async function broker(options: Partial<ConstructorParameters<typeof LocalBroker>[0]> = {}): Promise<LocalBroker> {
  const made = new LocalBroker({ listen: '127.0.0.1:0', time: clock.machine, ...options });
  await made.start();
  started.push(made);
  return made;
}

const client = (port: number, options: mqtt.IClientOptions = {}): Promise<mqtt.MqttClient> =>
  mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, { reconnectPeriod: 0, connectTimeout: 5000, ...options });

test('over mqtt.js readings reach the driver and setpoints reach the device', async () => {
  const local = await broker();
  const bus = new TopicBus(local.link(), 'gateway');
  const driver = new MqttDriver({
    id: 'battery-1',
    sign: 'consumption-positive',
    ratedKw: 100,
    spans: { activePowerKw: { min: -100, max: 100 } },
    bus,
    clock: new SystemClock((error) => assert.fail(String(error))),
    read: { activePowerKw: { topic: 'bms/1/state', path: '$.p', scale: 1 }, staleAfterS: 5 },
    write: {
      activePowerKw: {
        topic: 'bms/1/set',
        template: '{"p":${value}}',
        scale: 1,
        keepAliveS: 10,
        revertAfterS: 60,
        minIntervalS: 0,
        deadbandPct: 0,
      },
    },
  });
  bus.open();
  const device = await client(local.port);
  const received: string[] = [];
  device.on('message', (_topic, payload) => received.push(payload.toString()));
  await device.subscribeAsync('bms/1/set');
  await device.publishAsync('bms/1/state', '{"p": 12}', { qos: 1 });
  await until('the value is read', () => driver.read().has('activePowerKw'));
  await driver.hold({ activePowerKw: -40 }, false);
  await until('the device is told', () => received.length > 0);
  assert.deepEqual([driver.read().get('activePowerKw')?.value, received], [12, ['{"p":-40}']]);
  await device.endAsync();
  await bus.close();
});

test('the local broker switches off the 7 MB number cache of mqtt-packet', async () => {
  writeToStream.cacheNumbers = true;
  await broker();
  assert.equal(writeToStream.cacheNumbers, false);
});

test('thousands of messages behind a slow handler stay in order and do not overflow the stack', async () => {
  const local = await broker();
  const link = local.link();
  const seen: number[] = [];
  link.open(
    { clientId: 'gateway', subscriptions: ['burst'] },
    {
      onConnect: () => undefined,
      onClose: () => undefined,
      onMessage: ({ payload }) => void seen.push(Number(Buffer.from(payload).toString())),
    },
  );
  const device = await client(local.port);
  for (let i = 0; i < 4000; i++) device.publish('burst', String(i));
  await until('all have come', () => seen.length === 4000);
  assert.deepEqual(
    seen,
    seen.toSorted((a, b) => a - b),
  );
  await device.endAsync();
  await link.close();
});

test('with users only known passwords connect, and topics are restricted', async () => {
  const users = DeviceUsers.parse(
    `# devices\n${await userLine('bms', 'right')}\n${await userLine('pv', 'other')}\n`,
    'users',
  );
  const anyone = { publish: new Set(['bms/1/state']), subscribe: new Set(['bms/1/set']) };
  const local = await broker({ users, access: { byUser: new Map(), anyone } });
  const bms = { username: 'bms', password: 'right', clientId: 'bms-1' };
  await assert.rejects(client(local.port), /user or password|Not authorized|Bad username/i);
  await assert.rejects(client(local.port, { ...bms, password: 'wrong' }), /Bad username/i);
  const device = await client(local.port, bms);
  const received: string[] = [];
  device.on('message', (topic) => received.push(topic));
  await assert.rejects(device.subscribeAsync(['bms/1/set', '#']));
  const second = await client(local.port, { ...bms, clientId: 'bms-2' });
  second.on('message', (topic) => received.push(topic));
  await second.subscribeAsync('bms/1/set');
  const link = local.link();
  const read: string[] = [];
  link.open(
    { clientId: 'gateway', subscriptions: ['bms/1/state', 'pv/1/state'] },
    { onConnect: () => undefined, onClose: () => undefined, onMessage: ({ topic }) => void read.push(topic) },
  );
  for (const topic of ['pv/1/set', 'bms/1/set']) await link.publish(topic, new TextEncoder().encode('1'), { qos: 0 });
  await until('its own topic is told', () => received.includes('bms/1/set'));
  second.publish('bms/1/state', '1');
  await until('its own topic is read', () => read.length > 0);
  second.publish('pv/1/state', '1');
  await until('the second is cut off', () => !second.connected);
  assert.deepEqual([read, received.includes('pv/1/set')], [['bms/1/state'], false]);
  await Promise.allSettled([device.endAsync(true), second.endAsync(true)]);
});

test('a device that floods the broker is slowed down, loses nothing and delays no other', async () => {
  const users = DeviceUsers.parse(`${await userLine('bms', 'right')}\n${await userLine('pv', 'other')}\n`, 'users');
  const anyone = { publish: new Set(['flood', 'pv']), subscribe: new Set<string>() };
  const slow = new VirtualClock(0);
  const slowed: string[] = [];
  const local = await broker({
    users,
    access: { byUser: new Map(), anyone },
    time: slow.machine,
    onSlowed: (name) => slowed.push(name),
  });
  const read = { flood: 0, pv: 0 };
  const link = local.link();
  link.open(
    { clientId: 'gateway', subscriptions: ['flood', 'pv'] },
    {
      onConnect: () => undefined,
      onClose: () => undefined,
      onMessage: ({ topic }) => void read[topic as keyof typeof read]++,
    },
  );
  const device = await client(local.port, { username: 'bms', password: 'right', keepalive: 0 });
  const other = await client(local.port, { username: 'pv', password: 'other', keepalive: 0 });
  const payload = Buffer.alloc(1000);
  for (let each = 0; each < 6000; each++) device.publish('flood', payload);
  await until('it is held', () => slowed.length > 0);
  const held = read.flood;
  await other.publishAsync('pv', 'here', { qos: 1 });
  await until('another is read', () => read.pv === 1);
  assert.ok(held < 1000 && read.flood < 1000, `${held}, ${read.flood} of 6000`);
  await until('all has been read in the end', async () => {
    await slow.advance(1000);
    return read.flood === 6000;
  });
  assert.deepEqual(slowed, ['bms']);
  await slow.advance(600_000);
  for (let each = 0; each < 6000; each++) device.publish('flood', payload);
  await until('it is told again', () => slowed.length === 2);
  await Promise.allSettled([device.endAsync(true), other.endAsync(true)]);
  await link.close();
});

test('a packet that announces 200 MB is refused at its header', async () => {
  const errors: string[] = [];
  const local = await broker({ onError: ({ message }) => errors.push(message) });
  const socket = connectTcp(local.port, '127.0.0.1');
  const closed = new Promise<void>((resolve) => {
    socket.once('close', () => resolve());
    socket.once('error', () => undefined);
  });
  socket.write(Buffer.from([0x10, 0x80, 0x84, 0xaf, 0x5f]));
  socket.write(Buffer.alloc(1000));
  await closed;
  assert.match(errors.join(), /larger than 64 kB/);
});

test('an error names a port in use', async () => {
  const local = await broker();
  const second = new LocalBroker({ listen: `127.0.0.1:${local.port}`, time: clock.machine });
  await assert.rejects(second.start(), /is in use by .*; choose another for localBroker\.listen/);
  await second.stop();
});

test('an unavailable address is retried and reported, and devices connect once it is free', async () => {
  const holder = createServer().listen(0, '127.0.0.1');
  await once(holder, 'listening');
  const { port } = holder.address() as { port: number };
  const time = new VirtualClock(0);
  const lacks = ['trust.keysFile: no key is pinned'];
  const { promise: opened, resolve } = Promise.withResolvers<number>();
  const local = new LocalBroker({ listen: `127.0.0.1:${port}`, time: clock.machine });
  const devices = await openToDevices(local, { time: time.machine, lacks, onOpen: () => resolve(local.port) });
  assert.match(lacks.join('; '), /^trust.*; localBroker\.listen: port \d+ on 127\.0\.0\.1 is in use by .*; retrying$/);
  await time.advance(5000);
  holder.close();
  await once(holder, 'close');
  while (lacks.length > 1) {
    await time.advance(5000);
    await new Promise((settle) => setTimeout(settle, 5));
  }
  assert.equal(await opened, port);
  const device = await client(port);
  await device.endAsync();
  await devices.close();
});
