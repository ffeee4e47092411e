import type { TimeBase } from '../../../shared/time/clock.ts';
import type { BrokerAddress } from './address.ts';
import { AmqpLine } from './amqp-line.ts';
import { BrokerFault, faultOf } from './faults.ts';
import { HostLine } from './host-line.ts';
import { Management } from './management.ts';
import { OWNER_QUEUE } from './topology.ts';

/** The first major version with everything that the adapter needs; older ones name queues and clients differently. */
const LEAST_MAJOR = 4;
/** After a kill, the broker keeps the old cloud's exclusive queue until it detects the loss. */
const FORMER_MS = 30_000;
const AGAIN_MS = 500;
const ROUND_TRIP_MS = 5000;

/**
 * Connects to each of the broker's ports as the cloud will, and sends one message from MQTT to AMQP. Resolves with the broker's version.
 * `formerMs`: how long to wait for another cloud to leave. Throws a BrokerFault that names the key to check; one of kind `away` may be
 * temporary.
 */
export async function checkBroker(address: BrokerAddress, time: TimeBase, formerMs = FORMER_MS): Promise<string> {
  const line = await openLine(address, time, formerMs);
  try {
    const version = await askManagement(address);
    const host = await HostLine.open({
      address,
      clientId: `${OWNER_QUEUE}/check`,
      will: undefined,
      filters: [],
      onMessage: () => undefined,
      onClose: () => undefined,
    });
    try {
      // Uses a Sparkplug topic, as gateways do: its namespace contains AMQP's separator.
      const topic = 'spBv1.0/STATE/loadstone-check';
      const send = (): Promise<void> => host.publish(topic, new Uint8Array());
      if (await line.hears(topic, send, time, ROUND_TRIP_MS)) return version;
      throw new BrokerFault(
        'vhost',
        `MQTT messages do not reach ${address.vhost}: rabbitmq.conf needs mqtt.sparkplug = true and mqtt.vhost = ${address.vhost}`,
      );
    } finally {
      await host.end();
    }
  } finally {
    await line.end();
  }
}

/**
 * Tells whether another cloud holds the place; `away`: the broker does not answer. Throws a BrokerFault if the broker would refuse this
 * cloud.
 */
export async function placeAt(address: BrokerAddress): Promise<'free' | 'held' | 'away'> {
  try {
    const line = await lineTo(address);
    await line.end();
    return 'free';
  } catch (error) {
    if (error instanceof BrokerFault && error.kind !== 'refused') return error.kind;
    throw error;
  }
}

const lineTo = (address: BrokerAddress): Promise<AmqpLine> =>
  AmqpLine.open({ address, filters: [], onMessage: () => undefined, onClose: () => undefined });

async function openLine(address: BrokerAddress, time: TimeBase, formerMs: number): Promise<AmqpLine> {
  const from = time.elapsed();
  for (;;)
    try {
      return await lineTo(address);
    } catch (error) {
      const isHeld = error instanceof BrokerFault && error.kind === 'held';
      if (!isHeld || time.elapsed() - from >= formerMs) throw error;
      await new Promise<void>((resolve) => time.after(AGAIN_MS, resolve));
    }
}

async function askManagement(address: BrokerAddress): Promise<string> {
  const management = new Management(address);
  const ask = async <T>(path: string): Promise<T> =>
    management.get<T>(path).catch((error: unknown) => {
      const { cause, message } = error as Error;
      if (cause !== undefined) throw faultOf(cause, 'management', address);
      throw new BrokerFault('user', `${address.user} may not use the management API, ${tagged(address)}: ${message}`);
    });
  const { tags } = await ask<{ readonly tags: readonly string[] | string }>('whoami');
  if (![tags].flat().join(',').split(',').includes('administrator'))
    throw new BrokerFault('user', `${address.user} cannot create the users of gateways: ${tagged(address)}`);
  const { rabbitmq_version: version } = await ask<{ readonly rabbitmq_version: string }>('overview');
  if (Number(version.split('.')[0]) >= LEAST_MAJOR) return version;
  throw new BrokerFault('host', `the broker is RabbitMQ ${version}; ${LEAST_MAJOR}.0 or newer is needed`);
}

const tagged = ({ user }: BrokerAddress): string => `rabbitmqctl set_user_tags ${user} administrator`;
