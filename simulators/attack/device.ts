import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import { devicePassword } from './gateway-yaml.ts';
import type { Started } from './started.ts';

/** Connects to a gateway's local broker as one of its devices. */
export async function deviceAt(daemon: Started, user: string, more: IClientOptions = {}): Promise<MqttClient> {
  const port = Number(await daemon.says(/"port":(\d+)/));
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, {
    reconnectPeriod: 0,
    username: user,
    password: devicePassword(user),
    clientId: user,
    ...more,
  });
  client.on('error', () => undefined);
  return client;
}

/** Publishes one reading each for meter, battery and charger. */
export async function tellReadings(daemon: Started): Promise<void> {
  for (const [user, topics] of [
    ['head', ['head/p']],
    ['battery', ['battery/p', 'battery/soc']],
    ['charger', ['charger/p']],
  ] as const) {
    const device = await deviceAt(daemon, user);
    for (const topic of topics) await device.publishAsync(topic, '20', { qos: 1 });
    await device.endAsync();
  }
}
