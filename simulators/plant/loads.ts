import type { Random } from '../../shared/ports/random.ts';
import { SeededRandom } from '../../shared/ports/random.ts';
import { between, drift } from './chance.ts';
import type { PlantInputs, PlantSpec } from './spec.ts';

interface Motor {
  readonly load: number;
  readonly kw: number;
  readonly untilMs: number;
}

interface State {
  readonly noise: readonly number[];
  readonly motors: readonly Motor[];
}

/** Short-term noise of a feeder's load: 1.5 % with a time constant of half a minute. */
const NOISE = { share: 0.015, tauS: 30 };
/** Motor starts per hour on a feeder, their inrush and its duration. */
const MOTORS = { perHour: 4, lowKw: 30, highKw: 120, lowS: 2, highS: 6, reactivePerActive: 1.7 };
/** Longer steps carry interval means only. */
export const FINEST_STEP_S = 60;

/** Position of a moment between the centres of two 15-min intervals. */
export interface Place {
  readonly from: number;
  readonly to: number;
  /** 0 at the centre of `from`, 1 at that of `to`. */
  readonly share: number;
}

export function placeOf(inputs: PlantInputs, timeMs: number): Place {
  const at = (timeMs - inputs.startMs) / inputs.stepMs - 0.5;
  const from = Math.min(Math.max(Math.floor(at), 0), inputs.count - 1);
  const to = Math.min(from + 1, inputs.count - 1);
  return { from, to, share: Math.min(1, Math.max(0, at - from)) };
}

/** Loads at the buses: shapes by calendar day, short-term noise by feeder, motor starts. */
export class BusLoads {
  readonly #inputs: PlantInputs;
  readonly #loads: readonly {
    readonly bus: number;
    readonly feeder: number;
    readonly kw: number;
    readonly kvarPerKw: number;
    readonly mix: readonly [number, number, number];
  }[];
  readonly #feeders: number;
  readonly #from: Float64Array;
  readonly #to: Float64Array;
  #segment = -1;
  #noise: number[];
  #motors: Motor[] = [];

  constructor(spec: PlantSpec, seed: number, busIndex: ReadonlyMap<string, number>) {
    this.#inputs = spec.inputs;
    const random = new SeededRandom(seed, `${spec.id}/loads`);
    const feeders = spec.network.feeders.map(({ id }) => id);
    const shapes = spec.inputs.shapes.length;
    this.#feeders = feeders.length;
    this.#loads = spec.network.loads.map((load) => {
      const feeder = spec.network.buses.find(({ id }) => id === load.bus)?.feeder;
      return {
        bus: busIndex.get(load.bus)!,
        feeder: Math.max(0, feeders.indexOf(feeder ?? '')),
        kw: load.activePowerKw * spec.loadFactor,
        kvarPerKw: load.activePowerKw === 0 ? 0 : load.reactivePowerKvar / load.activePowerKw,
        mix: [Math.floor(random.next() * shapes), Math.floor(random.next() * shapes), random.next()] as const,
      };
    });
    this.#from = new Float64Array(this.#loads.length);
    this.#to = new Float64Array(this.#loads.length);
    this.#noise = this.#emptyNoise();
  }

  /** Adds the mean load of the interval `index` at each bus, without noise. */
  addMean(index: number, activePowerKw: Float64Array, reactivePowerKvar: Float64Array): void {
    for (const load of this.#loads) {
      const kw = this.#mean(load, index);
      activePowerKw[load.bus]! += kw;
      reactivePowerKvar[load.bus]! += kw * load.kvarPerKw;
    }
  }

  step(dtS: number, timeMs: number, random: Random): void {
    if (dtS > FINEST_STEP_S) {
      this.#noise = this.#emptyNoise();
      this.#motors = [];
      return;
    }
    for (let feeder = 0; feeder < this.#feeders; feeder++) {
      this.#noise[feeder] = drift(this.#noise[feeder]!, NOISE.tauS, dtS, random);
      if (random.next() >= (MOTORS.perHour * dtS) / 3600) continue;
      const own = this.#loads.flatMap((load, at) => (load.feeder === feeder ? [at] : []));
      const load = own[Math.floor(random.next() * own.length)]!;
      const kw = between(random, MOTORS.lowKw, MOTORS.highKw);
      this.#motors.push({ load, kw, untilMs: timeMs + 1000 * between(random, MOTORS.lowS, MOTORS.highS) });
    }
    if (this.#motors.length > 0) this.#motors = this.#motors.filter(({ untilMs }) => untilMs > timeMs);
  }

  /** Adds the loads of this moment; `factors` holds the event factor of each feeder. */
  add(place: Place, factors: Float64Array, into: { readonly p: Float64Array; readonly q: Float64Array }): void {
    if (this.#segment !== place.from) {
      this.#segment = place.from;
      for (const [at, load] of this.#loads.entries()) {
        this.#from[at] = this.#mean(load, place.from);
        this.#to[at] = this.#mean(load, place.to);
      }
    }
    for (let at = 0; at < this.#loads.length; at++) {
      const load = this.#loads[at]!;
      const factor = factors[load.feeder]! * (1 + NOISE.share * this.#noise[load.feeder]!);
      const kw = (this.#from[at]! + (this.#to[at]! - this.#from[at]!) * place.share) * factor;
      into.p[load.bus]! += kw;
      into.q[load.bus]! += kw * load.kvarPerKw;
    }
    for (const { load, kw } of this.#motors) {
      into.p[this.#loads[load]!.bus]! += kw;
      into.q[this.#loads[load]!.bus]! += kw * MOTORS.reactivePerActive;
    }
  }

  snapshot(): State {
    return { noise: [...this.#noise], motors: [...this.#motors] };
  }

  restore(state: unknown): void {
    const { noise, motors } = state as State;
    this.#noise = [...noise];
    this.#motors = [...motors];
  }

  #mean(load: { readonly kw: number; readonly mix: readonly [number, number, number] }, index: number): number {
    const [a, b, share] = load.mix;
    const { shapes } = this.#inputs;
    return load.kw * (share * shapes[a]![index]! + (1 - share) * shapes[b]![index]!);
  }

  #emptyNoise(): number[] {
    return Array.from({ length: this.#feeders }, () => 0);
  }
}
