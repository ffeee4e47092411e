import type { Aedes, AedesPublishPacket } from 'aedes';
import { asBuffer } from '../../shared/codec/as-buffer.ts';
import type { Link, LinkHandlers, LinkOptions, PublishOptions } from '../../shared/ports/link.ts';

/** Maximum number of outgoing messages that may wait; acknowledgements to a whole fleet fit. */
const MAX_WAITING = 50_000;
/**
 * Maximum number of them in the broker at once. Its emitter starts the next queued message from within the end of the previous one, so
 * thousands for gateways that have just disconnected would overflow the stack.
 */
const MAX_IN_BROKER = 100;

interface Waiting {
  readonly packet: AedesPublishPacket;
  readonly done: () => void;
}

/**
 * The cloud's link into the broker of its own process. The broker considers a message done when its handler is, so a slow handler slows the
 * gateways down instead of filling memory.
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
    if (broker === undefined) throw new Error('the uplink broker must be started before its link is opened');
    this.#open = { options, handlers };
    for (const filter of options.subscriptions) broker.subscribe(filter, this.#deliver, () => undefined);
    const connected = async (): Promise<void> => handlers.onConnect();
    connected().catch(this.#onError);
  }

  /**
   * Resolves once the message is queued, without waiting for subscribers: the broker passes a limited number of messages at once, and those
   * may be waiting for the very handler that publishes.
   */
  publish(topic: string, payload: Uint8Array, options: PublishOptions): Promise<boolean> {
    if (!this.connected || this.#down.length - this.#taken >= MAX_WAITING) return Promise.resolve(false);
    const bytes = asBuffer(payload);
    const { qos, retain = false } = options;
    this.#down.push({ cmd: 'publish', topic, payload: bytes, qos, retain, dup: false } as AedesPublishPacket);
    this.#pass();
    return Promise.resolve(true);
  }

  /** Passes queued messages on while the broker has room; never re-enters itself. */
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
        // Takes the whole list at once: shifting it per message would move all the others each time.
        const some = this.#waiting;
        this.#waiting = [];
        for (const { packet, done } of some) {
          const handled = this.#handle(packet);
          if (handled !== undefined) await handled;
          // A direct call would overflow aedes' stack when thousands of messages are queued.
          setImmediate(done);
        }
      }
    } finally {
      this.#draining = false;
    }
  }

  /** Returns a promise only if the handler does; most finish synchronously. */
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
