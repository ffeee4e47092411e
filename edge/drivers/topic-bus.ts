import type { Link, LinkWill, PublishOptions } from '../../shared/ports/link.ts';
import { matchesFilter } from '../../shared/topics/topics.ts';

export type TopicHandler = (payload: Uint8Array, topic: string) => void;

/** How the gateway presents itself to the devices, such as the STATE of a Sparkplug host. */
export interface Presence {
  /** Will that the broker publishes when the connection is lost. */
  will(): LinkWill;
  /** Called on each connection. */
  joins(): void | Promise<void>;
  /** Called before the connection is closed for good. */
  leaves(): void | Promise<void>;
}

/** QoS 0 and not retained: a device that reconnects must not find an old setpoint. */
const ONCE: PublishOptions = { qos: 0, retain: false };

/** One link to the devices' broker, shared by all drivers. Topics must be registered before `open`. */
export class TopicBus {
  readonly #link: Link;
  readonly #clientId: string;
  readonly #handlers = new Map<string, TopicHandler[]>();
  /** Those with wildcards. */
  readonly #filters: string[] = [];
  #presence: Presence | undefined;
  /** Messages on topics without a handler. */
  unread = 0;

  constructor(link: Link, clientId: string) {
    this.#link = link;
    this.#clientId = clientId;
  }

  /** Registers a topic, or a filter with wildcards that overlaps no other. */
  on(filter: string, handler: TopicHandler): void {
    const handlers = this.#handlers.get(filter);
    if (handlers !== undefined) return void handlers.push(handler);
    this.#handlers.set(filter, [handler]);
    if (/[+#]/.test(filter)) this.#filters.push(filter);
  }

  present(presence: Presence): void {
    this.#presence = presence;
  }

  open(): void {
    const presence = this.#presence;
    this.#link.open(
      {
        clientId: this.#clientId,
        subscriptions: [...this.#handlers.keys()],
        ...(presence === undefined ? {} : { will: () => presence.will() }),
      },
      {
        onConnect: () => presence?.joins(),
        onClose: () => undefined,
        onMessage: ({ topic, payload }) => {
          const handlers = this.#handlersOf(topic);
          if (handlers === undefined) this.unread++;
          else for (const handler of handlers) handler(payload, topic);
        },
      },
    );
  }

  async publish(topic: string, payload: string | Uint8Array, options: PublishOptions = ONCE): Promise<boolean> {
    const bytes = typeof payload === 'string' ? new TextEncoder().encode(payload) : payload;
    return this.#link.publish(topic, bytes, options);
  }

  async close(): Promise<void> {
    await this.#presence?.leaves();
    await this.#link.close();
  }

  #handlersOf(topic: string): readonly TopicHandler[] | undefined {
    const exact = this.#handlers.get(topic);
    if (exact !== undefined) return exact;
    const filter = this.#filters.find((each) => matchesFilter(each, topic));
    return filter === undefined ? undefined : this.#handlers.get(filter);
  }
}
