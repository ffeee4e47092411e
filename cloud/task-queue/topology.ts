import type { ConfirmChannel } from 'amqplib';
import { VERSION } from '../../shared/version.ts';
import { LANES, type Lane } from './lanes.ts';

/** Owners publish tasks here; the key names version, lane and owner. */
export const TASK_EXCHANGE = 'loadstone.tasks';
/** Tasks that no node brought to an end pass here, with the key that they had. */
export const DEAD_EXCHANGE = 'loadstone.tasks.dead';
/** Keeps them for whoever looks into it. */
export const DEAD_QUEUE = 'loadstone.tasks.dead';
/** Nodes publish what they have worked out here; the key is the owner. Nobody else hears it, and where that owner has gone, nobody does. */
export const ANSWER_EXCHANGE = 'loadstone.answers';

/** A task is read by the very version that wrote it: its fields are no contract between two of them. */
const VERSION_WORD = VERSION.replaceAll('.', '-');

export const taskQueue = (lane: Lane): string => `loadstone.tasks.${VERSION_WORD}.${lane}`;
export const taskKey = (lane: Lane, owner: string): string => `${VERSION_WORD}.${lane}.${owner}`;

/** A node that dies with its task gives it back. One that ended so many nodes goes to the dead ones. */
const MOST_RETURNS = 3;
/**
 * Queues of a version that runs no more go by themselves. An owner does not count as use, however often it declares them: this is longer
 * than it is likely to go without a job node.
 */
const UNUSED_MS = 30 * 86_400_000;
const MAX_QUEUE_BYTES = 256_000_000;
const MAX_DEAD = 100;
const DEAD_MS = 14 * 86_400_000;

const taskArguments = {
  'x-queue-type': 'quorum',
  'x-delivery-limit': MOST_RETURNS,
  'x-dead-letter-exchange': DEAD_EXCHANGE,
  'x-expires': UNUSED_MS,
  'x-max-length-bytes': MAX_QUEUE_BYTES,
  'x-overflow': 'reject-publish',
} as const;

const deadArguments = {
  'x-queue-type': 'quorum',
  'x-max-length': MAX_DEAD,
  'x-max-length-bytes': MAX_QUEUE_BYTES,
  'x-overflow': 'drop-head',
  'x-message-ttl': DEAD_MS,
} as const;

/** Makes what owners and nodes meet at. Declaring what is there already changes nothing. Nodes have no right to. */
export async function declareTasks(channel: ConfirmChannel): Promise<void> {
  await channel.assertExchange(TASK_EXCHANGE, 'topic', { durable: true });
  await channel.assertExchange(DEAD_EXCHANGE, 'topic', { durable: true });
  await channel.assertExchange(ANSWER_EXCHANGE, 'direct', { durable: true });
  await channel.assertQueue(DEAD_QUEUE, { durable: true, arguments: deadArguments });
  await channel.bindQueue(DEAD_QUEUE, DEAD_EXCHANGE, '#');
  for (const lane of LANES) {
    await channel.assertQueue(taskQueue(lane), { durable: true, arguments: taskArguments });
    await channel.bindQueue(taskQueue(lane), TASK_EXCHANGE, taskKey(lane, '*'));
  }
}
