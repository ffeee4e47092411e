import { createHash } from 'node:crypto';

/** The exchange of RabbitMQ's MQTT plugin: gateways publish to it, and hear what is published to it. */
export const MQTT_EXCHANGE = 'amq.topic';
/** What gateways send up passes here, bound by the filters of the ingest; each gateway is bound from here to its partition. */
export const UP_EXCHANGE = 'loadstone.up';
/** Belongs to the connection of the cloud that takes what gateways send, and ends with it: another cloud finds it locked. */
export const OWNER_QUEUE = 'loadstone.owner';
/** Enough for as many owners as one region ever needs, and never changed: a gateway that moved would be out of order. */
const PARTITIONS = 64;
/** The gateways' journals hold what was not acknowledged: a queue that nobody empties need not fill the disk. */
const MAX_QUEUE_BYTES = 256_000_000;

/** Sparkplug's namespace holds the separator of AMQP's words; with `mqtt.sparkplug = true` the plugin names it so. */
const SPARKPLUG = { topic: 'spBv1.0/', key: 'spBv1___0.' } as const;

/** A topic or a filter of MQTT as the routing key that the plugin makes of it. */
export const keyOf = (topic: string): string =>
  (topic.startsWith(SPARKPLUG.topic) ? SPARKPLUG.key + topic.slice(SPARKPLUG.topic.length) : topic)
    .replaceAll('/', '.')
    .replaceAll('+', '*');

/** The topic of a routing key. */
export const topicOf = (key: string): string =>
  key.startsWith(SPARKPLUG.key)
    ? SPARKPLUG.topic + key.slice(SPARKPLUG.key.length).replaceAll('.', '/')
    : key.replaceAll('.', '/');

const queueName = (partition: number): string => `up.${String(partition).padStart(2, '0')}`;

export const upQueues: readonly string[] = Array.from({ length: PARTITIONS }, (_, partition) => queueName(partition));

/** The queue that holds all that a gateway sends, in order: a hash of its id, so that every cloud knows it without asking. */
export const queueOf = (gateway: string): string =>
  queueName(createHash('sha256').update(gateway).digest().readUInt32BE(0) % PARTITIONS);

/** One consumer at a time, so that a partition keeps its order; the next takes over when it goes. */
export const queueArguments = {
  'x-queue-type': 'quorum',
  'x-single-active-consumer': true,
  'x-max-length-bytes': MAX_QUEUE_BYTES,
  'x-overflow': 'drop-head',
} as const;

/** Routing keys of all that one gateway sends, as far as the filters of the ingest let it pass. */
export const keysOfGateway = (gateway: string, group: string): readonly string[] => [
  `loadstone.v1.${gateway}.#`,
  `${SPARKPLUG.key}${group}.*.${gateway}.#`,
];
