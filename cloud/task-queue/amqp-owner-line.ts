import type { ChannelModel, ConfirmChannel, ConsumeMessage } from 'amqplib';
import { asBuffer } from '../../shared/codec/as-buffer.ts';
import type { BrokerAddress } from '../ingest/rabbitmq/address.ts';
import { closed, openLine, type Lose } from '../ingest/rabbitmq/connection.ts';
import { readAnnouncement } from './announcement.ts';
import { LANES, type ByLane, type Lane } from './lanes.ts';
import type { AnswerKind, OwnerEvents, OwnerLine, QueueLook, SentTask } from './lines.ts';
import {
  ANSWER_EXCHANGE,
  DEAD_EXCHANGE,
  DEAD_QUEUE,
  declareTasks,
  NODES_KEY,
  TASK_EXCHANGE,
  taskKey,
  taskQueue,
} from './topology.ts';

export interface AmqpOwnerLineOptions extends OwnerEvents {
  readonly address: BrokerAddress;
  /** New for each process, without a dot; its answers reach no other process. */
  readonly owner: string;
  readonly onClose: (reason: string) => void;
}

/**
 * A quorum queue of RabbitMQ 4.3 delivers priorities above 4 before all others; an older one delivers two of them for each other message.
 */
const SOON = 5;

/**
 * An owner's line over AMQP. Tasks survive it and a restart of the broker. Answers do not: their queue is exclusive to the connection, so
 * answers to an owner that is gone are returned.
 */
export class AmqpOwnerLine implements OwnerLine {
  readonly #options: AmqpOwnerLineOptions;
  readonly #connection: ChannelModel;
  readonly #channel: ConfirmChannel;

  private constructor(options: AmqpOwnerLineOptions, connection: ChannelModel, channel: ConfirmChannel) {
    this.#options = options;
    this.#connection = connection;
    this.#channel = channel;
  }

  /** Resolves once exchanges and queues exist and answers are consumed; rejects with the error of the broker or the network. */
  static open(options: AmqpOwnerLineOptions): Promise<AmqpOwnerLine> {
    const { address, owner, onClose } = options;
    return openLine(address, { names: ['cloud asks'], onClose }, async ([connection], lose) => {
      const channel = await connection!.createConfirmChannel();
      channel.on('error', lose);
      await declareTasks(channel);
      const { queue } = await channel.assertQueue('', { exclusive: true, durable: false });
      await channel.bindQueue(queue, ANSWER_EXCHANGE, owner);
      await channel.bindQueue(queue, ANSWER_EXCHANGE, NODES_KEY);
      await channel.bindQueue(queue, DEAD_EXCHANGE, `*.*.${owner}`);
      // Without acknowledgement: answers are lost with the line anyway, and their tasks are then sent again.
      await channel.consume(queue, (message) => hear(message, options, lose), { noAck: true });
      return new AmqpOwnerLine(options, connection!, channel);
    });
  }

  async send({ id, lane, name, isSoon, body }: SentTask): Promise<boolean> {
    const { owner } = this.#options;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    this.#channel.publish(
      TASK_EXCHANGE,
      taskKey(lane, owner),
      asBuffer(body),
      { correlationId: id, replyTo: owner, type: name, persistent: true, ...(isSoon ? { priority: SOON } : {}) },
      (error) => resolve(error === null || error === undefined),
    );
    return promise;
  }

  async look(): Promise<QueueLook> {
    const [threads, waiting] = [{}, {}] as [Record<Lane, number>, Record<Lane, number>];
    for (const lane of LANES) {
      const { consumerCount, messageCount } = await this.#channel.checkQueue(taskQueue(lane));
      threads[lane] = consumerCount;
      waiting[lane] = messageCount;
    }
    const { messageCount: dead } = await this.#channel.checkQueue(DEAD_QUEUE);
    return { threads: threads satisfies ByLane<number>, waiting, dead };
  }

  async end(): Promise<void> {
    await closed(this.#connection);
  }
}

function hear(message: ConsumeMessage | null, { onAnswer, onDead, onNode }: OwnerEvents, lose: Lose): void {
  if (message === null) return lose(new Error('the answer queue was deleted'));
  const { fields, properties, content } = message;
  if (fields.routingKey === NODES_KEY) {
    const node = readAnnouncement(content);
    if (node !== undefined) onNode(node);
    return;
  }
  const id = String(properties.correlationId);
  if (fields.exchange === DEAD_EXCHANGE) onDead({ id, name: String(properties.type) });
  else onAnswer({ id, kind: properties.type as AnswerKind, body: content });
}
