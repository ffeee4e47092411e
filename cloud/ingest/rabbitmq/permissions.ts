import { ID_PATTERN } from '../../../shared/contracts/ids.ts';
import { rightsTable } from '../topic-rights.ts';
import { keyOf, MQTT_EXCHANGE } from './topology.ts';

/** Regular expressions: `resources` that a user may configure, write and read, and `topics` that it may publish on and subscribe to. */
export interface Permissions {
  readonly resources: { readonly configure: string; readonly write: string; readonly read: string };
  readonly topics: { readonly exchange: string; readonly write: string; readonly read: string };
}

const ID = ID_PATTERN.replaceAll(/[$^]/g, '');

/**
 * The rights of one gateway as RabbitMQ permissions. Its own queues are those that the MQTT plugin makes for its subscriptions. Filters are
 * compared verbatim, as on the embedded broker. The patterns end in `\z`, because `$` would accept a trailing line break.
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
