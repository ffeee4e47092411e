import type { ChannelModel, ConfirmChannel, ConsumeMessage, Message } from 'amqplib';
import { asBuffer } from '../../shared/codec/as-buffer.ts';
import type { BrokerAddress } from '../ingest/rabbitmq/address.ts';
import { closed, openLine, type Lose } from '../ingest/rabbitmq/connection.ts';
import { BrokerFault } from '../ingest/rabbitmq/faults.ts';
import { VERSION } from '../../shared/version.ts';
import { announcementBytes, type Announcement } from './announcement.ts';
import { LANES, type ByLane, type Lane } from './lanes.ts';
import type { Answer, NodeLine, TakenTask } from './lines.ts';
import { ANSWER_EXCHANGE, NODES_KEY, taskQueue } from './topology.ts';

export interface AmqpNodeLineOptions {
  readonly address: BrokerAddress;
  /** Maximum number of concurrent tasks. */
  readonly threads: ByLane<number>;
  readonly heartbeatS?: number | undefined;
  readonly onTask: (task: TakenTask, line: NodeLine) => void;
  readonly onClose: (reason: string) => void;
}

/**
 * A node's line over AMQP: one consumer per thread, with one task in hand. The broker gives a task to another node if this line is lost or
 * a frozen node sends no heartbeat. The node declares nothing at the broker, and needs no right to.
 */
export class AmqpNodeLine implements NodeLine {
  readonly #options: AmqpNodeLineOptions;
  readonly #connection: ChannelModel;
  readonly #channel: ConfirmChannel;
  readonly #consumers: string[] = [];
  /** Message ids of returned answers, which no owner receives. */
  readonly #returned = new Set<string>();
  #answers = 0;

  private constructor(options: AmqpNodeLineOptions, connection: ChannelModel, channel: ConfirmChannel) {
    this.#options = options;
    this.#connection = connection;
    this.#channel = channel;
  }

  /** Resolves once tasks arrive; rejects with the error of the broker or the network, also if no owner has declared the queues yet. */
  static open(options: AmqpNodeLineOptions): Promise<AmqpNodeLine> {
    const { address, heartbeatS, onClose } = options;
    return openLine(address, { names: ['job node'], heartbeatS, onClose }, async ([connection], lose) => {
      const channel = await connection!.createConfirmChannel();
      channel.on('error', lose);
      channel.on('close', () => lose(new Error('the channel was closed')));
      // Per consumer.
      await channel.prefetch(1);
      const line = new AmqpNodeLine(options, connection!, channel);
      channel.on('return', ({ properties }: Message) => line.#returned.add(String(properties.messageId)));
      await line.#consume(lose).catch((error: unknown) => {
        const text = `no owner of version ${VERSION} has connected to ${address.vhost} yet`;
        throw isMissing(error) ? new BrokerFault('vhost', text, 'away') : error;
      });
      return line;
    });
  }

  async #consume(lose: Lose): Promise<void> {
    const { threads } = this.#options;
    for (const lane of LANES) {
      await this.#channel.checkQueue(taskQueue(lane));
      for (let thread = 0; thread < threads[lane]; thread++) {
        const take = (message: ConsumeMessage | null): void => {
          if (message === null) lose(new Error(`the queue ${taskQueue(lane)} was deleted`));
          else this.#options.onTask(read(message, lane), this);
        };
        const { consumerTag } = await this.#channel.consume(taskQueue(lane), take);
        this.#consumers.push(consumerTag);
      }
    }
  }

  async answer(owner: string, { id, kind, body }: Answer): Promise<boolean> {
    const messageId = String(++this.#answers);
    const { promise, resolve, reject } = Promise.withResolvers<boolean>();
    const onConfirm = (error: unknown): void => {
      if (error === null || error === undefined) resolve(!this.#returned.delete(messageId));
      else reject(error instanceof Error ? error : new Error('the connection was lost'));
    };
    const bytes = asBuffer(body);
    // The broker returns an unroutable answer before it confirms it.
    const options = { correlationId: id, type: kind, messageId, mandatory: true };
    this.#channel.publish(ANSWER_EXCHANGE, owner, bytes, options, onConfirm);
    return promise;
  }

  announce(node: Announcement): void {
    this.#settle(() => this.#channel.publish(ANSWER_EXCHANGE, NODES_KEY, announcementBytes(node)));
  }

  done({ tag }: TakenTask): void {
    this.#settle(() => this.#channel.ack(delivery(tag)));
  }

  giveBack({ tag }: TakenTask): void {
    this.#settle(() => this.#channel.nack(delivery(tag), false, true));
  }

  async drain(): Promise<void> {
    for (const tag of this.#consumers.splice(0)) await this.#channel.cancel(tag);
  }

  async end(): Promise<void> {
    await closed(this.#connection);
  }

  /** Ignores a closed channel: the broker has given its tasks to another node. */
  #settle(settle: () => unknown): void {
    try {
      settle();
    } catch {
      // See above.
    }
  }
}

const isMissing = (error: unknown): boolean => error instanceof Error && /NOT.FOUND.*no queue/.test(error.message);

const delivery = (deliveryTag: number): Message => ({ fields: { deliveryTag } }) as Message;

const read = ({ content, fields, properties }: ConsumeMessage, lane: Lane): TakenTask => ({
  id: String(properties.correlationId),
  owner: String(properties.replyTo),
  name: String(properties.type),
  lane,
  body: content,
  tag: fields.deliveryTag,
});
