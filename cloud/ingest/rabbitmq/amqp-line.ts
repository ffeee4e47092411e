import { connect, type ChannelModel, type ConfirmChannel, type ConsumeMessage } from 'amqplib';
import type { LinkMessage } from '../../../shared/ports/link.ts';
import type { BrokerAddress } from './address.ts';
import { keyOf, MQTT_EXCHANGE, queueArguments, topicOf, UP_EXCHANGE, upQueues } from './topology.ts';

export interface AmqpLineOptions {
  readonly address: BrokerAddress;
  /** Filters of what gateways send. */
  readonly filters: readonly string[];
  /** `tag` counts up from 1: what is acknowledged is acknowledged with all before it. */
  readonly onMessage: (message: LinkMessage, tag: number) => void;
  readonly onClose: (reason: string) => void;
}

/** A frozen cloud is found by this, and its partitions go to the next. */
const HEARTBEAT_S = 8;
const CONNECT_TIMEOUT_MS = 10_000;
/** Of each partition, on their way to the store: they come again where they do not get there. */
const PREFETCH = 500;
/** Messages on their way down: acknowledgements to a whole fleet fit. */
const MAX_UNCONFIRMED = 50_000;
const DELIVERY_MODE = [1, 2] as const;

/**
 * Two connections over AMQP 0-9-1: one consumes, one publishes. A broker that is short of memory stops reading from whoever publishes,
 * and must go on to hear what was consumed.
 */
export class AmqpLine {
  readonly #connections: readonly ChannelModel[];
  readonly #consuming: ConfirmChannel;
  readonly #publishing: ConfirmChannel;
  #unconfirmed = 0;

  private constructor(connections: readonly ChannelModel[], consuming: ConfirmChannel, publishing: ConfirmChannel) {
    this.#connections = connections;
    this.#consuming = consuming;
    this.#publishing = publishing;
  }

  /** Resolves once exchange, queues and consumers stand; rejects where one of them does not. */
  static async open({ address, filters, onMessage, onClose }: AmqpLineOptions): Promise<AmqpLine> {
    const connections: ChannelModel[] = [];
    const channels: ConfirmChannel[] = [];
    try {
      for (const what of ['consumes', 'publishes']) {
        const connection = await connect(placeOf(address), socketOf(address, what));
        let reason = 'AMQP: closed';
        connection.on('error', (error: Error) => (reason = `AMQP: ${error.message}`));
        connection.on('close', () => onClose(reason));
        connections.push(connection);
        const channel = await connection.createConfirmChannel();
        channel.on('error', (error: Error) => onClose(`AMQP: ${error.message}`));
        channels.push(channel);
      }
      const [consuming, publishing] = channels as [ConfirmChannel, ConfirmChannel];
      await declare(consuming, filters);
      await consuming.prefetch(PREFETCH);
      const take = (message: ConsumeMessage | null): void => {
        if (message === null) onClose('AMQP: a queue was deleted');
        else onMessage(read(message), message.fields.deliveryTag);
      };
      for (const queue of upQueues) await consuming.consume(queue, take);
      return new AmqpLine(connections, consuming, publishing);
    } catch (error) {
      await Promise.allSettled(connections.map((connection) => connection.close()));
      throw error;
    }
  }

  acknowledge(upTo: number): void {
    this.#consuming.ack({ fields: { deliveryTag: upTo } } as ConsumeMessage, true);
  }

  /** Resolves true once the broker has it (QoS 0: once it is on its way), false where it has no room or the line is lost. */
  publish(topic: string, payload: Uint8Array, qos: 0 | 1): Promise<boolean> {
    if (this.#unconfirmed >= MAX_UNCONFIRMED) return Promise.resolve(false);
    const { promise, resolve } = Promise.withResolvers<boolean>();
    this.#unconfirmed++;
    const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
    this.#publishing.publish(MQTT_EXCHANGE, keyOf(topic), bytes, { deliveryMode: DELIVERY_MODE[qos] }, (error) => {
      this.#unconfirmed--;
      resolve(error === null || error === undefined);
    });
    return qos === 0 ? Promise.resolve(true) : promise;
  }

  /** Resolves once the broker has what was acknowledged and published. */
  async end(): Promise<void> {
    await Promise.allSettled([this.#consuming.close(), this.#publishing.close()]);
    await Promise.allSettled(this.#connections.map((connection) => connection.close()));
  }
}

const read = ({ content, fields }: ConsumeMessage): LinkMessage => ({
  topic: topicOf(fields.routingKey),
  payload: content,
  retain: false,
});

/** Declaring what is there already changes nothing. */
async function declare(channel: ConfirmChannel, filters: readonly string[]): Promise<void> {
  await channel.assertExchange(UP_EXCHANGE, 'topic', { durable: true });
  for (const filter of filters) await channel.bindExchange(UP_EXCHANGE, MQTT_EXCHANGE, keyOf(filter));
  for (const queue of upQueues) await channel.assertQueue(queue, { durable: true, arguments: queueArguments });
}

function placeOf({ amqpUrl, vhost, user, password }: BrokerAddress) {
  const { protocol, hostname, port } = new URL(amqpUrl);
  return {
    protocol: protocol.replace(':', ''),
    hostname,
    ...(port === '' ? {} : { port: Number(port) }),
    vhost,
    username: user,
    password,
    heartbeat: HEARTBEAT_S,
  };
}

const socketOf = ({ roots }: BrokerAddress, what: string) => ({
  timeout: CONNECT_TIMEOUT_MS,
  noDelay: true,
  clientProperties: { connection_name: `loadstone cloud ${what}` },
  ...(roots === undefined ? {} : { ca: [roots] }),
});
