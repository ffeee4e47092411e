import type { Aedes, AedesPublishPacket } from 'aedes';
import type { Link, LinkHandlers, LinkOptions, PublishOptions } from '../../shared/ports/link.ts';

const MAX_IN_FLIGHT = 2000;
const MAX_WAITING = 5000;

/**
 * A link into a broker of the same process. A publish resolves when the broker has it in its hands; it waits for no subscriber,
 * so a frozen device cannot hold the cycle up. Messages are handed over one by one; beyond 5,000 that wait, the oldest go.
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

  /** `onError`: a handler failed on a message. */
  constructor(broker: () => Aedes | undefined, onError: (error: Error) => void = () => undefined) {
    this.#broker = broker;
    this.#onError = onError;
  }

  get connected(): boolean {
    return this.#handlers !== undefined && this.#broker() !== undefined;
  }

  open({ subscriptions }: LinkOptions, handlers: LinkHandlers): void {
    const broker = this.#broker();
    if (broker === undefined) throw new Error('the local broker is started before its link is opened');
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

  // A handler that calls back at once lets thousands of queued messages overflow aedes' stack: hence setImmediate.
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

  /** Nobody awaits it: what a device says, whatever it is, must not end the gateway. A promise only where the handler gives one. */
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
