import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import type { Link } from '../../shared/ports/link.ts';
import { until } from '../../shared/testing/until.ts';
import { UplinkBroker } from './broker.ts';

const FLEET = 6000;

test('a broker stops with a whole fleet connected', async () => {
  const { broker, link } = await started(() => undefined);
  await fleetAt(broker);
  assert.equal(broker.connected().length, FLEET);
  await link.close();
  await broker.stop();
  assert.equal(broker.connected().length, 0);
});

test('every will of a fleet lost at once is delivered', async () => {
  const heard = new Set<string>();
  const { broker, link } = await started((topic) => heard.add(topic));
  for (const socket of await fleetAt(broker)) socket.destroy();
  await until(
    () => `${heard.size} wills of ${FLEET}`,
    () => heard.size === FLEET,
  );
  await link.close();
  await broker.stop();
});

async function started(hear: (topic: string) => void): Promise<{ broker: UplinkBroker; link: Link }> {
  const broker = new UplinkBroker({ port: 0, group: 'north', users: 'anonymous' });
  await broker.start();
  const link = broker.link();
  link.open(
    { clientId: 'cloud', subscriptions: ['spBv1.0/north/+/+'] },
    { onConnect: () => undefined, onClose: () => undefined, onMessage: ({ topic }) => hear(topic) },
  );
  return { broker, link };
}

/** Connects in batches of a few hundred, as many as the broker queues. */
async function fleetAt({ port }: UplinkBroker): Promise<Socket[]> {
  const sockets: Socket[] = [];
  while (sockets.length < FLEET) {
    const from = sockets.length;
    sockets.push(...(await Promise.all(Array.from({ length: 400 }, (_, at) => arrived(port, `gateway-${from + at}`)))));
  }
  return sockets;
}

/** A gateway with a will that the broker has admitted. */
async function arrived(port: number, gateway: string): Promise<Socket> {
  const text = (value: string): Buffer => Buffer.from([0, value.length, ...Buffer.from(value)]);
  const head = Buffer.from([...text('MQTT'), 4, 0b0000_1110, 0, 60]);
  const rest = [head, text(gateway), text(`spBv1.0/north/NDEATH/${gateway}`), text('dead')];
  const body = Buffer.concat(rest);
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write(Buffer.concat([Buffer.from([0x10, body.length]), body]));
  const [answer] = (await once(socket, 'data')) as [Buffer];
  assert.deepEqual([...answer], [0x20, 2, 0, 0]);
  return socket;
}
