import type { ChannelModel, ConfirmChannel, ConsumeMessage } from 'amqplib';
import type { LinkMessage } from '../../../shared/ports/link.ts';
import type { TimeBase } from '../../../shared/time/clock.ts';
import type { BrokerAddress } from './address.ts';
import { closed, openLine } from './connection.ts';
import { keyOf, MQTT_EXCHANGE, OWNER_QUEUE, queueArguments, topicOf, UP_EXCHANGE, upQueues } from './topology.ts';

export interface AmqpLineOptions {
  readonly address: BrokerAddress;
  /** Filters of what gateways send. */
  readonly filters: readonly string[];
  /** `tag` counts up from 1: what is acknowledged is acknowledged with all before it. */
  readonly onMessage: (message: LinkMessage, tag: number) => void;
  readonly onClose: (reason: string) => void;
}

/** Of each partition, on their way to the store: they come again where they do not get there. */
const PREFETCH = 500;
/** Messages on their way down: acknowledgements to a whole fleet fit. */
const MAX_UNCONFIRMED = 50_000;
const DELIVERY_MODE = [1, 2] as const;

/**
 * Two connections over AMQP 0-9-1: one consumes, one publishes. A broker that is short of memory stops reading from whoever publishes,
 * and must go on to hear what was consumed. One cloud at a time has a line: its queue of the owner belongs to its connection alone.
 */
export class AmqpLine {
  readonly #connections: readonly ChannelModel[];
  readonly #consuming: ConfirmChannel;
  readonly #publishing: ConfirmChannel;
  readonly #options: AmqpLineOptions;
  #unconfirmed = 0;

  private constructor(options: AmqpLineOptions, connections: readonly ChannelModel[], channels: ConfirmChannel[]) {
    this.#options = options;
    this.#connections = connections;
    [this.#consuming, this.#publishing] = channels as [ConfirmChannel, ConfirmChannel];
  }

  /** Resolves once exchange and queues stand and no other cloud has them; rejects with what the broker or the network said. */
  static open(options: AmqpLineOptions): Promise<AmqpLine> {
    const { address, filters, onClose } = options;
    const names = ['cloud consumes', 'cloud publishes'];
    return openLine(address, { names, onClose }, async (connections, lose) => {
      const channels: ConfirmChannel[] = [];
      for (const connection of connections) {
        const channel = await connection.createConfirmChannel();
        channel.on('error', lose);
        channels.push(channel);
      }
      await channels[0]!.assertQueue(OWNER_QUEUE, { exclusive: true, durable: false });
      await declare(channels[0]!, filters);
      return new AmqpLine(options, connections, channels);
    });
  }

  /** From here on messages come. */
  async consume(): Promise<void> {
    const { onMessage, onClose } = this.#options;
    await this.#consuming.prefetch(PREFETCH);
    const take = (message: ConsumeMessage | null): void => {
      if (message === null) onClose('AMQP: a queue was deleted');
      else onMessage(read(message), message.fields.deliveryTag);
    };
    for (const queue of upQueues) await this.#consuming.consume(queue, take);
  }

  /** Resolves with true once a message on this topic has come from a client of MQTT, and with false where it did not come in time, ms. */
  async hears(topic: string, send: () => Promise<void>, time: TimeBase, patienceMs: number): Promise<boolean> {
    const { queue } = await this.#consuming.assertQueue('', { exclusive: true, durable: false });
    await this.#consuming.bindQueue(queue, MQTT_EXCHANGE, keyOf(topic));
    const { promise, resolve } = Promise.withResolvers<boolean>();
    await this.#consuming.consume(queue, () => resolve(true), { noAck: true });
    await send();
    const late = time.after(patienceMs, () => resolve(false));
    return promise.finally(() => late.cancel());
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
    const channels = [this.#consuming, this.#publishing];
    await Promise.all(this.#connections.map((connection, at) => closed(connection, [channels[at]!])));
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
