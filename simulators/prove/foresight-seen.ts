import type { DeviceSpec, PlantSpec } from '../plant/spec.ts';
import type { PlantTruth } from '../plant/truth.ts';

/** A quantity observed in each step of a schedule: its mean, maximum and minimum within the step. */
export class Track {
  readonly mean: Float64Array;
  readonly most: Float64Array;
  readonly least: Float64Array;
  readonly #count: Float64Array;

  constructor(steps: number) {
    this.mean = new Float64Array(steps);
    this.most = new Float64Array(steps).fill(-Infinity);
    this.least = new Float64Array(steps).fill(Infinity);
    this.#count = new Float64Array(steps);
  }

  add(step: number, value: number): void {
    const count = ++this.#count[step]!;
    this.mean[step]! += (value - this.mean[step]!) / count;
    this.most[step] = Math.max(this.most[step]!, value);
    this.least[step] = Math.min(this.least[step]!, value);
  }
}

/** Places where a substation's power is limited: its feeders, its transformer, and the 110 kV source. */
export const TRANSFORMER = 'transformer';
export const SOURCE = 'source';

/** Observations of one substation in a rehearsal, by schedule step. */
export class SiteSeen {
  readonly id: string;
  readonly devices: readonly DeviceSpec[];
  /** Power without the devices, kW. */
  readonly base = new Map<string, Track>();
  readonly available = new Map<string, Track>();
  readonly taken = new Map<string, Track>();
  readonly sessions = new Map<string, Track>();
  readonly socPct = new Map<string, number>();
  trips = 0;
  readonly #steps: number;
  readonly #feeders: ReadonlyMap<string, string>;

  constructor({ id, network, devices }: PlantSpec, steps: number) {
    this.id = id;
    this.#steps = steps;
    const feederOf = new Map(network.buses.map((bus) => [bus.id, bus.feeder ?? '']));
    this.devices = devices.filter(({ type }) => type !== 'tap-changer' && type !== 'capacitor-bank');
    // By bus: a misplaced device is really on another feeder.
    this.#feeders = new Map(this.devices.map((device) => [device.id, feederOf.get(device.bus) ?? '']));
  }

  feederOf(device: string): string {
    return this.#feeders.get(device)!;
  }

  add(step: number, truth: PlantTruth): void {
    const behind = new Map<string, number>();
    let all = 0;
    for (const { id, activePowerKw, values } of truth.devices) {
      const feeder = this.#feeders.get(id);
      if (feeder === undefined) continue;
      all += activePowerKw;
      behind.set(feeder, (behind.get(feeder) ?? 0) + activePowerKw);
      this.#track(this.taken, id).add(step, activePowerKw);
      if (values['availableKw'] !== undefined) this.#track(this.available, id).add(step, values['availableKw']);
      if (values['sessions'] !== undefined) this.#track(this.sessions, id).add(step, values['sessions']);
      if (values['socPct'] !== undefined && !this.socPct.has(id)) this.socPct.set(id, values['socPct']);
    }
    for (const { id, activePowerKw, tripped } of truth.feeders) {
      this.#track(this.base, id).add(step, activePowerKw - (behind.get(id) ?? 0));
      if (tripped) this.trips++;
    }
    this.#track(this.base, TRANSFORMER).add(step, truth.transformer.activePowerKw - all);
    this.#track(this.base, SOURCE).add(step, truth.sourceKw - all);
  }

  #track(of: Map<string, Track>, key: string): Track {
    let track = of.get(key);
    if (track === undefined) of.set(key, (track = new Track(this.#steps)));
    return track;
  }
}
