import type { Random } from '../../shared/ports/random.ts';
import { drift } from './chance.ts';
import { FINEST_STEP_S, type Place } from './loads.ts';
import type { PlantInputs } from './spec.ts';

interface State {
  readonly common: number;
  readonly own: readonly number[];
}

/** Cloud edges: share that all plants of a substation see at once, and how long a cloud takes to pass. */
const COMMON_SHARE = 0.6;
const TAU_S = 75;
/** Bends the drift towards its two sides, sun and shade, so that it has edges. */
const EDGE = 2;

/** The sun over each PV plant: the record's 15-min means, and between them clouds where the sky is broken. */
export class Sky {
  readonly #inputs: PlantInputs;
  #common = 0;
  #own: number[];

  constructor(inputs: PlantInputs, plants: number) {
    this.#inputs = inputs;
    this.#own = Array.from({ length: plants }, () => 0);
  }

  step(dtS: number, random: Random): void {
    if (dtS > FINEST_STEP_S) {
      this.#common = 0;
      this.#own.fill(0);
      return;
    }
    this.#common = drift(this.#common, TAU_S, dtS, random);
    for (let at = 0; at < this.#own.length; at++) this.#own[at] = drift(this.#own[at]!, TAU_S, dtS, random);
  }

  /** Feed of plant `at` per unit of its rating. */
  sun(place: Place, at: number): number {
    const { sun, sunSpread } = this.#inputs;
    const mean = sun[place.from]! + (sun[place.to]! - sun[place.from]!) * place.share;
    if (mean <= 0) return 0;
    const spread = sunSpread[place.from]! + (sunSpread[place.to]! - sunSpread[place.from]!) * place.share;
    const cloud = COMMON_SHARE * this.#common + (1 - COMMON_SHARE) * this.#own[at]!;
    return Math.max(0, mean * (1 + spread * Math.tanh(EDGE * cloud)));
  }

  snapshot(): State {
    return { common: this.#common, own: [...this.#own] };
  }

  restore(state: unknown): void {
    const { common, own } = state as State;
    this.#common = common;
    this.#own = [...own];
  }
}
