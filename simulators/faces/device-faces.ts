import type { Fault } from '../../shared/outcome/outcome.ts';
import type { Link, LinkMessage } from '../../shared/ports/link.ts';
import type { Plant } from '../plant/plant.ts';
import { AccessNetwork, type AccessOptions } from './access-network.ts';
import { fromWire, sessionsToWire, toWire } from './wire.ts';

export interface FacesOptions {
  readonly plant: Plant;
  /** Link to the gateway's broker for its devices. */
  readonly link: Link;
  readonly clientId: string;
  /** A slow and lossy network between the gateway and its devices; absent: none. */
  readonly access?: AccessOptions;
  /** Devices simulated elsewhere; absent: none. */
  readonly elsewhere?: (device: string) => boolean;
  /** Devices that report and take no command; absent: none. */
  readonly deaf?: (device: string) => boolean;
  readonly onRefused?: (fault: Fault) => void;
}

export interface FacesCounters {
  readonly published: number;
  /** Readings that no broker accepted: a meter stores nothing. */
  readonly dropped: number;
  readonly taken: number;
  readonly refused: number;
}

const MAX_COMMAND_BYTES = 4096;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * The devices and meters of one substation as its gateway sees them: JSON on `<device>/state`, commands from `<device>/set`, each in the
 * maker's units and sign.
 */
export class DeviceFaces {
  readonly #options: FacesOptions;
  readonly #access: AccessNetwork | undefined;
  #counters = { published: 0, dropped: 0, taken: 0, refused: 0 };

  constructor(options: FacesOptions) {
    this.#options = options;
    this.#access = options.access === undefined ? undefined : new AccessNetwork(options.access);
  }

  /** Connects, and reconnects until `stop`. */
  start(): void {
    const { link, clientId, plant, elsewhere } = this.#options;
    const here = plant.commandable.filter((device) => elsewhere?.(device) !== true);
    link.open(
      { clientId, subscriptions: here.map((device) => `${device}/set`) },
      {
        onConnect: () => undefined,
        onClose: () => undefined,
        onMessage: (message) => this.#command(message),
      },
    );
  }

  async stop(): Promise<void> {
    await this.#options.link.close();
  }

  counters(): FacesCounters {
    return { ...this.#counters };
  }

  /** Runs after each step of the plant: publishes the meters' readings and delivers commands in transit. */
  async publish(): Promise<void> {
    const { plant, link, elsewhere } = this.#options;
    await this.#access?.deliver(plant.timeMs);
    const here = plant.readings().filter(({ device }) => elsewhere?.(device) !== true);
    const sent = here.map(async ({ device, timeMs, values }) => {
      const topic = `${device}/state`;
      const payload = encoder.encode(
        JSON.stringify({ ...toWire(device, timeMs, values), ...sessionsToWire(device, plant.sessions(device)) }),
      );
      if (this.#access !== undefined && !isWired(device)) {
        this.#access.carry(plant.timeMs, () => this.#send(topic, payload));
        return;
      }
      if (!link.connected) this.#counters.dropped++;
      else await this.#send(topic, payload);
    });
    await Promise.all(sent);
  }

  async #send(topic: string, payload: Uint8Array): Promise<void> {
    if (await this.#options.link.publish(topic, payload, { qos: 0 })) this.#counters.published++;
    else this.#counters.dropped++;
  }

  #command({ topic, payload }: LinkMessage): void {
    const { plant } = this.#options;
    const [device, verb, more] = topic.split('/');
    if (device === undefined || verb !== 'set' || more !== undefined) return;
    if (this.#access === undefined) this.#obey(device, payload);
    else this.#access.carry(plant.timeMs, () => this.#obey(device, payload));
  }

  #obey(device: string, payload: Uint8Array): void {
    if (this.#options.deaf?.(device) === true) return;
    const command = fromWire(device, parse(payload));
    const outcome = command.ok ? this.#options.plant.command(device, command.value) : command;
    if (outcome.ok) {
      this.#counters.taken++;
      return;
    }
    this.#counters.refused++;
    this.#options.onRefused?.(outcome.fault);
  }
}

/** Transformer and feeder heads are wired to the gateway, regardless of the access network. */
const isWired = (device: string): boolean => device === 'transformer' || device.startsWith('feeder-');

function parse(payload: Uint8Array): unknown {
  if (payload.byteLength > MAX_COMMAND_BYTES) return undefined;
  try {
    return JSON.parse(decoder.decode(payload)) as unknown;
  } catch {
    return undefined;
  }
}
