import type { ConsumeMessage } from 'amqplib';
import type { BrokerAddress } from '../ingest/rabbitmq/address.ts';
import { closed, openLine, type Lose } from '../ingest/rabbitmq/connection.ts';
import type { NodeWire, NodeWireEvents, OwnerWire, OwnerWireEvents } from './wire.ts';

/** Exclusive to the connection of the active owner and gone with it; unread letters are lost. */
const OWNER_QUEUE = 'loadstone.calls';
/** Leads only to that queue, and is all that a node's user may write to. It outlives owners, so a letter without an owner is returned. */
const OWNER_EXCHANGE = 'loadstone.calls';
/**
 * Limit of unread letters; more are refused. A node then loses its line, and detects a gap in letters meant for itself. Without
 * `reject-publish` the broker would silently drop the oldest.
 */
const queueArguments = { 'x-max-length-bytes': 256_000_000, 'x-overflow': 'reject-publish' } as const;
const queueOptions = { exclusive: true, durable: false, arguments: queueArguments } as const;
/** Letters are worthless once either side is gone. */
const PASSING = { persistent: false } as const;

/** The owner's end. Rejects with a BrokerFault, of kind `held` if another owner has it. */
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
          else lose(new Error('the broker cannot deliver messages to the owner'));
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

/** A closed channel throws; then the fate of earlier letters is unknown. */
function attempt(publish: () => unknown, lose: Lose): void {
  try {
    publish();
  } catch (error) {
    lose(error instanceof Error ? error : new Error(String(error)));
  }
}
