/** IEC 60255-151 standard inverse: t = TMS x 0.14 / ((I/Is)^0.02 - 1). */
const TIME_MULTIPLIER = 0.3;
/** Pick-up current over the rating of the feeder head. */
const PICK_UP = 1.2;

/** Time at a constant current until the relay trips, s; infinite up to the pick-up. `loadingPu`: current over the head's rating. */
export function tripTimeS(loadingPu: number): number {
  const multiple = loadingPu / PICK_UP;
  return multiple > 1 ? (TIME_MULTIPLIER * 0.14) / (multiple ** 0.02 - 1) : Infinity;
}

/** Overcurrent relay at a feeder head. It integrates, resets at once below pick-up, and stays tripped until reset. */
export class OvercurrentRelay {
  #travelled = 0;
  #tripped = false;

  get tripped(): boolean {
    return this.#tripped;
  }

  /** `loadingPu`: current over the rating of the feeder head. Returns true in the step in which the relay trips. */
  step(loadingPu: number, dtS: number): boolean {
    const untilS = tripTimeS(loadingPu);
    if (this.#tripped) return false;
    if (untilS === Infinity) {
      this.#travelled = 0;
      return false;
    }
    this.#travelled += dtS / untilS;
    this.#tripped = this.#travelled >= 1;
    return this.#tripped;
  }

  /** Trips on behalf of another protection. */
  trip(): void {
    this.#tripped = true;
  }

  reset(): void {
    this.#travelled = 0;
    this.#tripped = false;
  }

  snapshot(): readonly [number, boolean] {
    return [this.#travelled, this.#tripped];
  }

  restore([travelled, tripped]: readonly [number, boolean]): void {
    this.#travelled = travelled;
    this.#tripped = tripped;
  }
}
