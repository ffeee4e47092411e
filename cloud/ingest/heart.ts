import { REPORT_ENCODING } from '../../shared/codec/packed-report.ts';
import type { Heartbeat } from '../../shared/contracts/report.ts';
import type { Link, LinkWill } from '../../shared/ports/link.ts';
import type { Clock } from '../../shared/time/clock.ts';
import { HostState } from '../../shared/topics/host-state.ts';
import { topicFor, topicTable } from '../../shared/topics/topics.ts';
import { encodeJson } from './messages.ts';

export interface HeartOptions {
  readonly link: Link;
  readonly clock: Clock;
  readonly hostId: string;
  readonly epoch: (gateway: string) => Promise<number>;
  readonly gateways: () => readonly string[];
}

/** Signs of life of the cloud: STATE as Sparkplug's primary host (retained, and as will), and the heartbeat to each gateway. */
export class Heart {
  readonly #options: HeartOptions;
  readonly #state: HostState;

  constructor(options: HeartOptions) {
    const { hostId, link, clock } = options;
    this.#options = options;
    this.#state = new HostState({
      hostId,
      publish: (topic, payload, how) => link.publish(topic, payload, how),
      machine: clock.machine,
    });
  }

  get hostId(): string {
    return this.#state.hostId;
  }

  will(): LinkWill {
    return this.#state.will();
  }

  async online(): Promise<void> {
    await this.#state.online();
    await this.beat();
  }

  /** Somebody speaks on our own STATE. */
  async onState(payload: Uint8Array): Promise<void> {
    await this.#state.onState(payload);
  }

  async offline(): Promise<void> {
    await this.#state.offline();
  }

  async beat(): Promise<void> {
    for (const gateway of this.#options.gateways()) await this.beatFor(gateway);
  }

  async beatFor(gateway: string): Promise<void> {
    const { link, clock, epoch } = this.#options;
    const own = await epoch(gateway);
    const time = Math.floor(clock.plant.now());
    const heartbeat: Heartbeat = { version: 1, time, epoch: own, reads: [REPORT_ENCODING] };
    const { qos } = topicTable.heartbeat;
    await link.publish(topicFor('heartbeat', gateway), encodeJson(heartbeat), { qos });
  }
}
