import type { Tell } from './command-watch.ts';

/** Time after a start in which control may wait for its journal, s. */
const START_S = 8;
const MOST_PERIODS = 2;

/** Checks that each live gateway keeps cycling. */
export class CycleWatch {
  readonly #tell: Tell;
  readonly #periodS: number;
  readonly #gateways = new Map<string, { aliveS: number; sinceS: number }>();

  constructor(periodS: number, tell: Tell) {
    this.#periodS = periodS;
    this.#tell = tell;
  }

  cycled(gateway: string): void {
    const state = this.#gateways.get(gateway);
    if (state !== undefined) state.sinceS = 0;
  }

  /** Runs after each step of the plant. */
  step(stepS: number, gateways: readonly { readonly id: string; readonly alive: boolean }[]): void {
    for (const { id, alive } of gateways) {
      const state = this.#gateways.get(id) ?? { aliveS: 0, sinceS: 0 };
      this.#gateways.set(id, state);
      state.aliveS = alive ? state.aliveS + stepS : 0;
      state.sinceS = alive ? state.sinceS + stepS : 0;
      const late = state.aliveS > START_S && state.sinceS > MOST_PERIODS * this.#periodS;
      if (!late) continue;
      this.#tell('cycle', `${id} has not cycled for ${state.sinceS} s`);
      state.sinceS = 0;
    }
  }
}
