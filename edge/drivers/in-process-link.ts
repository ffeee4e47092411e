import type { Aedes, AedesPublishPacket } from 'aedes';
import type { Link, LinkHandlers, LinkOptions, PublishOptions } from '../../shared/ports/link.ts';

const MAX_IN_FLIGHT = 2000;
const MAX_WAITING = 5000;

/**
 * A link to a broker in the same process. A publish resolves once the broker has taken the message. It waits for no subscriber, so
 * a frozen device cannot hold up the cycle. Messages are delivered one by one; beyond 5,000 waiting ones the oldest are dropped.
 */
export class InProcessLink implements Link {
  readonly #broker: () => Aedes | undefined;
  readonly #onError: (error: Error) => void;
  readonly #waiting: AedesPublishPacket[] = [];
  #handlers: LinkHandlers | undefined;
  #subscriptions: readonly string[] = [];
  #inFlight = 0;
  #busy = false;
  /** Messages dropped because the handler was too slow. */
  dropped = 0;

  /** `onError`: called when a handler fails on a message. */
  constructor(broker: () => Aedes | undefined, onError: (error: Error) => void = () => undefined) {
    this.#broker = broker;
    this.#onError = onError;
  }

  get connected(): boolean {
    return this.#handlers !== undefined && this.#broker() !== undefined;
  }

  open({ subscriptions }: LinkOptions, handlers: LinkHandlers): void {
    const broker = this.#broker();
    if (broker === undefined) throw new Error('start the local broker before opening its link');
    this.#handlers = handlers;
    this.#subscriptions = subscriptions;
    for (const filter of subscriptions) broker.subscribe(filter, this.#deliver, () => undefined);
    handlers.onConnect()?.catch(this.#failed);
  }

  async publish(topic: string, payload: Uint8Array, { qos, retain }: PublishOptions): Promise<boolean> {
    const broker = this.#broker();
    if (broker === undefined || this.#handlers === undefined || this.#inFlight >= MAX_IN_FLIGHT) return false;
    this.#inFlight++;
    const packet = {
      cmd: 'publish',
      topic,
      payload: Buffer.from(payload),
      qos,
      retain: retain ?? false,
      dup: false,
    } as const;
    broker.publish(packet, () => {
      this.#inFlight--;
    });
    return true;
  }

  async close(): Promise<void> {
    const broker = this.#broker();
    for (const filter of this.#subscriptions) broker?.unsubscribe(filter, this.#deliver, () => undefined);
    const handlers = this.#handlers;
    this.#handlers = undefined;
    this.#subscriptions = [];
    this.#waiting.length = 0;
    await handlers?.onClose('closed');
  }

  // Calling back at once would overflow aedes' stack with thousands of queued messages, hence setImmediate.
  readonly #deliver = (packet: AedesPublishPacket, done: () => void): void => {
    this.#waiting.push(packet);
    if (this.#waiting.length > MAX_WAITING) {
      this.#waiting.shift();
      this.dropped++;
    }
    if (!this.#busy) this.#drain().catch(this.#failed);
    setImmediate(done);
  };

  readonly #failed = (error: unknown): void => this.#onError(error instanceof Error ? error : new Error(String(error)));

  async #drain(): Promise<void> {
    this.#busy = true;
    try {
      for (let packet = this.#waiting.shift(); packet !== undefined; packet = this.#waiting.shift()) {
        const handled = this.#handle(packet);
        if (handled !== undefined) await handled;
      }
    } finally {
      this.#busy = false;
    }
  }

  /** Nothing awaits it, and no message of a device may end the gateway. Returns a promise only if the handler does. */
  #handle({ topic, payload, retain }: AedesPublishPacket): Promise<void> | undefined {
    try {
      const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload;
      const handled = this.#handlers?.onMessage({ topic, payload: bytes, retain });
      return handled instanceof Promise ? handled.catch(this.#failed) : undefined;
    } catch (error) {
      this.#failed(error);
      return undefined;
    }
  }
}
