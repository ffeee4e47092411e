import type { Link, LinkHandlers, LinkOptions } from '../../../shared/ports/link.ts';

/** An in-memory link: keeps what is published, and delivers what a test hands it. */
export class MemoryLink implements Link {
  readonly published: { topic: string; text: string; qos: number; retain: boolean }[] = [];
  /** The same messages as bytes, in the same order. */
  readonly payloads: Uint8Array[] = [];
  connected = false;
  options: LinkOptions | undefined;
  #handlers: LinkHandlers | undefined;

  open(options: LinkOptions, handlers: LinkHandlers): void {
    this.options = options;
    this.#handlers = handlers;
    this.connected = true;
    void handlers.onConnect();
  }

  async publish(
    topic: string,
    payload: Uint8Array,
    { qos, retain }: { qos: 0 | 1; retain?: boolean },
  ): Promise<boolean> {
    if (!this.connected) return false;
    this.payloads.push(payload);
    this.published.push({ topic, text: new TextDecoder().decode(payload), qos, retain: retain ?? false });
    return true;
  }

  async deliver(topic: string, said: string | Uint8Array): Promise<void> {
    const payload = typeof said === 'string' ? new TextEncoder().encode(said) : said;
    await this.#handlers?.onMessage({ topic, payload, retain: false });
  }

  /** Loses the connection and reconnects. */
  async reconnect(): Promise<void> {
    await this.#handlers?.onClose('lost');
    await this.#handlers?.onConnect();
  }

  async close(): Promise<void> {
    this.connected = false;
  }
}
