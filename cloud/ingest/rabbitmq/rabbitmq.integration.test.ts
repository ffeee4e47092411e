import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectAsync } from 'mqtt';
import { gateway } from '../../../shared/ports/testing/link-suite.ts';
import { until } from '../../../shared/testing/until.ts';
import { startRabbit } from '../../../simulators/testing/rabbitmq.ts';
import { freePort } from '../../../simulators/testing/free-ports.ts';
import type { BrokerAddress } from './address.ts';
import { checkBroker, placeAt } from './check-broker.ts';
import { BrokerFault } from './faults.ts';
import { Management } from './management.ts';
import { RabbitLink } from './rabbit-link.ts';
import { RabbitRig } from './testing/rabbit-rig.ts';

const onFailure = (error: unknown): void => {
  throw error;
};
const rig = new RabbitRig(startRabbit);
const { clock, random } = rig;
rig.suites('on RabbitMQ');

/** The result of checking a broker. A busy broker drops a handshake after 5 s; this is retried unless `away` is the expected result. */
const looked = (at: BrokerAddress, expected = /^$/): Promise<string | BrokerFault> =>
  until('the broker is checked', () =>
    checkBroker(at, clock.machine).catch((error: unknown) => {
      const isFault = error instanceof BrokerFault;
      if (!isFault || (error.kind === 'away' && !expected.test(wordOf(error)))) throw error;
      return error;
    }),
  );
const wordOf = ({ message }: Error): string => message.replace('uplink.rabbitmq.', '');

test('a broker is checked over AMQP, MQTT and management before a cloud uses it, even with TLS everywhere', async () => {
  const { address, farAddress } = rig.rabbit;
  for (const each of [address, farAddress]) assert.match(String(await looked(each)), /^4\./);
  const management = new Management(address);
  const user = async (name: string, tags: string, vhost: string, configure = '.*'): Promise<BrokerAddress> => {
    await management.post('definitions', {
      users: [{ name, password: 'secret', tags }],
      vhosts: [{ name: vhost }],
      permissions: [{ user: name, vhost, configure, write: '.*', read: '.*' }],
    });
    return { ...address, user: name, password: 'secret', vhost };
  };
  const closed = await freePort();
  const cases: [what: string, at: BrokerAddress, said: RegExp, kind?: BrokerFault['kind']][] = [
    [
      'away',
      { ...address, amqpUrl: `amqp://127.0.0.1:${closed}` },
      /^host: RabbitMQ does not answer at .*ECONNREFUSED/,
      'away',
    ],
    [
      'no such host',
      { ...address, amqpUrl: 'amqp://no-such-host.invalid' },
      /^host: there is no host no-such-host/,
      'away',
    ],
    ['a wrong password', { ...address, password: 'wrong' }, /^passwordFile: .* rejects the password of cloud/],
    ['an unknown user', { ...address, user: 'nobody' }, /^passwordFile: .* or does not know nobody/],
    ['no such vhost', { ...address, vhost: 'grid' }, /^vhost: there is no grid, .*rabbitmqctl add_vhost grid/],
    [
      'a vhost of another user',
      { ...(await user('other', 'administrator', 'theirs')), vhost: '/' },
      /^vhost: .*other may not use it: .*set_permissions -p \/ other/,
    ],
    ['few rights', await user('weak', 'administrator', '/', '^$'), /^user: weak lacks a permission: .*set_permissions/],
    ['no administrator', await user('plain', 'management', '/'), /^user: .*set_user_tags plain administrator/],
    ['no tag', await user('bare', '', '/'), /^user: bare may not use the management.*set_user_tags bare administrator/],
    [
      'no management',
      { ...address, managementUrl: `http://127.0.0.1:${closed}` },
      /^managementPort: RabbitMQ's management API does not answer/,
      'away',
    ],
    [
      'no MQTT',
      { ...address, mqttUrl: `mqtts://127.0.0.1:${closed}` },
      /^mqttPort: RabbitMQ's MQTT over TLS does not answer/,
      'away',
    ],
    [
      'another authority',
      { ...farAddress, roots: rig.authority.server },
      /^caFile: the certificate of .* is not trusted/,
    ],
    [
      'no TLS',
      { ...farAddress, amqpUrl: address.amqpUrl.replace('amqp:', 'amqps:') },
      /^security: .* does not speak TLS/,
    ],
    [
      'another vhost than that of MQTT',
      await user('far', 'administrator', 'apart'),
      /^(?:vhost: MQTT messages do not reach apart: .*mqtt\.vhost = apart|user: far may not connect over MQTT)/,
    ],
  ];
  for (const [what, at, said, kind = 'refused'] of cases) {
    const fault = await looked(at, said);
    assert.ok(fault instanceof BrokerFault, what);
    assert.match(wordOf(fault), said, what);
    assert.deepEqual([fault.kind, fault.code], [kind, 'LS-BROKER-003'], what);
  }
  // A queue with other arguments.
  const own = await user('own', 'administrator', 'own');
  await management.post('definitions', {
    queues: [{ name: 'up.00', vhost: 'own', durable: true, auto_delete: false, arguments: {} }],
  });
  assert.match(String(await looked(own)), /vhost: a queue or exchange of this name exists/);
});

