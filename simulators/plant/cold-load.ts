/** A stated synthesis: what thermostats put off while a feeder is dead, they take together when it comes back. */
const MOST = 1;
/** Dead for so long until all of them are due, s, and the time in which they part again, s. */
const DUE_AFTER_S = 1800;
const PARTS_IN_S = 900;

/** Cold load pick-up of one feeder: how much more than its usual load it takes. */
export class ColdLoad {
  #extra = 0;

  /** Factor on the loads of the step that begins. */
  step(energised: boolean, dtS: number): number {
    this.#extra = energised
      ? this.#extra * Math.exp(-dtS / PARTS_IN_S)
      : Math.min(MOST, this.#extra + (MOST * dtS) / DUE_AFTER_S);
    return 1 + this.#extra;
  }

  snapshot(): number {
    return this.#extra;
  }

  restore(extra: number): void {
    this.#extra = extra;
  }
}
