import assert from 'node:assert/strict';
import { connect as connectSocket } from 'node:net';
import { after, before, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { MqttClient, type IClientOptions } from 'mqtt';
import { writeToStream } from 'mqtt-packet';
import { LoadstoneError, type Fault } from '../../shared/outcome/outcome.ts';
import type { Link, LinkMessage } from '../../shared/ports/link.ts';
import { until } from '../../shared/testing/until.ts';
import { GatewayUsers, gatewayUserLine, parseUsers } from './gateway-users.ts';
import { UplinkBroker } from './broker.ts';

/** Resolves on close; earlier errors are ignored. */
const closing = (of: { once(event: 'close', listener: () => void): unknown }): Promise<void> =>
  new Promise((resolve) => of.once('close', () => resolve()));

/** Stands still, so no delay after wrong passwords ever ends. */
const time = { elapsed: (): number => 0 };
const refused: (Fault & { client: string })[] = [];
const connections: string[] = [];
const received: LinkMessage[] = [];
let broker: UplinkBroker;
let link: Link;

before(async () => {
  const lines = await Promise.all(
    ['owd-01', 'wls-01', 'mnzl-01'].map((gateway) => gatewayUserLine(gateway, `secret of ${gateway}`)),
  );
  const users = new GatewayUsers(parseUsers(`# gateways\n${lines.join('\n')}\n`, 'users'), time);
  broker = new UplinkBroker({
    port: 0,
    group: 'north',
    users,
    onRefused: (client, fault) => void refused.push({ client, ...fault }),
    onConnection: (gateway, up) => void connections.push(`${gateway} ${up ? 'up' : 'down'}`),
  });
  writeToStream.cacheNumbers = true;
  await broker.start();
  link = broker.link();
  await new Promise<void>((resolve) => {
    link.open(
      { clientId: 'cloud', subscriptions: ['loadstone/v1/+/events', 'spBv1.0/north/+/+', 'spBv1.0/north/DDATA/+/+'] },
      { onConnect: resolve, onClose: () => undefined, onMessage: (message) => void received.push(message) },
    );
  });
});
after(async () => {
  await link.close();
  await broker.stop();
});

const options = (gateway: string, rest: Partial<IClientOptions> = {}): IClientOptions => ({
  clientId: gateway,
  username: gateway,
  password: `secret of ${gateway}`,
  reconnectPeriod: 0,
  connectTimeout: 3000,
  ...rest,
});

/** Connects, or returns the error message. */
async function attempt(
  with_: IClientOptions,
  localAddress = '127.0.0.1',
  port = broker.port,
): Promise<MqttClient | string> {
  const client = new MqttClient(() => connectSocket({ port, host: '127.0.0.1', localAddress }), with_);
  return new Promise((resolve) => {
    client.once('connect', () => resolve(client));
    client.once('error', (error) => {
      client.end(true);
      resolve(error.message);
    });
    client.once('close', () => resolve('closed'));
  });
}

async function connected(gateway: string, rest: Partial<IClientOptions> = {}): Promise<MqttClient> {
  const client = await attempt(options(gateway, rest));
  assert.ok(typeof client !== 'string', `${gateway} did not connect`);
  client.on('error', () => undefined);
  return client;
}

/** True, or the error message. */
async function comesIn(gateway: string, address: string, rest: Partial<IClientOptions> = {}): Promise<string | true> {
  const client = await attempt(options(gateway, rest), address);
  if (typeof client === 'string') return client;
  await client.endAsync();
  return true;
}

/** True if the broker closes the connection after `act`. */
async function ends(client: MqttClient, act: () => void): Promise<boolean> {
  const closed = closing(client).then(() => true);
  act();
  const answer = await Promise.race([closed, wait(1500).then(() => false)]);
  client.end(true);
  return answer;
}

test('a gateway with its password connects, publishes and receives its own; the connection is announced', async () => {
  const client = await connected('owd-01');
  const heard = new Promise<string>((resolve) =>
    client.on('message', (topic, payload) => resolve(`${topic} ${payload.toString()}`)),
  );
  await client.subscribeAsync([
    'loadstone/v1/owd-01/ack',
    'loadstone/v1/owd-01/desired/plan',
    'spBv1.0/north/NCMD/owd-01',
  ]);
  await client.publishAsync('loadstone/v1/owd-01/events', 'hello', { qos: 1 });
  await client.publishAsync('spBv1.0/north/DDATA/owd-01/pv-1', 'data', { qos: 0 });
  assert.equal(await link.publish('loadstone/v1/wls-01/ack', Buffer.from('not for you'), { qos: 0 }), true);
  assert.equal(await link.publish('loadstone/v1/owd-01/ack', Buffer.from('{}'), { qos: 0 }), true);
  assert.equal(await heard, 'loadstone/v1/owd-01/ack {}');
  await until('both are received', () => received.length >= 2);
  assert.deepEqual(
    received.map((message) => message.topic),
    ['loadstone/v1/owd-01/events', 'spBv1.0/north/DDATA/owd-01/pv-1'],
  );
  assert.deepEqual(broker.connected(), ['owd-01']);
  await client.endAsync();
  await until('the end is reported', () => connections.length >= 2);
  assert.deepEqual(connections, ['owd-01 up', 'owd-01 down']);
});

test('the broker keeps no table of all two-byte numbers', () => {
  assert.equal(writeToStream.cacheNumbers, false);
});

test('forged names are rejected', async () => {
  const forged: [string, IClientOptions][] = [
    ['wrong password', options('owd-01', { password: 'secret of wls-01' })],
    ['no password', options('owd-01', { password: '' })],
    ['client id of another', options('owd-01', { clientId: 'wls-01' })],
    ['user name of another', options('owd-01', { username: 'wls-01' })],
    ['an unknown gateway', options('zwl-01')],
    ['no user name', { clientId: 'owd-01', reconnectPeriod: 0 }],
    ['__proto__', options('__proto__')],
    ['constructor', options('constructor')],
    ['empty client id', options('', { clientId: '', username: '' })],
    ['a path', options('../owd-01')],
    [
      'a will for another',
      options('owd-01', {
        will: { topic: 'spBv1.0/north/NDEATH/wls-01', payload: Buffer.from('x'), qos: 1, retain: false },
      }),
    ],
    [
      'a will from the cloud',
      options('owd-01', {
        will: { topic: 'loadstone/v1/owd-01/desired/plan', payload: Buffer.from('x'), qos: 1, retain: true },
      }),
    ],
  ];
  for (const [name, each] of forged) {
    const count = refused.length;
    const answer = await attempt(each);
    assert.equal(typeof answer, 'string', name);
    assert.equal(refused.length, count + 1, `${name} is reported`);
    assert.equal(refused.at(-1)?.code, 'LS-INGEST-006');
  }
  assert.ok(!refused.some((fault) => fault.detail.includes('secret')));
});

test('guessing is slowed down and does not delay gateways with the right password', async () => {
  const before = await connected('wls-01');
  await before.endAsync();
  const judged = (): number => refused.filter(({ detail }) => detail.includes('password is wrong')).length;
  const from = judged();
  const answers = new Set<string | true>();
  for (let guess = 0; guess < 40; guess++)
    answers.add(await comesIn('wls-01', '127.0.0.1', { password: `a guess of many, the ${guess}th` }));
  assert.equal(judged() - from, 5);
  assert.deepEqual(
    answers,
    new Set(['Connection refused: Bad username or password', 'Connection refused: Server unavailable']),
  );
  for (const [gateway, address] of [
    ['wls-01', '127.0.0.1'],
    ['owd-01', '127.0.0.1'],
    ['wls-01', '127.0.0.2'],
  ] as const)
    assert.equal(await comesIn(gateway, address), true, `${gateway} from ${address}`);
});

test('a guesser does not delay clients from other addresses, even first-time ones', async () => {
  for (let guess = 0; guess < 8; guess++) await attempt(options('mnzl-01', { password: `guess ${guess}` }));
  assert.equal(await comesIn('mnzl-01', '127.0.0.1'), 'Connection refused: Server unavailable');
  assert.equal(await comesIn('mnzl-01', '127.0.0.2'), true);
});

test('ending one session leaves the others', async () => {
  const [one, other] = [await connected('owd-01'), await connected('wls-01')];
  assert.ok(await ends(one, () => broker.end(['owd-01', 'nobody'])));
  assert.ok(other.connected);
  await other.endAsync();
});

test('a client with a wrong password cannot take over a client id', async () => {
  const first = await connected('owd-01');
  assert.equal(typeof (await attempt(options('owd-01', { password: 'x' }))), 'string');
  assert.ok(first.connected, 'a failed attempt does not disturb it');
  await first.endAsync();
});

test('a forbidden publish ends the connection and is not delivered', async () => {
  const before = received.length;
  for (const topic of [
    'loadstone/v1/wls-01/events',
    'loadstone/v1/owd-01/ack',
    'loadstone/v1/owd-01/desired/plan',
    'loadstone/v1/owd-01/command',
    'spBv1.0/north/NBIRTH/wls-01',
    'spBv1.0/north/NCMD/owd-01',
    'spBv1.0/north/DDATA/wls-01/pv-1',
    'spBv1.0/south/DDATA/owd-01/pv-1',
    'spBv1.0/north/DDATA/owd-01/pv-1/more',
    'spBv1.0/north/DDATA/owd-01/PV 1',
    'spBv1.0/north/NBIRTH/owd-01/pv-1',
    'spBv1.0/STATE/loadstone-cloud',
    '$SYS/x',
    `loadstone/${'x/'.repeat(50)}`,
  ]) {
    const client = await connected('owd-01');
    assert.ok(await ends(client, () => client.publish(topic, 'x', { qos: 0 })), topic);
  }
  for (const rest of [{ qos: 2 as const }, { qos: 0 as const, retain: true }]) {
    const client = await connected('owd-01');
    assert.ok(await ends(client, () => client.publish('loadstone/v1/owd-01/events', 'x', rest)), JSON.stringify(rest));
  }
  assert.equal(received.length, before);
});

test('a forbidden subscription ends the connection', async () => {
  for (const filter of [
    '#',
    '+/#',
    'loadstone/#',
    'loadstone/v1/+/ack',
    'loadstone/v1/wls-01/ack',
    'loadstone/v1/owd-01/#',
    '$share/g/#',
    '$SYS/#',
    'spBv1.0/north/+/owd-01',
    'spBv1.0/north/DDATA/wls-01/+',
  ]) {
    const client = await connected('owd-01');
    assert.ok(await ends(client, () => client.subscribe(filter, { qos: 1 })), filter);
  }
});

test('an oversized packet is cut off at its header before authentication', async () => {
  const announced = (mebibytes: number): Buffer => {
    let length = Math.floor(mebibytes * 1_048_576);
    const bytes = [0x10];
    do {
      bytes.push((length % 128) | (length >= 128 ? 0x80 : 0));
      length = Math.floor(length / 128);
    } while (length > 0);
    return Buffer.from(bytes);
  };
  const socket = connectSocket(broker.port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write(announced(200));
  await closing(socket);
  const slow = connectSocket(broker.port, '127.0.0.1');
  slow.on('error', () => undefined);
  slow.write(announced(0.9));
  slow.write(Buffer.alloc(900_000));
  await closing(slow);
});

test('anonymous access listens only on loopback; a busy port is named', async () => {
  const fault = (code: string) => (error: unknown) => error instanceof LoadstoneError && error.code === code;
  const anybody = { group: 'north', users: 'anonymous' } as const;
  await assert.rejects(new UplinkBroker({ port: 0, host: '0.0.0.0', ...anybody }).start(), fault('LS-CONFIG-002'));
  await assert.rejects(new UplinkBroker({ port: broker.port, ...anybody }).start(), fault('LS-PORT-001'));
  assert.throws(() => parseUsers('\nowd-01:plain', 'users'), /users:2/);
});

test('a client that cannot be checked is rejected, and the fault is reported', async (t) => {
  const reported: unknown[] = [];
  const fault = new Error('no memory for scrypt');
  const failing = new UplinkBroker({
    port: 0,
    group: 'north',
    users: { check: () => Promise.reject(fault) },
    onError: (error) => reported.push(error),
  });
  await failing.start();
  t.after(() => failing.stop());
  assert.equal(await attempt(options('owd-01'), '127.0.0.1', failing.port), 'Connection refused: Server unavailable');
  assert.deepEqual(reported, [fault]);
});

test('thousands of messages for vanished gateways harm neither the broker nor connected gateways', async () => {
  const client = await connected('owd-01');
  await client.subscribeAsync('loadstone/v1/owd-01/ack');
  const heard: string[] = [];
  client.on('message', (_topic, payload) => heard.push(payload.toString()));
  const texts = Array.from({ length: 500 }, (_, n) => `message ${n}`);
  const send = (gateway: string, text: string): Promise<boolean> =>
    link.publish(`loadstone/v1/${gateway}/ack`, new TextEncoder().encode(text), { qos: 0 });
  // In one go: the messages for the connected gateway keep the broker busy while the others queue up behind them.
  const sent = [
    ...texts.map((text) => send('owd-01', text)),
    ...Array.from({ length: 20_000 }, (_, n) => send('wls-01', `${n}`)),
  ];
  assert.ok((await Promise.all(sent)).every(Boolean));
  await until('all messages arrive', () => heard.length >= texts.length);
  assert.deepEqual(heard, texts);
  await client.endAsync();
});
