import assert from 'node:assert/strict';
import { test } from 'node:test';
import mqtt from 'mqtt';
import { until } from '../../shared/testing/until.ts';
import { VirtualClock } from '../../shared/time/virtual-clock.ts';
import { DeviceUsers, userLine } from './device-users.ts';
import { LocalBroker } from './local-broker.ts';

test('the broker keeps no message of a device, by publish or by will, but those of the gateway', async (t) => {
  const local = new LocalBroker({ listen: '127.0.0.1:0', time: new VirtualClock(0).machine });
  await local.start();
  t.after(() => local.stop());
  const heard: string[] = [];
  const link = local.link();
  link.open(
    { clientId: 'gateway', subscriptions: ['b-1/#'] },
    {
      onConnect: () => undefined,
      onClose: () => undefined,
      onMessage: ({ topic }) => void heard.push(topic),
    },
  );
  const connect = (more: mqtt.IClientOptions = {}): Promise<mqtt.MqttClient> =>
    mqtt.connectAsync(`mqtt://127.0.0.1:${local.port}`, { reconnectPeriod: 0, ...more });
  const will = { topic: 'b-1/will', payload: Buffer.from('gone'), qos: 1 as const, retain: true };
  const device = await connect({ will });
  for (const qos of [0, 1, 2] as const) await device.publishAsync(`b-1/state-${qos}`, 'now', { qos, retain: true });
  device.stream.destroy();
  await until('the gateway has read all', () => heard.length === 4);
  // Kept messages come in the order in which they were sent.
  await link.publish('STATE/owd-01', Buffer.from('online'), { qos: 1, retain: true });
  const late = await connect();
  const kept: string[] = [];
  late.on('message', (topic) => kept.push(topic));
  await late.subscribeAsync('#');
  await until('the gateway is heard', () => kept.includes('STATE/owd-01'));
  assert.deepEqual(kept, ['STATE/owd-01']);
  await late.endAsync(true);
  await link.close();
});

/** One this long is remembered. */
const PASSWORD = 'right-and-long-enough';

test('whoever the broker cuts off is named with cause and remedy', async (t) => {
  const users = DeviceUsers.parse(`${await userLine('bms', PASSWORD)}\n`, 'users');
  const told: string[] = [];
  const local = new LocalBroker({
    listen: '127.0.0.1:0',
    users,
    access: { byUser: new Map(), anyone: { publish: new Set(['b-1']), subscribe: new Set(['b-1/set']) } },
    time: new VirtualClock(0).machine,
    onCutOff: (words) => told.push(words),
  });
  await local.start();
  t.after(() => local.stop());
  const open = (more: mqtt.IClientOptions = {}): Promise<mqtt.MqttClient> =>
    mqtt.connectAsync(`mqtt://127.0.0.1:${local.port}`, { reconnectPeriod: 0, ...more }, false);
  const bms = { username: 'bms', password: PASSWORD };
  const next = async (words: RegExp, act: () => unknown): Promise<void> => {
    const before = told.length;
    await act();
    await until(String(words), () => told.length > before);
    assert.match(told[before]!, words);
  };
  await next(/^localBroker: 127\.0\.0\.1 is cut off: it names no user; give it user and password/, () =>
    assert.rejects(open()),
  );
  await next(/its password as user bms is wrong; give it the password whose line/, () =>
    assert.rejects(open({ ...bms, password: 'wrong' })),
  );
  await next(/its user pv is not in localBroker\.userFile; "loadstone edge passwd" prints its line/, () =>
    assert.rejects(open({ ...bms, username: 'pv' })),
  );
  await next(/protocol version; set it to MQTT 3\.1\.1/, () => assert.rejects(open({ ...bms, protocolVersion: 5 })));
  await next(/^localBroker: bms is cut off: it may not publish on b-1\/temp\?; have it publish only/, async () =>
    (await open(bms)).publish('b-1/temp\u0007', '20'),
  );
  await next(/bms is cut off: it may not subscribe to #; have it subscribe/, async () =>
    (await open(bms)).subscribe('#'),
  );
  await next(/bms is cut off: a packet is larger than 64 kB.*; have it send smaller messages/, async () =>
    (await open(bms)).publish('b-1', Buffer.alloc(70_000)),
  );
  const twins: mqtt.MqttClient[] = [];
  await next(/take each other's place with the same client id twin; give each device its own/, async () => {
    for (let each = 0; each < 4; each++) twins.push(await open({ ...bms, clientId: 'twin' }));
  });
  const count = told.length;
  await twins.at(-1)!.endAsync();
  assert.equal(told.length, count, 'an orderly end is no news');
});
