import type { ChannelModel, ConfirmChannel, ConsumeMessage } from 'amqplib';
import type { BrokerAddress } from '../ingest/rabbitmq/address.ts';
import { closed, openLine, type Lose } from '../ingest/rabbitmq/connection.ts';
import { LANES, type ByLane, type Lane } from './lanes.ts';
import type { AnswerKind, OwnerEvents, OwnerLine, QueueLook, SentTask } from './lines.ts';
import {
  ANSWER_EXCHANGE,
  DEAD_EXCHANGE,
  DEAD_QUEUE,
  declareTasks,
  TASK_EXCHANGE,
  taskKey,
  taskQueue,
} from './topology.ts';

export interface AmqpOwnerLineOptions extends OwnerEvents {
  readonly address: BrokerAddress;
  /** Of this process alone, without a dot: what is answered to it reaches no other. */
  readonly owner: string;
  readonly onClose: (reason: string) => void;
}

/** Above 4 a quorum queue of RabbitMQ 4.3 delivers a message before all others; an older one delivers two of them for each other. */
const SOON = 5;

/**
 * An owner's line over AMQP. Tasks outlive it and the broker's restart. Answers do not: their queue is the connection's own, so those to
 * an owner that has gone reach nobody.
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

  /** Resolves once exchanges and queues stand and answers are heard; rejects with what the broker or the network said. */
  static open(options: AmqpOwnerLineOptions): Promise<AmqpOwnerLine> {
    const { address, owner, onClose } = options;
    return openLine(address, { names: ['cloud asks'], onClose }, async ([connection], lose) => {
      const channel = await connection!.createConfirmChannel();
      channel.on('error', lose);
      await declareTasks(channel);
      const { queue } = await channel.assertQueue('', { exclusive: true, durable: false });
      await channel.bindQueue(queue, ANSWER_EXCHANGE, owner);
      await channel.bindQueue(queue, DEAD_EXCHANGE, `*.*.${owner}`);
      // Answers are lost with the line all the same: then their tasks are sent again.
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

function hear(message: ConsumeMessage | null, { onAnswer, onDead }: OwnerEvents, lose: Lose): void {
  if (message === null) return lose(new Error('the queue of answers was deleted'));
  const { fields, properties, content } = message;
  const id = String(properties.correlationId);
  if (fields.exchange === DEAD_EXCHANGE) onDead({ id, name: String(properties.type) });
  else onAnswer({ id, kind: properties.type as AnswerKind, body: content });
}

const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
