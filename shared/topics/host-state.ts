import type { Link, LinkWill } from '../ports/link.ts';
import type { TimeBase } from '../time/clock.ts';
import { stateTopic } from './topics.ts';

/** STATE of a Sparkplug host application: retained at QoS 1, with the opposite state as its will (Sparkplug B 3.0, 4.1 and 6.4.26). */
export class HostState {
  readonly hostId: string;
  readonly #publish: Link['publish'];
  readonly #machine: Pick<TimeBase, 'now'>;
  /**
   * Timestamp of the STATE. The will and the birth that follows it carry the same one; a planned death carries its time of sending
   * (Sparkplug B 3.0, 4.1).
   */
  #since = 0;
  #online = false;

  constructor(options: {
    readonly hostId: string;
    readonly publish: Link['publish'];
    readonly machine: Pick<TimeBase, 'now'>;
  }) {
    this.hostId = options.hostId;
    this.#publish = options.publish;
    this.#machine = options.machine;
  }

  get topic(): string {
    return stateTopic(this.hostId);
  }

  will(): LinkWill {
    this.#since = Math.floor(this.#machine.now());
    return { topic: this.topic, payload: this.#state(false), qos: 1, retain: true };
  }

  async online(): Promise<void> {
    if (this.#since === 0) this.will();
    this.#online = true;
    await this.#say(true);
  }

  /**
   * Handles a message on our own STATE topic. If it says that we are offline, such as a late will of an earlier connection, we publish
   * again that we are online (Sparkplug B 3.0, 5.3).
   */
  async onState(payload: Uint8Array): Promise<void> {
    if (this.#online && readState(payload) === false) await this.#say(true);
  }

  async offline(): Promise<void> {
    this.#online = false;
    this.#since = Math.floor(this.#machine.now());
    await this.#say(false);
  }

  async #say(online: boolean): Promise<void> {
    await this.#publish(this.topic, this.#state(online), { qos: 1, retain: true });
  }

  #state(online: boolean): Uint8Array {
    return new TextEncoder().encode(JSON.stringify({ online, timestamp: this.#since }));
  }
}

/** `online` of a STATE; undefined if the payload is malformed. */
function readState(payload: Uint8Array): unknown {
  try {
    const state: unknown = JSON.parse(new TextDecoder().decode(payload));
    return typeof state === 'object' && state !== null && 'online' in state ? state.online : undefined;
  } catch {
    return undefined;
  }
}
