import type { Link, LinkHandlers, LinkOptions } from '../../../shared/ports/link.ts';

/** A link in memory: what is published is kept, and a test delivers what it likes. */
export class MemoryLink implements Link {
  readonly published: { topic: string; text: string; qos: number; retain: boolean }[] = [];
  connected = false;
  options: LinkOptions | undefined;
  #handlers: LinkHandlers | undefined;

  open(options: LinkOptions, handlers: LinkHandlers): void {
    this.options = options;
    this.#handlers = handlers;
    this.connected = true;
  }

  async publish(
    topic: string,
    payload: Uint8Array,
    { qos, retain }: { qos: 0 | 1; retain?: boolean },
  ): Promise<boolean> {
    if (!this.connected) return false;
    this.published.push({ topic, text: new TextDecoder().decode(payload), qos, retain: retain ?? false });
    return true;
  }

  async deliver(topic: string, text: string): Promise<void> {
    await this.#handlers?.onMessage({ topic, payload: new TextEncoder().encode(text), retain: false });
  }

  async close(): Promise<void> {
    this.connected = false;
  }
}
