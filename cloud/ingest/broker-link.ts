import type { Aedes, AedesPublishPacket } from 'aedes';
import type { Link, LinkHandlers, LinkOptions, PublishOptions } from '../../shared/ports/link.ts';

/** Messages that may wait in the broker: acknowledgements to a whole fleet fit. */
const MAX_IN_FLIGHT = 50_000;

interface Waiting {
  readonly packet: AedesPublishPacket;
  readonly done: () => void;
}

/**
 * The cloud's own link into the broker of its process. A message is done for the broker when its handler is, so a handler that is
 * slow slows the gateways down instead of filling memory.
 */
export class BrokerLink implements Link {
  readonly #broker: () => Aedes | undefined;
  readonly #waiting: Waiting[] = [];
  readonly #onError: (error: unknown) => void;
  #open: { readonly options: LinkOptions; readonly handlers: LinkHandlers } | undefined;
  #draining = false;
  #inFlight = 0;

  constructor(broker: () => Aedes | undefined, onError: (error: unknown) => void) {
    this.#broker = broker;
    this.#onError = onError;
  }

  get connected(): boolean {
    return this.#open !== undefined && this.#broker() !== undefined;
  }

  open(options: LinkOptions, handlers: LinkHandlers): void {
    const broker = this.#broker();
    if (broker === undefined) throw new Error('the uplink broker is started before its link is opened');
    this.#open = { options, handlers };
    for (const filter of options.subscriptions) broker.subscribe(filter, this.#deliver, () => undefined);
    const connected = async (): Promise<void> => handlers.onConnect();
    connected().catch(this.#onError);
  }

  /**
   * Resolves when the broker has the message in its hands. It waits for no subscriber: the broker passes a limited number of
   * messages at once, and these may be waiting for the very handler that publishes.
   */
  publish(topic: string, payload: Uint8Array, options: PublishOptions): Promise<boolean> {
    const broker = this.#broker();
    const ready = broker !== undefined && this.#open !== undefined && this.#inFlight < MAX_IN_FLIGHT;
    if (!ready) return Promise.resolve(false);
    const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
    const { qos, retain = false } = options;
    this.#inFlight++;
    broker.publish({ cmd: 'publish', topic, payload: bytes, qos, retain, dup: false }, () => {
      this.#inFlight--;
    });
    return Promise.resolve(true);
  }

  async close(): Promise<void> {
    const open = this.#open;
    if (open === undefined) return;
    const broker = this.#broker();
    for (const filter of open.options.subscriptions) broker?.unsubscribe(filter, this.#deliver, () => undefined);
    this.#open = undefined;
    for (const { done } of this.#waiting.splice(0)) setImmediate(done);
    await open.handlers.onClose('closed');
  }

  readonly #deliver = (packet: AedesPublishPacket, done: () => void): void => {
    this.#waiting.push({ packet, done });
    if (!this.#draining) this.#drain().catch(this.#onError);
  };

  async #drain(): Promise<void> {
    this.#draining = true;
    try {
      for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
        const { topic, payload, retain } = next.packet;
        try {
          const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload;
          const handled = this.#open?.handlers.onMessage({ topic, payload: bytes, retain });
          if (handled !== undefined) await handled;
        } catch (error) {
          this.#onError(error);
        }
        // Called at once it would overflow aedes' stack when thousands of messages are queued.
        setImmediate(next.done);
      }
    } finally {
      this.#draining = false;
    }
  }
}
