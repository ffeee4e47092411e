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
  /** The will and the STATE that follows it carry the same time (Sparkplug B 3.0, 5.14). */
  #since = 0;

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
    await this.#options.link.publish(stateTopic(this.hostId), this.#state(true), { qos: 1, retain: true });
    await this.beat();
  }

  async offline(): Promise<void> {
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
