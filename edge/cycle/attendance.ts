/** A source as it is seen in a cycle. */
export interface SeenSource {
  readonly id: string;
  /** Elapsed plant time of its newest value, ms; -Infinity: never heard. */
  readonly youngestMs: number;
  readonly staleAfterS: number;
}

/** What a cycle counts for at the most where it came late: this many periods, and never less than a second. */
const MOST_PERIODS = 1.5;
const LEAST_MOST_MS = 1000;

/**
 * How long sources have been silent while the gateway itself ran. A process that was paused or starved of its processor has heard nobody,
 * and that is not for the meters to answer for: their values are old and count as such, but nobody is said to be silent before
 * the gateway has listened for as long as it waits at any other time.
 */
export class Attendance {
  readonly #mostMs: number;
  #attendedMs = 0;
  #elapsedMs = 0;
  readonly #heard = new Map<string, { readonly youngestMs: number; readonly attendedMs: number }>();

  /** `periodMs`: of the cycle, plant time. */
  constructor(periodMs: number) {
    this.#mostMs = Math.max(LEAST_MOST_MS, MOST_PERIODS * periodMs);
  }

  /** A cycle at this elapsed plant time, ms, `stepS` after the one before. */
  attend(elapsedMs: number, stepS: number): void {
    this.#attendedMs += Math.min(1000 * stepS, this.#mostMs);
    this.#elapsedMs = elapsedMs;
  }

  /** For how long the gateway has run, ms: a cycle that came late counts for little. */
  get attendedMs(): number {
    return this.#attendedMs;
  }

  /** True where the gateway has listened for less than the source may be silent. */
  excuses({ id, youngestMs, staleAfterS }: SeenSource): boolean {
    const known = this.#heard.get(id);
    const heard =
      known?.youngestMs === youngestMs
        ? known
        : { youngestMs, attendedMs: this.#attendedMs - Math.min(this.#elapsedMs - youngestMs, this.#mostMs) };
    this.#heard.set(id, heard);
    return this.#attendedMs - heard.attendedMs <= 1000 * staleAfterS;
  }
}
