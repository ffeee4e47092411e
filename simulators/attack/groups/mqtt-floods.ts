import type { MqttClient } from 'mqtt';
import { judged, refused, succeeded, type Attack, type Group } from '../attack.ts';
import { endOf } from '../end-of.ts';
import { HELD } from '../held-gateway.ts';
import type { Stage } from '../stage.ts';
import { whatEnds } from '../uplink-place.ts';

const CUT = /the connection is closed/;
const TAKEN = /it is accepted/;
const SMALL = { cpuMs: 3000, memoryMb: 100 };

/** Head of a CONNECT with this announced length (MQTT 3.1.1, 2.2.3). */
function connectOf(length: number): Buffer {
  const size: number[] = [];
  for (let left = length; size.length === 0 || left > 0; left >>= 7)
    size.push((left & 0x7f) | (left > 0x7f ? 0x80 : 0));
  return Buffer.concat([Buffer.from([0x10, ...size]), Buffer.from('\0\x04MQTT\x04\x02\0\x3c', 'latin1')]);
}

const subscribes = (name: string, ...filters: string[]): Attack => ({
  id: `mqtt-floods/${name}`,
  title: `subscribes to ${filters.join(' and ').slice(0, 60)}`,
  requirements: ['CR 2.1', 'CR 4.1'],
  expected: 'its connection is closed',
  run: async ({ uplink, certificates }) => {
    const client = await uplink.client(HELD, await certificates.gateway(HELD));
    return judged(await whatEnds(client, (done) => client.subscribe(filters, { qos: 1 }, done)), CUT, TAKEN);
  },
});

const clientId = (name: string, id: string): Attack => ({
  id: `mqtt-floods/${name}`,
  // RabbitMQ accepts only the name in a certificate; see forged-identity/client-id.
  notAtRabbitMq: true,
  title: `connects as ${JSON.stringify(id.slice(0, 30))}`,
  requirements: ['CR 3.5'],
  expected: 'CONNACK 2, or the connection is closed',
  run: async ({ uplink }) => {
    // With a password: without one every client is rejected, whatever its name.
    const answer = await uplink.answerTo(id, undefined, { username: id, password: 'any' });
    return judged(answer, /Identifier rejected|closed/, /user ?name or password|was admitted/i);
  },
});

