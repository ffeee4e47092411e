import type { Link } from '../../shared/ports/link.ts';

export type TopicHandler = (payload: Uint8Array) => void;

/** One link to the devices' broker, shared by all drivers: who wants a topic says so before `open`. */
export class TopicBus {
  readonly #link: Link;
  readonly #clientId: string;
  readonly #handlers = new Map<string, TopicHandler[]>();
  /** Messages on topics that nobody reads. */
  unread = 0;

  constructor(link: Link, clientId: string) {
    this.#link = link;
    this.#clientId = clientId;
  }

  on(topic: string, handler: TopicHandler): void {
    const handlers = this.#handlers.get(topic);
    if (handlers === undefined) this.#handlers.set(topic, [handler]);
    else handlers.push(handler);
  }

  open(): void {
    this.#link.open(
      { clientId: this.#clientId, subscriptions: [...this.#handlers.keys()] },
      {
        onConnect: () => undefined,
        onClose: () => undefined,
        onMessage: ({ topic, payload }) => {
          const handlers = this.#handlers.get(topic);
          if (handlers === undefined) this.unread++;
          else for (const handler of handlers) handler(payload);
        },
      },
    );
  }

  /** QoS 0 and not retained: a device that comes back must not find an old setpoint waiting. */
  async publish(topic: string, text: string): Promise<boolean> {
    return this.#link.publish(topic, new TextEncoder().encode(text), { qos: 0, retain: false });
  }

  async close(): Promise<void> {
    await this.#link.close();
  }
}
