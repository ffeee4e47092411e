import type { Heartbeat } from '../../shared/contracts/report.ts';
import type { Link, LinkWill } from '../../shared/ports/link.ts';
import type { Clock } from '../../shared/time/clock.ts';
import { stateTopic, topicFor, topicTable } from '../../shared/topics/topics.ts';
import { encodeJson } from './messages.ts';

export interface HeartOptions {
  readonly link: Link;
  readonly clock: Clock;
  readonly hostId: string;
  readonly epoch: () => number;
  readonly gateways: () => readonly string[];
}

/** Signs of life of the cloud: STATE as Sparkplug's primary host (retained, and as will), and the heartbeat to each gateway. */
export class Heart {
  readonly #options: HeartOptions;
  /** The will and the STATE that follows it carry the same time, a good-bye that of its sending (Sparkplug B 3.0, 4.1). */
  #since = 0;
  #online = false;

  constructor(options: HeartOptions) {
    this.#options = options;
  }

  get hostId(): string {
    return this.#options.hostId;
  }

  will(): LinkWill {
    this.#since = Math.floor(this.#options.clock.machine.now());
    return { topic: stateTopic(this.hostId), payload: this.#state(false), qos: 1, retain: true };
  }

  async online(): Promise<void> {
    if (this.#since === 0) this.will();
    this.#online = true;
    await this.#options.link.publish(stateTopic(this.hostId), this.#state(true), { qos: 1, retain: true });
    await this.beat();
  }

  /**
   * Somebody says on our own STATE that we are offline, such as the late will of a connection before this one: we are not
   * (Sparkplug B 3.0, 5.3).
   */
  async told(payload: Uint8Array): Promise<void> {
    if (!this.#online || readState(payload) !== false) return;
    await this.#options.link.publish(stateTopic(this.hostId), this.#state(true), { qos: 1, retain: true });
  }

  async offline(): Promise<void> {
    this.#online = false;
    this.#since = Math.floor(this.#options.clock.machine.now());
    await this.#options.link.publish(stateTopic(this.hostId), this.#state(false), { qos: 1, retain: true });
  }

  async beat(): Promise<void> {
    for (const gateway of this.#options.gateways()) await this.beatFor(gateway);
  }

  async beatFor(gateway: string): Promise<void> {
    const { link, clock, epoch } = this.#options;
    const heartbeat: Heartbeat = { version: 1, time: Math.floor(clock.plant.now()), epoch: epoch() };
    const { qos } = topicTable.heartbeat;
    await link.publish(topicFor('heartbeat', gateway), encodeJson(heartbeat), { qos });
  }

  #state(online: boolean): Uint8Array {
    return encodeJson({ online, timestamp: this.#since });
  }
}

/** `online` of a STATE; undefined where it says nothing that can be read. */
function readState(payload: Uint8Array): unknown {
  try {
    const state: unknown = JSON.parse(new TextDecoder().decode(payload));
    return typeof state === 'object' && state !== null && 'online' in state ? state.online : undefined;
  } catch {
    return undefined;
  }
}
