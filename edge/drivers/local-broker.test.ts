import assert from 'node:assert/strict';
import { test } from 'node:test';
import mqtt from 'mqtt';
import { until } from '../../shared/testing/until.ts';
import { VirtualClock } from '../../shared/time/virtual-clock.ts';
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
