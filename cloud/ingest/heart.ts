import { REPORT_ENCODING } from '../../shared/codec/packed-report.ts';
import { coveredText, signHeartbeat } from '../../shared/codec/signed-heartbeat.ts';
import type { Accounted } from '../../shared/contracts/acknowledgement.ts';
import type { Reads } from '../../shared/contracts/reads.ts';
import type { Heartbeat } from '../../shared/contracts/report.ts';
import { keyFor, type SigningKeys } from '../../shared/pki/key-list.ts';
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
  /** Signs heartbeats for gateways that ask for it; absent: none are signed. */
  readonly keys?: SigningKeys | undefined;
  /** Formats that a gateway reads, and what it expects in signed heartbeats. */
  readonly reads: (gateway: string) => Reads;
  /** Coverage of a gateway's records since the previous call. */
  readonly covered: (gateway: string) => Accounted[];
}

/** Every n-th heartbeat repeats which encodings the cloud reads, because any one may get lost. */
const TELLS_EACH = 10;

/** The cloud's signs of life: STATE as Sparkplug's primary host (retained, and as will), and a heartbeat to each gateway. */
export class Heart {
  readonly #options: HeartOptions;
  readonly #state: HostState;
  #beats = 0;

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

  /** Handles a message on the cloud's own STATE topic. */
  async onState(payload: Uint8Array): Promise<void> {
    await this.#state.onState(payload);
  }

  async offline(): Promise<void> {
    await this.#state.offline();
  }

  /** Sends all heartbeats, then throws the first failure: a gateway without a heartbeat for two minutes falls back to its fail-safe. */
  async beat(): Promise<void> {
    const tells = this.#beats++ % TELLS_EACH === 0;
    const failures: unknown[] = [];
    for (const gateway of this.#options.gateways())
      try {
        await this.tellKeys(gateway);
        await this.beatFor(gateway, tells);
      } catch (error) {
        failures.push(error);
      }
    if (failures.length > 0) throw failures[0];
  }

  /** Sends the key list to a gateway that holds an older one; must precede anything signed with the new keys. */
  async tellKeys(gateway: string): Promise<void> {
    const { link, keys } = this.#options;
    const held = this.#options.reads(gateway).keyGeneration;
    if (keys === undefined || held === undefined || held >= keys.generation) return;
    const { qos } = topicTable.desiredKeys;
    const list = new TextEncoder().encode(await keys.listFor(held));
    await link.publish(topicFor('desiredKeys', gateway), list, { qos });
  }

  /** `tells`: also says which encodings the cloud reads. A gateway that asks for signatures remembers them while its link is up. */
  async beatFor(gateway: string, tells = true): Promise<void> {
    const { link, clock, epoch, keys } = this.#options;
    const asked = this.#options.reads(gateway);
    const nonce = asked.heartbeatNonce;
    const own = await epoch(gateway);
    const time = Math.floor(clock.plant.now());
    const covered = asked.keyGeneration === undefined ? undefined : this.#options.covered(gateway).map(coveredText);
    const signed =
      keys === undefined || nonce === undefined
        ? {}
        : {
            ...(covered === undefined ? {} : { covered }),
            signed: await signHeartbeat({ gateway, nonce, time, covered }, keyFor(keys, asked, 'online')),
          };
    const reads = tells || nonce === undefined ? { reads: [REPORT_ENCODING] } : {};
    const heartbeat: Heartbeat = { version: 1, time, epoch: own, ...reads, ...signed };
    const { qos } = topicTable.heartbeat;
    await link.publish(topicFor('heartbeat', gateway), encodeJson(heartbeat), { qos });
  }
}
