import type { Link, LinkHandlers, LinkOptions, PublishOptions } from '../../shared/ports/link.ts';

/**
 * One link per device's broker, presented as one for all: messages to `<device>/...` use the device's own link, in both directions. It is
 * connected if one of them is.
 */
export class DeviceLinks implements Link {
  readonly #links: ReadonlyMap<string, Link>;

  constructor(links: ReadonlyMap<string, Link>) {
    this.#links = links;
  }

  get connected(): boolean {
    return this.#links.values().some(({ connected }) => connected);
  }

  open({ clientId, subscriptions }: LinkOptions, handlers: LinkHandlers): void {
    for (const [device, link] of this.#links) {
      const own = subscriptions.filter((topic) => deviceOf(topic) === device);
      link.open({ clientId: `${clientId}-${device}`, subscriptions: own }, handlers);
    }
  }

  async publish(topic: string, payload: Uint8Array, options: PublishOptions): Promise<boolean> {
    return (await this.#links.get(deviceOf(topic))?.publish(topic, payload, options)) ?? false;
  }

  async close(): Promise<void> {
    await Promise.all(this.#links.values().map((link) => link.close()));
  }
}

const deviceOf = (topic: string): string => topic.split('/', 1)[0]!;
