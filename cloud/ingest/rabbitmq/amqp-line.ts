import type { ChannelModel, ConfirmChannel, ConsumeMessage } from 'amqplib';
import { asBuffer } from '../../../shared/codec/as-buffer.ts';
import type { LinkMessage } from '../../../shared/ports/link.ts';
import type { TimeBase } from '../../../shared/time/clock.ts';
import type { BrokerAddress } from './address.ts';
import { closed, openLine } from './connection.ts';
import { keyOf, MQTT_EXCHANGE, OWNER_QUEUE, queueArguments, topicOf, UP_EXCHANGE, upQueues } from './topology.ts';

export interface AmqpLineOptions {
  readonly address: BrokerAddress;
  /** Filters for what gateways send. */
  readonly filters: readonly string[];
  /** `tag` counts up from 1; acknowledging a tag acknowledges all before it. */
  readonly onMessage: (message: LinkMessage, tag: number) => void;
  readonly onClose: (reason: string) => void;
}

/** Unacknowledged messages per partition on their way to the store; the broker redelivers those that do not get there. */
const PREFETCH = 500;
/** Maximum number of unconfirmed outgoing messages; acknowledgements to a whole fleet fit. */
const MAX_UNCONFIRMED = 50_000;
const DELIVERY_MODE = [1, 2] as const;

/**
 * Two connections over AMQP 0-9-1: one consumes, one publishes. A broker short of memory stops reading from publishing connections, and
 * must still receive the acknowledgements of what was consumed. Only one cloud at a time can have a line, because the owner queue is
 * exclusive to its connection.
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

  /** Resolves once the exchange and queues exist and no other cloud holds them; rejects with the error of the broker or the network. */
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

  /** Starts the delivery of messages. */
  async consume(): Promise<void> {
    const { onMessage, onClose } = this.#options;
    await this.#consuming.prefetch(PREFETCH);
    const take = (message: ConsumeMessage | null): void => {
      if (message === null) onClose('AMQP: a queue was deleted');
      else onMessage(read(message), message.fields.deliveryTag);
    };
    for (const queue of upQueues) await this.#consuming.consume(queue, take);
  }

  /** Resolves with true once an MQTT client's message on this topic arrives, with false after `patienceMs`. */
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

  /**
   * Resolves with true once the broker has confirmed the message (QoS 0: once it is sent), with false if there is no room or the line is
   * lost.
   */
  publish(topic: string, payload: Uint8Array, qos: 0 | 1): Promise<boolean> {
    if (this.#unconfirmed >= MAX_UNCONFIRMED) return Promise.resolve(false);
    const { promise, resolve } = Promise.withResolvers<boolean>();
    this.#unconfirmed++;
    const bytes = asBuffer(payload);
    this.#publishing.publish(MQTT_EXCHANGE, keyOf(topic), bytes, { deliveryMode: DELIVERY_MODE[qos] }, (error) => {
      this.#unconfirmed--;
      resolve(error === null || error === undefined);
    });
    return qos === 0 ? Promise.resolve(true) : promise;
  }

  /** Resolves once the broker has everything that was acknowledged and published. */
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

/** Idempotent: declaring an existing exchange or queue changes nothing. */
async function declare(channel: ConfirmChannel, filters: readonly string[]): Promise<void> {
  await channel.assertExchange(UP_EXCHANGE, 'topic', { durable: true });
  for (const filter of filters) await channel.bindExchange(UP_EXCHANGE, MQTT_EXCHANGE, keyOf(filter));
  for (const queue of upQueues) await channel.assertQueue(queue, { durable: true, arguments: queueArguments });
}
