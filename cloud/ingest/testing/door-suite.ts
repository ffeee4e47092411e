import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { MqttClient, type IClientOptions } from 'mqtt';
import type { Link, LinkMessage } from '../../../shared/ports/link.ts';
import { until } from '../../../shared/testing/until.ts';
import { stateTopic } from '../../../shared/topics/topics.ts';
import type { TestAuthority } from '../../pki/testing/authority-in-folder.ts';
import { ingestSubscriptions } from '../subscriptions.ts';
import { TopicRights } from '../topic-rights.ts';
import { rightsCases } from './rights-cases.ts';

export interface Door {
  readonly authority: TestAuthority;
  /** MQTT over TLS. */
  readonly port: number;
  /** The cloud's link, not opened yet. */
  readonly link: Link;
  /** Lets gateways with a certificate connect. */
  admit(gateways: readonly string[]): Promise<void>;
  revoke(gateway: string): Promise<void>;
  /** owd-01 without TLS, with the same rights. */
  plain?(): Promise<MqttClient>;
}

/** Each refused attempt costs a connection, and TLS makes that slow: test only every n-th of them. */
const REFUSED_EACH = { tls: 12, plain: 2 } as const;
const gateways = ['owd-01', 'wls-01', 'hal-01', 'mnzl-01', 'wwf-01'];

/** The suite for every broker's gateway port. */
export function doorSuite(name: string, open: () => Promise<Door>): void {
  describe(name, () => doorTests(open));
}

