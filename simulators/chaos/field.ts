import type { Link, LinkHandlers, LinkOptions, PublishOptions } from '../../shared/ports/link.ts';
import { every } from '../../shared/time/every.ts';
import type { Timer } from '../../shared/time/clock.ts';
import type { TimelineClock } from '../../shared/time/timeline-clock.ts';
import { deviceLines } from '../demo/device-lines.ts';
import type { StagedGateway } from '../demo/stage.ts';
import { DeviceFaces } from '../faces/device-faces.ts';
import { fromWire } from '../faces/wire.ts';
import type { RegionPlant } from '../plant/region-plant.ts';

export interface FieldOptions {
  readonly region: RegionPlant;
  readonly gateways: readonly StagedGateway[];
  readonly clock: TimelineClock;
  readonly seed: number;
  readonly onFailure: (error: unknown) => void;
}

/** Steps caught up at most after a pause of this process. */
const MOST_STEPS = 20;
const TURN_MS = 100;

/** The plant's devices behind their gateways. They keep running whatever is killed, and record the commands to each in order. */
export class Field {
  readonly #options: FieldOptions;
  readonly #faces: readonly DeviceFaces[];
  /** Active powers commanded to a device, kW, without repeats, by `gateway/device`. */
  readonly setpoints = new Map<string, number[]>();
  #timer: Timer | undefined;
  #turn: Promise<void> = Promise.resolve();
  #busy = false;

  constructor(options: FieldOptions) {
    this.#options = options;
    this.#faces = options.gateways.map(
      ({ id, localPort, devices }, at) =>
        new DeviceFaces({
          plant: options.region.plants[at]!,
          clientId: `plant-${id}`,
          link: new HeardLink(
            deviceLines(
              { id, localPort, devices },
              { clock: options.clock, seed: options.seed, reconnectS: [0.2, 0.5], onFailure: options.onFailure },
            ),
            (device, text) => this.#heard(`${id}/${device}`, { device, text }),
          ),
        }),
    );
  }

  start(): void {
    for (const faces of this.#faces) faces.start();
    this.#timer = every(this.#options.clock.machine, TURN_MS, () => {
      if (this.#busy) return;
      this.#busy = true;
      this.#turn = this.#step()
        .catch(this.#options.onFailure)
        .finally(() => (this.#busy = false));
    });
  }

  async stop(): Promise<void> {
    this.#timer?.cancel();
    await this.#turn;
    await Promise.all(this.#faces.map((faces) => faces.stop()));
  }

  async #step(): Promise<void> {
    const { region, clock } = this.#options;
    for (let step = 0; step < MOST_STEPS && region.timeMs + 1000 <= clock.plantNow(); step++) {
      region.step(1);
      for (const faces of this.#faces) await faces.publish();
    }
  }

  #heard(key: string, { device, text }: { readonly device: string; readonly text: string }): void {
    const command = fromWire(device, JSON.parse(text) as unknown);
    const kw = command.ok ? command.value.activePowerKw : undefined;
    if (kw === undefined) return;
    const list = this.setpoints.get(key) ?? [];
    if (list.at(-1) !== kw) list.push(kw);
    this.setpoints.set(key, list);
  }
}

/** A link that reports each setpoint on arrival. */
class HeardLink implements Link {
  readonly #link: Link;
  readonly #hear: (device: string, text: string) => void;

  constructor(link: Link, hear: (device: string, text: string) => void) {
    this.#link = link;
    this.#hear = hear;
  }

  get connected(): boolean {
    return this.#link.connected;
  }

  open(options: LinkOptions, handlers: LinkHandlers): void {
    this.#link.open(options, {
      ...handlers,
      onMessage: (message) => {
        this.#hear(message.topic.split('/')[0]!, new TextDecoder().decode(message.payload));
        return handlers.onMessage(message);
      },
    });
  }

  publish(topic: string, payload: Uint8Array, options: PublishOptions): Promise<boolean> {
    return this.#link.publish(topic, payload, options);
  }

  close(): Promise<void> {
    return this.#link.close();
  }
}
