import type { Link } from '../../shared/ports/link.ts';
import { good, bad, type Outcome } from '../../shared/outcome/outcome.ts';
import type { Timer } from '../../shared/time/clock.ts';
import type { TimeLine, TimelineClock } from '../../shared/time/timeline-clock.ts';
import type { ChargingStations } from '../faces/chargers/charging-stations.ts';
import { DeviceFaces } from '../faces/device-faces.ts';
import type { FieldFaces } from '../faces/field-faces.ts';
import { fieldUnit } from '../faces/field-units.ts';
import type { RegionPlant } from '../plant/region-plant.ts';
import { TimeKeeper, type Decision, type Pulse } from './timeline.ts';

export interface HostedGateway {
  readonly id: string;
  readonly link: Link;
  /** The substation's devices on Modbus TCP; absent: all use MQTT. */
  readonly field?: { readonly faces: FieldFaces; readonly port: number };
  /** A charging site on OCPP; absent: none. */
  readonly charging?: { readonly device: string; readonly stations: ChargingStations };
}

export interface PlantHostOptions {
  readonly region: RegionPlant;
  readonly clock: TimelineClock;
  readonly speed: number;
  /** Gateways in the order of the region's plants, each with the link of its devices. */
  readonly gateways: readonly HostedGateway[];
  /** Further pulses to wait for: work of the cloud. */
  readonly beside: readonly string[];
  /** Called with the timeline that every process must follow from now on. */
  onLine(line: TimeLine): void;
  onEnd(): void;
  onFailure(error: unknown): void;
}

interface KnownPulse {
  alive: boolean;
  heardMs: number | undefined;
  cycleMs: number | undefined;
  stepMs?: number;
}

const PLANT = 'plant';
const STEP_MS = 1000;
/** Steps per turn; the rest waits for the next turn, so that links and timers get theirs. */
const MOST_STEPS = 8;
const LONGEST_TURN_MS = 50;
const SHORTEST_TURN_MS = 4;

/** Runs the region's plants along the timeline and maintains it: plant time never runs far ahead of a live gateway or the cloud. */
export class PlantHost {
  readonly #options: PlantHostOptions;
  readonly #keeper: TimeKeeper;
  readonly #faces: readonly DeviceFaces[];
  readonly #pulses = new Map<string, KnownPulse>();
  #timer: Timer | undefined;
  #decision: Decision | undefined;
  #running = false;

  constructor(options: PlantHostOptions) {
    this.#options = options;
    this.#keeper = new TimeKeeper({ speed: options.speed });
    this.#faces = options.gateways.map(
      ({ id, link, field, charging }, at) =>
        new DeviceFaces({
          plant: options.region.plants[at]!,
          link,
          clientId: `plant-${id}`,
          elsewhere: (device) =>
            device === charging?.device || (field !== undefined && fieldUnit(device) !== undefined),
        }),
    );
    for (const id of [...options.gateways.map((gateway) => gateway.id), ...options.beside])
      this.#pulses.set(id, { alive: false, heardMs: undefined, cycleMs: undefined });
  }

  /** Rejects with the system's error if a port of the field devices is not available. */
  async start(): Promise<void> {
    for (const faces of this.#faces) faces.start();
    for (const { field, charging } of this.#options.gateways) {
      await field?.faces.start(field.port);
      charging?.stations.start();
    }
    this.#running = true;
    this.#arm(0);
  }

  async stop(): Promise<void> {
    this.#running = false;
    this.#timer?.cancel();
    await Promise.all(this.#faces.map((faces) => faces.stop()));
    for (const { field, charging } of this.#options.gateways) {
      await field?.faces.stop();
      await charging?.stations.stop();
    }
  }

  /**
   * Records progress: a gateway finished the cycle due at this plant time, or the cloud finished work begun then, which repeats after
   * `stepMs`.
   */
  came(name: string, plantTime: number, stepMs?: number): void {
    const pulse = this.#pulses.get(name);
    if (pulse === undefined) return;
    pulse.alive = true;
    pulse.heardMs = this.#options.clock.machine.elapsed();
    pulse.cycleMs = plantTime;
    if (stepMs !== undefined) pulse.stepMs = stepMs;
    // Plant time is waiting for this process and continues at once.
    if (this.#running && this.#decision?.waitingFor.includes(name) === true) this.#keepTime();
  }

  died(name: string): void {
    const pulse = this.#pulses.get(name);
    if (pulse !== undefined) pulse.alive = false;
  }

  /** Gateways that are not left behind. */
  get gatewaysUp(): number {
    const leftBehind = this.#decision?.leftBehind;
    return leftBehind === undefined ? 0 : this.#options.gateways.filter(({ id }) => !leftBehind.includes(id)).length;
  }

  ask(speed: number): void {
    this.#keeper.ask(speed);
  }

  get asked(): number {
    return this.#keeper.asked;
  }

  /** The last decision: speed, processes waited for, speed reached. */
  get decision(): Decision | undefined {
    return this.#decision;
  }

  /** Adds a share of load on a feeder, and slows plant time to 1 for two minutes to make it visible. */
  spike(event: {
    readonly feeder: string;
    readonly percent: number;
    readonly durationS: number;
  }): Outcome<{ acceptedAt: number }> {
    const { feeder, percent, durationS } = event;
    const plant = this.#options.region.plants.find(({ id }) => feeder.startsWith(`${id}-`));
    if (plant === undefined) return bad('LS-API-004', `unknown feeder "${feeder}"`);
    const outcome = plant.spike({ feeder, share: percent / 100, durationS });
    if (!outcome.ok) return outcome;
    this.#keeper.spike(this.#options.clock.machine.elapsed());
    return good({ acceptedAt: plant.timeMs });
  }

  #arm(delayMs: number): void {
    if (!this.#running) return;
    this.#timer = this.#options.clock.machine.after(delayMs, async () => {
      try {
        await this.#turn();
      } catch (error) {
        this.#options.onFailure(error);
      }
      const speed = this.#options.clock.speed();
      this.#arm(
        speed > 0 ? Math.min(LONGEST_TURN_MS, Math.max(SHORTEST_TURN_MS, STEP_MS / speed / 2)) : SHORTEST_TURN_MS,
      );
    });
  }

  async #turn(): Promise<void> {
    const { region, clock } = this.#options;
    for (let step = 0; step < MOST_STEPS && region.timeMs + STEP_MS <= clock.plantNow(); step++) {
      if (region.ended) return this.#end();
      region.step(1);
      for (const { field, charging } of this.#options.gateways) {
        field?.faces.show();
        charging?.stations.show();
      }
      for (const faces of this.#faces) await faces.publish();
    }
    this.#keepTime();
  }

  #keepTime(): void {
    const { clock, region } = this.#options;
    const machineMs = clock.machine.elapsed();
    const pulses: Pulse[] = [{ id: PLANT, alive: true, heardMs: machineMs, cycleMs: region.timeMs, stepMs: STEP_MS }];
    for (const [id, pulse] of this.#pulses) pulses.push({ id, ...pulse });
    const decision = this.#keeper.decide({ machineMs, plantMs: clock.plantNow(), pulses });
    this.#decision = decision;
    const { speed, untilMs } = decision;
    if (speed !== clock.speed() || untilMs !== clock.line().untilMs) this.#setLine(clock.lineAtSpeed(speed, untilMs));
  }

  #setLine(line: TimeLine): void {
    this.#options.clock.setLine(line);
    this.#options.onLine(line);
  }

  #end(): void {
    this.#running = false;
    this.#setLine(this.#options.clock.lineAtSpeed(0));
    this.#options.onEnd();
  }
}
