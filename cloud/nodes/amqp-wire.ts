import type { ConsumeMessage } from 'amqplib';
import type { BrokerAddress } from '../ingest/rabbitmq/address.ts';
import { closed, openLine, type Lose } from '../ingest/rabbitmq/connection.ts';
import type { NodeWire, NodeWireEvents, OwnerWire, OwnerWireEvents } from './wire.ts';

/** Belongs to the connection of the owner that holds the cloud, and ends with it: what it has not read is done by nobody. */
const OWNER_QUEUE = 'loadstone.calls';
/** Leads there and nowhere else: the user of a node may write to it alone. It outlives owners, so a letter to nobody comes back. */
const OWNER_EXCHANGE = 'loadstone.calls';
/**
 * Of letters that are not read. What is more is refused: a node loses its line then, and of what was for the node itself it finds the
 * gap. Without `reject-publish` the oldest would go, and nobody would be told.
 */
const queueArguments = { 'x-max-length-bytes': 256_000_000, 'x-overflow': 'reject-publish' } as const;
const queueOptions = { exclusive: true, durable: false, arguments: queueArguments } as const;
/** Letters are worth nothing once either side is gone. */
const PASSING = { persistent: false } as const;

/** The owner's end. Rejects with a BrokerFault, of the kind `held` where another owner has it. */
export function openOwnerWire(address: BrokerAddress, { onLetter, onClose }: OwnerWireEvents): Promise<OwnerWire> {
  return openLine(address, { names: ['cloud answers api nodes'], onClose }, async ([connection], lose) => {
    const channel = await connection!.createChannel();
    channel.on('error', lose);
    await channel.assertExchange(OWNER_EXCHANGE, 'fanout', { durable: true });
    await channel.assertQueue(OWNER_QUEUE, queueOptions);
    await channel.bindQueue(OWNER_QUEUE, OWNER_EXCHANGE, '');
    return {
      listen: async () => void (await channel.consume(OWNER_QUEUE, taking(onLetter, lose), { noAck: true })),
      send: (queue, letter) => attempt(() => channel.publish('', queue, letter, PASSING), lose),
      end: () => closed(connection!),
    };
  });
}

/** A node's end. Rejects with a BrokerFault. */
export function openNodeWire(address: BrokerAddress, events: NodeWireEvents): Promise<NodeWire> {
  const { onLetter, onSent, onReturned, onClose } = events;
  return openLine(address, { names: ['api node'], onClose }, async ([connection], lose) => {
    const channel = await connection!.createConfirmChannel();
    channel.on('error', lose);
    channel.on('return', ({ properties }) => onReturned(Number(properties.messageId)));
    const { queue } = await channel.assertQueue('', queueOptions);
    await channel.consume(queue, taking(onLetter, lose), { noAck: true });
    return {
      queue,
      send: (letter, tag) => {
        const options = { ...PASSING, mandatory: true, messageId: String(tag) };
        const confirmed = (error: unknown): void => {
          if (error === null || error === undefined) onSent(tag);
          else lose(new Error('the broker does not take what is for the owner'));
        };
        attempt(() => channel.publish(OWNER_EXCHANGE, '', letter, options, confirmed), lose);
      },
      end: () => closed(connection!),
    };
  });
}

const taking =
  (onLetter: (letter: Uint8Array) => void, lose: Lose) =>
  (message: ConsumeMessage | null): void => {
    if (message === null) lose(new Error('its queue was deleted'));
    else onLetter(message.content);
  };

/** A channel that has gone throws: then nobody can say what was on it. */
function attempt(publish: () => unknown, lose: Lose): void {
  try {
    publish();
  } catch (error) {
    lose(error instanceof Error ? error : new Error(String(error)));
  }
}
