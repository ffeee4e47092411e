/** A stated synthesis: load that thermostats deferred during an outage comes back all at once. This is the largest extra share. */
const MOST = 1;
/** Outage after which all deferred load is due, and the time constant with which the extra load decays, s. */
const DUE_AFTER_S = 1800;
const PARTS_IN_S = 900;

/** Cold load pick-up of one feeder: its extra load as a share of its usual load. */
export class ColdLoad {
  #extra = 0;

  /** Returns the factor on the feeder's loads for the coming step; deferred load counts once it is served. */
  step(energised: boolean, dtS: number): number {
    this.#extra = energised
      ? this.#extra * Math.exp(-dtS / PARTS_IN_S)
      : Math.min(MOST, this.#extra + (MOST * dtS) / DUE_AFTER_S);
    return energised ? 1 + this.#extra : 1;
  }

  snapshot(): number {
    return this.#extra;
  }

  restore(extra: number): void {
    this.#extra = extra;
  }
}
