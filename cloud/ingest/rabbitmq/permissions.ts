import { ID_PATTERN } from '../../../shared/contracts/ids.ts';
import { rightsTable } from '../topic-rights.ts';
import { keyOf, MQTT_EXCHANGE } from './topology.ts';

/** Regular expressions of what a user may configure, write and read; of topics, what it may publish and subscribe to. */
export interface Permissions {
  readonly resources: { readonly configure: string; readonly write: string; readonly read: string };
  readonly topics: { readonly exchange: string; readonly write: string; readonly read: string };
}

const ID = ID_PATTERN.replaceAll(/[$^]/g, '');

/**
 * The rights of one gateway in RabbitMQ's words. Its own queues are those that the MQTT plugin makes of its subscriptions. Filters are
 * compared as they stand, as on the embedded broker. `\z`, not `$`: that would let a line break pass behind a topic.
 */
export function permissionsOf(gateway: string, group: string): Permissions {
  const { publish, node, devices, filters } = rightsTable(gateway, group);
  const queues = `mqtt-subscription-${escaped(gateway)}qos[01]`;
  const used = one([queues, escaped(MQTT_EXCHANGE)]);
  const key = (topic: string): string => escaped(keyOf(topic));
  return {
    resources: { configure: one([queues]), write: used, read: used },
    topics: {
      exchange: MQTT_EXCHANGE,
      write: one([...[...publish, ...node].map(key), ...devices.map((topic) => `${key(topic)}\\.${ID}`)]),
      read: one([...filters.map(key), `${key('spBv1.0/STATE/')}${ID}`]),
    },
  };
}

const one = (patterns: readonly string[]): string => `\\A(${patterns.join('|')})\\z`;
const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
