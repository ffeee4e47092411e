import type { Link, LinkHandlers, LinkMessage, LinkOptions, PublishOptions } from '../../../shared/ports/link.ts';

/** A link with the test at its other end. */
export class TestLink implements Link {
  readonly sent: { readonly topic: string; readonly payload: Uint8Array; readonly options: PublishOptions }[] = [];
  options: LinkOptions | undefined;
  connected = false;
  #handlers: LinkHandlers | undefined;

  open(options: LinkOptions, handlers: LinkHandlers): void {
    this.options = options;
    this.#handlers = handlers;
  }

  async connect(): Promise<void> {
    this.connected = true;
    await this.#handlers?.onConnect();
  }

  async deliver(topic: string, payload: Uint8Array | string): Promise<void> {
    const bytes = typeof payload === 'string' ? new TextEncoder().encode(payload) : payload;
    const message: LinkMessage = { topic, payload: bytes, retain: false };
    await this.#handlers?.onMessage(message);
  }

  publish(topic: string, payload: Uint8Array, options: PublishOptions): Promise<boolean> {
    if (this.connected) this.sent.push({ topic, payload, options });
    return Promise.resolve(this.connected);
  }

  async close(): Promise<void> {
    this.connected = false;
    await this.#handlers?.onClose('closed');
  }

  /** Removes and returns what was sent on a topic, parsed as JSON. */
  take(topic: string): unknown[] {
    const found = this.sent.filter((each) => each.topic === topic);
    for (const each of found) this.sent.splice(this.sent.indexOf(each), 1);
    return found.map((each) => JSON.parse(new TextDecoder().decode(each.payload)) as unknown);
  }
}
