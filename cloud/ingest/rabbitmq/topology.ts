import { createHash } from 'node:crypto';

/** The exchange of RabbitMQ's MQTT plugin: gateways publish to it and receive what is published to it. */
export const MQTT_EXCHANGE = 'amq.topic';
/** Receives what gateways send, bound by the ingest's filters; each gateway's messages are routed from here to its partition. */
export const UP_EXCHANGE = 'loadstone.up';
/** Exclusive to the owner's connection and gone with it; any other cloud finds it locked. */
export const OWNER_QUEUE = 'loadstone.owner';
/** Enough for as many owners as a region will ever need. Never changed: a gateway that moved between partitions would be out of order. */
const PARTITIONS = 64;
/** Gateways journal what is not acknowledged, so a queue without a consumer need not fill the disk. */
const MAX_QUEUE_BYTES = 256_000_000;

/** Sparkplug's namespace contains AMQP's separator; with `mqtt.sparkplug = true` the plugin maps it like this. */
const SPARKPLUG = { topic: 'spBv1.0/', key: 'spBv1___0.' } as const;

/** The routing key that the plugin makes of an MQTT topic or filter. */
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

/** The queue of a gateway, which keeps its messages in order. Chosen by a hash of the id, so that every cloud finds it without a lookup. */
export const queueOf = (gateway: string): string =>
  queueName(createHash('sha256').update(gateway).digest().readUInt32BE(0) % PARTITIONS);

/** One active consumer, so that a partition stays in order; another takes over when it leaves. */
export const queueArguments = {
  'x-queue-type': 'quorum',
  'x-single-active-consumer': true,
  'x-max-length-bytes': MAX_QUEUE_BYTES,
  'x-overflow': 'drop-head',
} as const;

/** Routing keys of everything that a gateway sends through the ingest's filters. */
export const keysOfGateway = (gateway: string, group: string): readonly string[] => [
  `loadstone.v1.${gateway}.#`,
  `${SPARKPLUG.key}${group}.*.${gateway}.#`,
];
