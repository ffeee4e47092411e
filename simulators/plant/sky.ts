import type { Random } from '../../shared/ports/random.ts';
import { drift } from './chance.ts';
import { FINEST_STEP_S, type Place } from './loads.ts';
import type { PlantInputs } from './spec.ts';

interface State {
  readonly common: number;
  readonly own: readonly number[];
  readonly cloud: readonly number[];
}

/** Share of the cloud cover that all plants of a substation see at once, and the time a cloud takes to pass. */
const COMMON_SHARE = 0.6;
const TAU_S = 75;
/** Time in which a cloud edge crosses a plant of one megawatt. */
const CROSSING_S = 12;
/** Pushes the drift towards sun or shade. */
const EDGE = 2;

/** The sun over each PV plant: the 15-min means of the record, with clouds between them when the sky is broken. */
export class Sky {
  readonly #inputs: PlantInputs;
  #common = 0;
  #own: number[];
  #cloud: number[];

  constructor(inputs: PlantInputs, plants: number) {
    this.#inputs = inputs;
    this.#own = Array.from({ length: plants }, () => 0);
    this.#cloud = [...this.#own];
  }

  step(dtS: number, random: Random): void {
    if (dtS > FINEST_STEP_S) {
      this.#common = 0;
      this.#own.fill(0);
      this.#cloud.fill(0);
      return;
    }
    const crossed = 1 - Math.exp(-dtS / CROSSING_S);
    this.#common = drift(this.#common, TAU_S, dtS, random);
    for (let at = 0; at < this.#own.length; at++) {
      this.#own[at] = drift(this.#own[at]!, TAU_S, dtS, random);
      const over = COMMON_SHARE * this.#common + (1 - COMMON_SHARE) * this.#own[at]!;
      const before = this.#cloud[at]!;
      this.#cloud[at] = before + (Math.tanh(EDGE * over) - before) * crossed;
    }
  }

  /** Output of plant `at` per unit of its rating. */
  sun(place: Place, at: number): number {
    const { sun, sunSpread } = this.#inputs;
    const mean = sun[place.from]! + (sun[place.to]! - sun[place.from]!) * place.share;
    if (mean <= 0) return 0;
    const spread = sunSpread[place.from]! + (sunSpread[place.to]! - sunSpread[place.from]!) * place.share;
    return Math.max(0, mean * (1 + spread * this.#cloud[at]!));
  }

  snapshot(): State {
    return { common: this.#common, own: [...this.#own], cloud: [...this.#cloud] };
  }

  restore(state: unknown): void {
    const { common, own, cloud } = state as State;
    this.#common = common;
    this.#own = [...own];
    this.#cloud = [...cloud];
  }
}
