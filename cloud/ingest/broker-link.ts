import type { Aedes, AedesPublishPacket } from 'aedes';
import type { Link, LinkHandlers, LinkOptions, PublishOptions } from '../../shared/ports/link.ts';

/** Messages that may wait to go down: acknowledgements to a whole fleet fit. */
const MAX_WAITING = 50_000;
/**
 * Of these in the broker's hands at once. Its emitter takes the next in its queue from within the end of the one before: thousands
 * for gateways that have just gone would overflow the stack.
 */
const MAX_IN_BROKER = 100;

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
  #waiting: Waiting[] = [];
  readonly #onError: (error: unknown) => void;
  #open: { readonly options: LinkOptions; readonly handlers: LinkHandlers } | undefined;
  #draining = false;
  #down: AedesPublishPacket[] = [];
  #taken = 0;
  #inBroker = 0;
  #passing = false;

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
   * Resolves when the message is on its way. It waits for no subscriber: the broker passes a limited number of
   * messages at once, and these may be waiting for the very handler that publishes.
   */
  publish(topic: string, payload: Uint8Array, options: PublishOptions): Promise<boolean> {
    if (!this.connected || this.#down.length - this.#taken >= MAX_WAITING) return Promise.resolve(false);
    const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
    const { qos, retain = false } = options;
    this.#down.push({ cmd: 'publish', topic, payload: bytes, qos, retain, dup: false } as AedesPublishPacket);
    this.#pass();
    return Promise.resolve(true);
  }

  /** Hands on what waits, as long as the broker has room; never from within itself. */
  #pass(): void {
    if (this.#passing) return;
    this.#passing = true;
    const broker = this.#broker();
    while (this.#inBroker < MAX_IN_BROKER && this.#taken < this.#down.length) {
      const packet = this.#down[this.#taken++]!;
      if (broker !== undefined) this.#inBroker++;
      broker?.publish(packet, () => {
        this.#inBroker--;
        this.#pass();
      });
    }
    if (this.#taken === this.#down.length || this.#taken > MAX_WAITING) {
      this.#down = this.#down.slice(this.#taken);
      this.#taken = 0;
    }
    this.#passing = false;
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
      while (this.#waiting.length > 0) {
        // All that wait at once: a list that is shifted for each one moves all the others.
        const some = this.#waiting;
        this.#waiting = [];
        for (const { packet, done } of some) {
          const handled = this.#handle(packet);
          if (handled !== undefined) await handled;
          // Called at once it would overflow aedes' stack when thousands of messages are queued.
          setImmediate(done);
        }
      }
    } finally {
      this.#draining = false;
    }
  }

  /** A promise only where the handler gives one: most are done at once. */
  #handle({ topic, payload, retain }: AedesPublishPacket): Promise<void> | undefined {
    try {
      const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload;
      const handled = this.#open?.handlers.onMessage({ topic, payload: bytes, retain });
      return handled instanceof Promise ? handled.catch(this.#onError) : undefined;
    } catch (error) {
      this.#onError(error);
      return undefined;
    }
  }
}
