import type { Link, LinkHandlers, LinkOptions, PublishOptions } from '../../shared/ports/link.ts';

/** A link that reports the messages passing through it. */
export class TracedLink implements Link {
  readonly #inner: Link;
  readonly #tell: (direction: 'out' | 'in', topic: string, payload: Uint8Array) => void;

  constructor(inner: Link, tell: (direction: 'out' | 'in', topic: string, payload: Uint8Array) => void) {
    this.#inner = inner;
    this.#tell = tell;
  }

  get connected(): boolean {
    return this.#inner.connected;
  }

  open(options: LinkOptions, handlers: LinkHandlers): void {
    this.#inner.open(options, {
      onConnect: () => handlers.onConnect(),
      onClose: (reason) => handlers.onClose(reason),
      onMessage: (message) => {
        this.#tell('in', message.topic, message.payload);
        return handlers.onMessage(message);
      },
    });
  }

  publish(topic: string, payload: Uint8Array, options: PublishOptions): Promise<boolean> {
    this.#tell('out', topic, payload);
    return this.#inner.publish(topic, payload, options);
  }

  close(): Promise<void> {
    return this.#inner.close();
  }
}
