import {
  hotSpotC,
  onanBySize,
  relativeAgeing,
  steadyState,
  thermalStep,
  type ThermalState,
} from '../../shared/grid/hot-spot.ts';

/** Winding temperature at which the transformer's protection opens the feeder heads, C. */
const TRIP_C = 140;

interface State {
  readonly thermal: ThermalState | null;
  readonly agedS: number;
}

/** Temperature of the true transformer. It starts in steady state at its first load. */
export class Winding {
  readonly #ratedKva: number;
  #thermal: ThermalState | null = null;
  #ambientC = 20;
  #agedS = 0;

  constructor(ratedKva: number) {
    this.#ratedKva = ratedKva;
  }

  get hotSpotC(): number {
    return this.#thermal === null ? this.#ambientC : hotSpotC(this.#thermal, this.#ambientC);
  }

  /** Life used, in hours of normal ageing. */
  get agedHours(): number {
    return this.#agedS / 3600;
  }

  /** Returns true while the winding is too hot to carry load. */
  step({ kva, ambientC, dtS }: { readonly kva: number; readonly ambientC: number; readonly dtS: number }): boolean {
    const constants = onanBySize(this.#ratedKva);
    const loadPu = kva / this.#ratedKva;
    this.#thermal = thermalStep(constants, this.#thermal ?? steadyState(constants, loadPu), { loadPu, stepS: dtS });
    this.#ambientC = ambientC;
    this.#agedS += dtS * relativeAgeing(this.hotSpotC);
    return this.hotSpotC >= TRIP_C;
  }

  snapshot(): State & { readonly ambientC: number } {
    return { thermal: this.#thermal, agedS: this.#agedS, ambientC: this.#ambientC };
  }

  restore(from: ReturnType<Winding['snapshot']>): void {
    this.#thermal = from.thermal;
    this.#agedS = from.agedS;
    this.#ambientC = from.ambientC;
  }
}