test('a second cloud waits for the place of the first at the broker, and gets it once the first is gone', async () => {
  const heard: (string | null)[] = [];
  const [first, second] = ['first', 'second'].map(
    (who) =>
      new RabbitLink({
        address: rig.rabbit.address,
        machine: clock.machine,
        random,
        reconnectS: [0.2, 0.2],
        onStanding: (why) => who === 'second' && heard.push(why),
        onFailure,
      }),
  ) as [RabbitLink, RabbitLink];
  const closes: string[] = [];
  const handlers = {
    onConnect: () => undefined,
    onClose: (why: string) => void closes.push(why),
    onMessage: () => undefined,
  };
  first.open({ clientId: 'cloud', subscriptions: [] }, handlers);
  await until('the first is in', () => first.connected);
  second.open({ clientId: 'cloud', subscriptions: [] }, { ...handlers, onClose: () => undefined });
  await until('it tries twice', () => heard.length >= 2);
  assert.match(heard[0] ?? '', /^uplink\.rabbitmq\.vhost: another cloud already ingests from \//);
  assert.deepEqual([first.connected, second.connected, closes], [true, false, []]);
  await first.close();
  await until('the second is in', () => second.connected);
  assert.equal(heard.at(-1), null);
  await second.close();
});

test('RabbitMQ stores no retained messages itself', async () => {
  const topic = 'spBv1.0/STATE/north';
  await rig.define({ users: [{ name: gateway, password: 'secret', tags: 'loadstone-gateway' }] });
  const connected = (clientId: string, username: string, password: string) =>
    connectAsync(`mqtt://127.0.0.1:${rig.rabbit.plainPort}`, { clientId, username, password, reconnectPeriod: 0 });
  const { user, password } = rig.rabbit.address;
  const host = await connected('a/host', user, password);
  await host.publishAsync(topic, 'kept', { qos: 1, retain: true });
  const later = await connected(gateway, gateway, 'secret');
  const heard: string[] = [];
  later.on('message', (_topic, payload) => heard.push(payload.toString()));
  await later.subscribeAsync(topic, { qos: 1 });
  await host.publishAsync(topic, 'now', { qos: 1 });
  await until('it hears', () => heard.length > 0);
  assert.deepEqual(heard, ['now']);
  for (const each of [host, later]) each.end(true);
});

test('a cloud that has lost its database does not connect to the broker', async () => {
  const heard: (string | null)[] = [];
  const woken = new RabbitLink({
    address: rig.rabbit.address,
    machine: clock.machine,
    random,
    reconnectS: [0.2, 0.2],
    mayOpen: () => Promise.reject(new Error('another process holds the database')),
    onStanding: (why) => heard.push(why),
    onFailure,
  });
  const nothing = (): void => undefined;
  woken.open({ clientId: 'cloud', subscriptions: [] }, { onConnect: nothing, onClose: nothing, onMessage: nothing });
  await until('it tries twice', () => heard.length >= 2);
  assert.deepEqual([...new Set(heard)], ['another process holds the database']);
  assert.equal(await placeAt(rig.rabbit.address), 'free');
  const one = rig.link();
  one.open({ clientId: 'cloud', subscriptions: [] }, { onConnect: nothing, onClose: nothing, onMessage: nothing });
  await until('one is in', () => one.connected);
  assert.equal(await placeAt(rig.rabbit.address), 'held');
  await Promise.all([woken.close(), one.close()]);
  assert.equal(await placeAt({ ...rig.rabbit.address, amqpUrl: `amqp://127.0.0.1:${await freePort()}` }), 'away');
  await assert.rejects(placeAt({ ...rig.rabbit.address, password: 'wrong' }), { code: 'LS-BROKER-003' });
});
