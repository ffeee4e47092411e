import { ID_PATTERN } from '../../shared/contracts/ids.ts';
import {
  parseSparkplugTopic,
  sparkplugTopic,
  topicFor,
  topicTable,
  type TopicName,
} from '../../shared/topics/topics.ts';

const id = new RegExp(ID_PATTERN);
const names = Object.keys(topicTable) as TopicName[];

/** A `node` is a foreign one: Sparkplug alone, with no documents, no acknowledgements and no reports. */
export type RightsKind = 'gateway' | 'node';

/** The rights of one gateway as they stand in the table; every broker's rules are made of them. */
export interface RightsTable {
  /** Topics that it publishes on, beside those of Sparkplug. */
  readonly publish: readonly string[];
  /** Sparkplug's messages of the node itself; those of its devices have one more level, the device's id. */
  readonly node: readonly string[];
  readonly devices: readonly string[];
  /** Topics that it hears, beside commands of Sparkplug and the presence of hosts. */
  readonly receive: readonly string[];
  /** Filters that it subscribes to as they stand, beside the presence of one host. */
  readonly filters: readonly string[];
}

export function rightsTable(gateway: string, group: string, kind: RightsKind = 'gateway'): RightsTable {
  const topics = (direction: 'up' | 'down'): string[] =>
    kind === 'node'
      ? []
      : names.filter((name) => topicTable[name].direction === direction).map((name) => topicFor(name, gateway));
  const receive = topics('down');
  return {
    publish: topics('up'),
    node: (['NBIRTH', 'NDATA', 'NDEATH'] as const).map((type) => sparkplugTopic(group, type, gateway)),
    devices: (['DBIRTH', 'DDATA', 'DDEATH'] as const).map((type) => sparkplugTopic(group, type, gateway)),
    receive,
    filters: [
      ...receive,
      ...(kind === 'node' ? [] : [`loadstone/v1/${gateway}/desired/+`]),
      `spBv1.0/${group}/NCMD/${gateway}`,
      `spBv1.0/${group}/NCMD/${gateway}/#`,
      `spBv1.0/${group}/DCMD/${gateway}/+`,
      `spBv1.0/${group}/DCMD/${gateway}/#`,
      'spBv1.0/STATE/+',
    ],
  };
}

/**
 * What one gateway may do on the uplink broker: deny by default, topics of its own only. Filters are compared with the list as
 * they stand; a wildcard is granted only where everything that it matches is the gateway's own.
 */
export class TopicRights {
  readonly #gateway: string;
  readonly #group: string;
  readonly #publish: ReadonlySet<string>;
  readonly #devices: ReadonlySet<string>;
  readonly #receive: ReadonlySet<string>;
  readonly #filters: ReadonlySet<string>;

  constructor(gateway: string, group: string, kind: RightsKind = 'gateway') {
    this.#gateway = gateway;
    this.#group = group;
    const { publish, node, devices, receive, filters } = rightsTable(gateway, group, kind);
    this.#publish = new Set([...publish, ...node]);
    this.#devices = new Set(devices);
    this.#receive = new Set(receive);
    this.#filters = new Set(filters);
  }

  mayPublish(topic: string): boolean {
    if (this.#publish.has(topic)) return true;
    const last = topic.lastIndexOf('/');
    return this.#devices.has(topic.slice(0, last)) && id.test(topic.slice(last + 1));
  }

  maySubscribe(filter: string): boolean {
    return this.#filters.has(filter) || isState(filter);
  }

  /** Checked again for each message that would be forwarded, whatever was subscribed. */
  mayReceive(topic: string): boolean {
    return this.#receive.has(topic) || isState(topic) || this.#own(topic)?.type.endsWith('CMD') === true;
  }

  #own(topic: string): ReturnType<typeof parseSparkplugTopic> {
    const parsed = parseSparkplugTopic(topic);
    return parsed?.group === this.#group && parsed.node === this.#gateway ? parsed : undefined;
  }
}

/** Presence of a primary host: readable by all. */
const isState = (topic: string): boolean => /^spBv1\.0\/STATE\/[a-z0-9][a-z0-9-]{0,62}$/.test(topic);
