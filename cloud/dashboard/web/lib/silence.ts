/** One moment on two clocks, ms. */
export interface Instant {
  /** Never set, but may stop while the machine sleeps. */
  readonly monotonicMs: number;
  /** Continues while the machine sleeps, but may be set. */
  readonly wallMs: number;
}

/** Measures how long nothing was received. */
export class Silence {
  #since: Instant;

  constructor(now: Instant) {
    this.#since = now;
  }

  heard(now: Instant): void {
    this.#since = now;
  }

  /** Uses the clock that shows more, ms: overstating silence costs one request, understating it would look like a sign of life. */
  lastsMs({ monotonicMs, wallMs }: Instant): number {
    return Math.max(monotonicMs - this.#since.monotonicMs, wallMs - this.#since.wallMs);
  }
}
