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

/** A `node` is foreign: it speaks only Sparkplug, without documents, acknowledgements or reports. */
export type RightsKind = 'gateway' | 'node';

/** The rights of one gateway as a table, from which every broker's rules are made. */
export interface RightsTable {
  /** Topics it may publish on, besides Sparkplug's. */
  readonly publish: readonly string[];
  /** Sparkplug topics of the node itself; those of its devices have one more level, the device's id. */
  readonly node: readonly string[];
  readonly devices: readonly string[];
  /** Topics it may receive, besides Sparkplug commands and the STATE of hosts. */
  readonly receive: readonly string[];
  /** Filters it may subscribe to verbatim, besides the STATE of a single host. */
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
 * The rights of one gateway on the uplink broker: denied by default, only its own topics. Filters are compared verbatim with the list; a
 * wildcard is granted only if everything that it matches is the gateway's own.
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

  /** Checked for each forwarded message, whatever was subscribed. */
  mayReceive(topic: string): boolean {
    return this.#receive.has(topic) || isState(topic) || this.#own(topic)?.type.endsWith('CMD') === true;
  }

  #own(topic: string): ReturnType<typeof parseSparkplugTopic> {
    const parsed = parseSparkplugTopic(topic);
    return parsed?.group === this.#group && parsed.node === this.#gateway ? parsed : undefined;
  }
}

/** STATE of a primary host: readable by all. */
const isState = (topic: string): boolean => /^spBv1\.0\/STATE\/[a-z0-9][a-z0-9-]{0,62}$/.test(topic);
