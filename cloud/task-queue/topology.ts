import type { ConfirmChannel } from 'amqplib';
import { VERSION } from '../../shared/version.ts';
import { LANES, type Lane } from './lanes.ts';

/** Owners publish tasks here; the key names version, lane and owner. */
export const TASK_EXCHANGE = 'loadstone.tasks';
/** Receives tasks that were given up, with their original key. */
export const DEAD_EXCHANGE = 'loadstone.tasks.dead';
/** Keeps them for inspection. */
export const DEAD_QUEUE = 'loadstone.tasks.dead';
/** Nodes publish results here; the key is the owner. Only that owner receives them; without it they are returned. */
export const ANSWER_EXCHANGE = 'loadstone.answers';
/** Key of what a node says of itself, to owners of every version. No owner has this name. */
export const NODES_KEY = 'nodes';

/** Only the version that wrote a task may read it: the fields are no contract between versions. */
const VERSION_WORD = VERSION.replaceAll('.', '-');

export const taskQueue = (lane: Lane): string => `loadstone.tasks.${VERSION_WORD}.${lane}`;
export const taskKey = (lane: Lane, owner: string): string => `${VERSION_WORD}.${lane}.${owner}`;

/** A node that dies or loses the broker returns its task. A task returned more often than this is given up. */
const MOST_RETURNS = 3;
/**
 * Queues of a version that runs no more expire by themselves. Declarations by an owner do not count as use, so this must exceed the time
 * that it may go without a job node.
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

/** Declares what owners and nodes share; idempotent. Nodes have no right to do this. */
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
