/** One moment by two clocks, ms. */
export interface Instant {
  /** Never set, but it may stand while the machine sleeps. */
  readonly monotonicMs: number;
  /** Goes on while the machine sleeps, but it may be set. */
  readonly wallMs: number;
}

/** For how long nothing was heard of somebody. */
export class Silence {
  #since: Instant;

  constructor(now: Instant) {
    this.#since = now;
  }

  heard(now: Instant): void {
    this.#since = now;
  }

  /** By the clock that says more, ms: silence that is told too long costs one question, too short a false sign of life. */
  lastsMs({ monotonicMs, wallMs }: Instant): number {
    return Math.max(monotonicMs - this.#since.monotonicMs, wallMs - this.#since.wallMs);
  }
}