function doorTests(open: () => Promise<Door>): void {
  let door: Door;
  const received: LinkMessage[] = [];
  const heard = (topic: string): string[] =>
    received.filter((each) => each.topic === topic).map(({ payload }) => Buffer.from(payload).toString());

  before(async () => {
    door = await open();
    await door.admit(gateways);
    await new Promise<void>((resolve) => {
      door.link.open(
        { clientId: 'cloud', subscriptions: ingestSubscriptions('north', 'cloud') },
        { onConnect: resolve, onClose: () => undefined, onMessage: (message) => void received.push(message) },
      );
    });
  });
  after(() => door.link.close());

  const attempt = async (id: string, pem: string | undefined, mqtt: Partial<IClientOptions> = {}) => {
    const ca = door.authority.issuing.roots();
    const shown = pem === undefined ? {} : { key: pem, cert: pem };
    const client = new MqttClient(() => connectTls({ port: door.port, host: '127.0.0.1', ca, ...shown }), {
      clientId: id,
      reconnectPeriod: 0,
      ...mqtt,
    });
    return new Promise<MqttClient | string>((resolve) => {
      client.once('connect', () => resolve(client));
      client.once('close', () => resolve('closed'));
      client.on('error', (error) => resolve(error.message));
    });
  };
  const comesIn = async (id: string, mqtt: Partial<IClientOptions> = {}): Promise<MqttClient> => {
    const client = await attempt(id, await door.authority.gateway(id), mqtt);
    assert.ok(typeof client !== 'string', `${id} did not connect`);
    return client;
  };
  const closing = (client: MqttClient): Promise<false> =>
    new Promise((resolve) => client.once('close', () => resolve(false)));
  /** True if the broker accepts; otherwise it closes the connection. */
  const may = async (client: MqttClient, act: 'publish' | 'subscribe', on: string): Promise<boolean> => {
    const done = act === 'publish' ? client.publishAsync(on, 'x', { qos: 1 }) : client.subscribeAsync(on, { qos: 1 });
    return Promise.race([closing(client), done.then(() => true).catch(() => false)]);
  };

  test('a gateway may do what the table of rights allows, and nothing else', async () => {
    const rights = new TopicRights('owd-01', 'north');
    const cases = rightsCases('owd-01', 'wls-01', 'north').map((each) => ({
      ...each,
      expected: each.act === 'publish' ? rights.mayPublish(each.on) : rights.maySubscribe(each.on),
    }));
    const granted = cases.filter(({ expected }) => expected);
    const kind = door.plain === undefined ? 'tls' : 'plain';
    const refused = cases.filter(({ expected }) => !expected).filter((_, at) => at % REFUSED_EACH[kind] === 0);
    const least = { tls: 50, plain: 500 }[kind];
    assert.ok(granted.length >= 30 && refused.length >= least, `${granted.length} and ${refused.length}`);
    const client = await comesIn('owd-01');
    client.setMaxListeners(granted.length + 10);
    for (const { act, on } of granted) assert.equal(await may(client, act, on), true, `${act} ${on}`);
    await client.endAsync();
    for (const { act, on } of refused) {
      const one = await (door.plain?.() ?? comesIn('owd-01'));
      assert.equal(await may(one, act, on), false, `${act} ${JSON.stringify(on)}`);
      one.end(true);
    }
    const published = granted.filter(({ act }) => act === 'publish').map(({ on }) => on);
    await until('all messages arrive', () => received.length >= published.length);
    assert.deepEqual(
      received.map(({ topic }) => topic).filter((topic) => topic !== stateTopic('cloud')),
      published,
    );
  });

  test('a client without a valid certificate is rejected', async () => {
    const { authority } = door;
    const cases: [what: string, id: string, pem: string | undefined, mqtt?: Partial<IClientOptions>][] = [
      ["another gateway's", 'owd-01', await authority.gateway('wls-01')],
      ['expired', 'owd-01', await authority.gateway('owd-01', -1)],
      ["the cloud's own", 'owd-01', authority.server],
      ['none', 'hal-01', undefined],
      ['none, and an empty password', 'hal-01', undefined, { username: 'hal-01', password: '' }],
      ['none, and a password', 'hal-01', undefined, { username: 'hal-01', password: 'hal-01' }],
    ];
    // In parallel, because a broker may delay its refusals.
    const answers = await Promise.all(cases.map(([, id, pem, mqtt]) => attempt(id, pem, mqtt)));
    for (const [at, [what]] of cases.entries()) assert.equal(typeof answers[at], 'string', what);
  });

  test('the newer connection of a gateway ends the older', async () => {
    const older = await comesIn('owd-01');
    const closed = closing(older);
    const newer = await comesIn('owd-01');
    await closed;
    assert.ok(newer.connected);
    await newer.endAsync();
  });

  test('the will of a gateway is delivered when it vanishes', async () => {
    const topic = 'spBv1.0/north/NDEATH/hal-01';
    const will = { topic, payload: Buffer.from('dead'), qos: 1 as const, retain: false };
    const client = await comesIn('hal-01', { will });
    client.stream.destroy();
    await until('the will', () => heard(topic).length > 0);
    assert.deepEqual(heard(topic), ['dead']);
  });

  test('a partly forbidden SUBSCRIBE has no effect, and no messages are queued for absent clients', async () => {
    const mixed = await comesIn('wls-01', { clean: false });
    const closed = closing(mixed);
    mixed.subscribe(['loadstone/v1/wls-01/ack', 'loadstone/v1/owd-01/ack'], { qos: 1 }, () => undefined);
    await closed;
    for (const gateway of ['wls-01', 'owd-01'])
      await door.link.publish(`loadstone/v1/${gateway}/ack`, Buffer.from('missed'), { qos: 1 });
    const again = await comesIn('wls-01', { clean: false });
    const texts: string[] = [];
    again.on('message', (topic, payload) => texts.push(`${topic} ${payload.toString()}`));
    await again.subscribeAsync('loadstone/v1/wls-01/heartbeat', { qos: 1 });
    for (const topic of ['loadstone/v1/owd-01/ack', 'loadstone/v1/wls-01/heartbeat'])
      await door.link.publish(topic, Buffer.from('now'), { qos: 1 });
    await until('it is heard', () => texts.length > 0);
    assert.deepEqual(texts, ['loadstone/v1/wls-01/heartbeat now']);
    await again.endAsync();
  });

  test('an oversized packet ends the connection; one of 200 kB passes', async () => {
    const client = await comesIn('mnzl-01');
    await client.publishAsync('loadstone/v1/mnzl-01/events', Buffer.alloc(200_000), { qos: 1 });
    const closed = closing(client);
    client.publish('loadstone/v1/mnzl-01/events', Buffer.alloc(2_000_000), { qos: 0 });
    await closed;
  });

  test('messages of a gateway stay in order across its devices', async () => {
    const client = await comesIn('mnzl-01');
    const from = received.length;
    const topic = (n: number): string => `spBv1.0/north/DDATA/mnzl-01/pv-${n % 7}`;
    for (let n = 0; n < 700; n++) client.publish(topic(n), `${n}`, { qos: 0 });
    await until('all have arrived', () => received.length >= from + 700);
    assert.deepEqual(
      received.slice(from).map(({ payload }) => Number(Buffer.from(payload).toString())),
      Array.from({ length: 700 }, (_, n) => n),
    );
    await client.endAsync();
  });

  test('a revoked gateway is cut off and cannot reconnect', async () => {
    const pem = await door.authority.gateway('wwf-01');
    const client = await attempt('wwf-01', pem);
    assert.ok(typeof client !== 'string');
    let isOver = false;
    client.once('close', () => (isOver = true));
    await door.revoke('wwf-01');
    // A second on the embedded broker, ten on RabbitMQ; the bound allows for a busy machine.
    await until('the end of its session', () => isOver);
    assert.equal(typeof (await attempt('wwf-01', pem)), 'string');
  });
}