/** What a later subscriber, the cloud's own user, hears between a message sent with the retain flag and one without. */
async function heardLater({ uplink, broker }: Stage, client: MqttClient, topic: string): Promise<string> {
  await client.publishAsync(topic, 'kept', { qos: 1, retain: true });
  const { user: username, password } = broker.address;
  const later = await uplink.client('later', undefined, { username, password });
  const heard: string[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  later.on('message', (_topic, payload) => {
    const text = payload.toString();
    // Floods of earlier attacks on this topic may still arrive.
    if (text === 'kept' || text === 'now') heard.push(text);
    if (text === 'now') resolve();
  });
  later.once('close', () => resolve());
  await later.subscribeAsync(topic, { qos: 1 });
  await client.publishAsync(topic, 'now', { qos: 1 });
  await promise;
  for (const each of [client, later]) each.end(true);
  return `heard: ${heard.join(', ')}`;
}

/** MQTT abuse. */
export const mqttFloods: Group = {
  id: 'mqtt-floods',
  title: '200 MB CONNECT, QoS 2 flood, mixed SUBSCRIBE, wildcards, shared subscriptions, strange client ids and topics',
  asset: 'the broker of the uplinks, and the messages of others',
  from: 'a client of the uplink port, and a compromised gateway with its key',
  defence:
    'packets are judged by their announced length, subscriptions filter by filter: cloud/ingest/broker.ts, shared/codec/mqtt-packet-guard.ts; on RabbitMQ cloud/ingest/rabbitmq/permissions.ts, deploy/rabbitmq/rabbitmq.conf',
  attacks: [
    {
      id: 'mqtt-floods/connect-200-mb',
      title: 'announces a CONNECT of 200 MB and keeps sending',
      requirements: ['CR 7.1', 'CR 7.2', 'CR 3.5'],
      expected: 'the connection is closed before 5 MB; RabbitMQ: 20 MB',
      within: SMALL,
      run: async ({ uplink }) => {
        const socket = await uplink.shaken();
        const closed = endOf(socket);
        let sent = 0;
        socket.write(connectOf(200_000_000));
        const chunk = Buffer.alloc(65_536, 0x41);
        const more = (): void => {
          while (!socket.destroyed && sent < 200_000_000) {
            sent += chunk.length;
            if (!socket.write(chunk)) return void socket.once('drain', more);
          }
        };
        socket.resume();
        more();
        await closed;
        const seen = `closed after ${(sent / 1e6).toFixed(1)} MB`;
        // Includes what RabbitMQ's TLS has read ahead: a hundred buffers of 128 kB, see its configuration.
        return sent < (uplink.broker === 'RabbitMQ' ? 20_000_000 : 5_000_000) ? refused(seen) : succeeded(seen);
      },
    },
    {
      id: 'mqtt-floods/qos-2',
      title: 'begins 10,000 QoS 2 messages and completes none',
      requirements: ['CR 7.1', 'CR 7.2'],
      expected: 'its connection is closed; RabbitMQ begins none',
      within: SMALL,
      run: async ({ uplink, certificates }) => {
        const client = await uplink.client(HELD, await certificates.gateway(HELD));
        const topic = `loadstone/v1/${HELD}/events`;
        const answers = new Set<string>();
        client.on('packetreceive', ({ cmd }) => answers.add(cmd));
        const seen = await whatEnds(client, (done) => {
          for (let count = 0; count < 10_000; count++) client.publish(topic, 'x', { qos: 2 }, done);
        });
        // A broker that answers with PUBREC has begun the message and stores it until it is completed.
        const begun = answers.has('pubrec') ? 'and is begun' : 'as QoS 1';
        return judged(`${seen} ${begun}`, uplink.says(CUT, /^it is accepted as QoS 1$/), TAKEN);
      },
    },
    {
      id: 'mqtt-floods/large-publish',
      title: 'publishes 8 MB at once on a topic of its own',
      requirements: ['CR 7.1', 'CR 7.2'],
      expected: 'its connection is closed',
      within: SMALL,
      run: async ({ uplink, certificates }) => {
        const client = await uplink.client(HELD, await certificates.gateway(HELD));
        return judged(
          await whatEnds(client, (done) =>
            client.publish(`loadstone/v1/${HELD}/events`, Buffer.alloc(8_000_000), { qos: 1 }, done),
          ),
          CUT,
          TAKEN,
        );
      },
    },
    {
      id: 'mqtt-floods/retained',
      title: 'publishes a retained message',
      requirements: ['CR 2.1', 'CR 2.1 RE 1'],
      expected: 'its connection is closed; RabbitMQ: later subscribers do not receive it',
      run: async (stage) => {
        const { uplink, certificates } = stage;
        const client = await uplink.client(HELD, await certificates.gateway(HELD));
        const topic = `loadstone/v1/${HELD}/events`;
        if (uplink.broker === 'RabbitMQ')
          return judged(await heardLater(stage, client, topic), /^heard: now$/, /^heard: kept/);
        return judged(
          await whatEnds(client, (done) => client.publish(topic, 'kept', { qos: 1, retain: true }, done)),
          CUT,
          TAKEN,
        );
      },
    },
    subscribes('mixed-subscribe', `loadstone/v1/${HELD}/command`, 'loadstone/v1/owd-01/command'),
    subscribes('all-commands', 'loadstone/v1/+/command'),
    subscribes('everything', '#'),
    subscribes('shared', '$share/thieves/#'),
    subscribes('system', '$SYS/#'),
    subscribes('deep-topic', 'a/'.repeat(10_000)),
    clientId('prototype', '__proto__'),
    clientId('long-id', 'a'.repeat(60_000)),
    clientId('wildcard-id', 'owd-01/#'),
    {
      id: 'mqtt-floods/garbage',
      title: 'sends bytes that are not MQTT',
      requirements: ['CR 3.5', 'CR 3.7'],
      expected: 'the connection is closed',
      within: SMALL,
      run: async ({ uplink }) => {
        const socket = await uplink.shaken();
        const closed = endOf(socket);
        socket.resume();
        socket.write(Buffer.alloc(100_000, 0xff));
        return judged(await closed, CUT);
      },
    },
    {
      id: 'mqtt-floods/silent-connections',
      title: 'opens 300 silent connections while a gateway connects',
      requirements: ['CR 7.1'],
      expected: 'the gateway is admitted',
      within: { cpuMs: 10_000, memoryMb: 200 },
      run: async ({ uplink, certificates }) => {
        const sockets = await Promise.all(Array.from({ length: 300 }, () => uplink.bare()));
        const answer = await uplink.answerTo(HELD, await certificates.gateway(HELD));
        for (const socket of sockets) socket.destroy();
        return judged(answer, /was admitted/);
      },
    },
  ],
};
