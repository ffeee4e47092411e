/** A source as seen in one cycle. */
export interface SeenSource {
  readonly id: string;
  /** Elapsed plant time of its newest value, ms; -Infinity if it was never heard. */
  readonly youngestMs: number;
  readonly staleAfterS: number;
}

/** A late cycle counts for at most this many periods, and that cap is never below one second. */
const MOST_PERIODS = 1.5;
const LEAST_MOST_MS = 1000;

/**
 * Measures how long sources have been silent while the gateway itself ran. A process that was paused or starved of CPU heard
 * nobody, and that is no fault of the meters. Their values count as stale, but no source is reported silent before the gateway has
 * listened for its normal waiting time.
 */
export class Attendance {
  readonly #mostMs: number;
  #attendedMs = 0;
  #elapsedMs = 0;
  readonly #heard = new Map<string, { readonly youngestMs: number; readonly attendedMs: number }>();

  /** `periodMs`: cycle period, plant time. */
  constructor(periodMs: number) {
    this.#mostMs = Math.max(LEAST_MOST_MS, MOST_PERIODS * periodMs);
  }

  /** Records a cycle at this elapsed plant time, ms, `stepS` after the previous one. */
  attend(elapsedMs: number, stepS: number): void {
    this.#attendedMs += Math.min(1000 * stepS, this.#mostMs);
    this.#elapsedMs = elapsedMs;
  }

  /** How long the gateway has run, ms. A late cycle adds no more than the cap. */
  get attendedMs(): number {
    return this.#attendedMs;
  }

  /** True while the gateway has listened for less time than the source may stay silent. */
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
