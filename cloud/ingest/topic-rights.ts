import { ID_PATTERN } from '../../shared/contracts/ids.ts';
import { parseSparkplugTopic, topicFor, topicTable, type TopicName } from '../../shared/topics/topics.ts';

const id = new RegExp(ID_PATTERN);
const names = Object.keys(topicTable) as TopicName[];

/**
 * What one gateway may do on the uplink broker: deny by default, topics of its own only. Filters are compared with the list as
 * they stand; a wildcard is granted only where everything that it matches is the gateway's own.
 */
export class TopicRights {
  readonly #gateway: string;
  readonly #group: string;
  readonly #publish: ReadonlySet<string>;
  readonly #receive: ReadonlySet<string>;
  readonly #filters: ReadonlySet<string>;

  /** A `node` is a foreign one: Sparkplug alone, with no documents, no acknowledgements and no reports. */
  constructor(gateway: string, group: string, kind: 'gateway' | 'node' = 'gateway') {
    this.#gateway = gateway;
    this.#group = group;
    const topics = (direction: 'up' | 'down'): string[] =>
      kind === 'node'
        ? []
        : names.filter((name) => topicTable[name].direction === direction).map((name) => topicFor(name, gateway));
    this.#publish = new Set(topics('up'));
    this.#receive = new Set(topics('down'));
    this.#filters = new Set([
      ...this.#receive,
      ...(kind === 'node' ? [] : [`loadstone/v1/${gateway}/desired/+`]),
      `spBv1.0/${group}/NCMD/${gateway}`,
      `spBv1.0/${group}/NCMD/${gateway}/#`,
      `spBv1.0/${group}/DCMD/${gateway}/+`,
      `spBv1.0/${group}/DCMD/${gateway}/#`,
      'spBv1.0/STATE/+',
    ]);
  }

  mayPublish(topic: string): boolean {
    if (this.#publish.has(topic)) return true;
    const parsed = this.#own(topic);
    if (parsed === undefined || parsed.type.endsWith('CMD')) return false;
    return parsed.type.startsWith('N') ? parsed.device === undefined : id.test(parsed.device ?? '');
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
