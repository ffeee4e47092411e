import { horizonGroups, groupOf, type HorizonGroup } from './horizon-groups.ts';

/**
 * Tails tracked online, without refit: each quantile keeps an offset per group of horizons that moves up by `rate` x level when
 * the value came above it and down by `rate` x (1 - level) when below (the adaptive quantile of Gibbs and Candes, 2021), in
 * units of the forecast's own width. The median has no offset of its own; where the load has left the model's band for long, its
 * neighbours cross it, and sorting moves it with them.
 */
export class TailTracker {
  readonly #levels: readonly number[];
  readonly #groups: readonly HorizonGroup[];
  readonly #offsets: Float64Array;
  readonly #rate: number;
  readonly #low: number;
  readonly #high: number;

  constructor(levels: readonly number[], horizon: { steps: number; stepS: number }, rate = 0.03) {
    this.#levels = levels;
    this.#groups = horizonGroups(horizon.steps, horizon.stepS);
    this.#offsets = new Float64Array(this.#groups.length * levels.length);
    this.#rate = rate;
    this.#low = levels.findIndex((level) => level >= 0.1 - 1e-9);
    this.#high = levels.findLastIndex((level) => level <= 0.9 + 1e-9);
  }

  /** The quantiles of one step with their offsets, sorted. `raw`: as the model gave them. */
  apply(step: number, raw: readonly number[]): number[] {
    const at = this.#at(step);
    const width = this.#width(raw);
    return raw.map((value, q) => value + width * this.#offsets[at + q]! * this.#share(q)).sort((a, b) => a - b);
  }

  /** Learns from what came; `raw` as the model gave it. */
  learn(step: number, raw: readonly number[], actual: number): void {
    const at = this.#at(step);
    const width = this.#width(raw);
    for (const [q, level] of this.#levels.entries()) {
      const limit = raw[q]! + width * this.#offsets[at + q]! * this.#share(q);
      const moved = this.#offsets[at + q]! + this.#rate * (actual > limit ? level : level - 1);
      this.#offsets[at + q] = Math.min(1, Math.max(-1, moved));
    }
  }

  /** For the store: numbers as they are. */
  state(): number[] {
    return [...this.#offsets];
  }

  restore(state: readonly number[]): void {
    if (state.length === this.#offsets.length) this.#offsets.set(state);
  }

  #at(step: number): number {
    return Math.max(0, groupOf(this.#groups, step)) * this.#levels.length;
  }

  #width(raw: readonly number[]): number {
    return Math.max(1e-9, raw[this.#high]! - raw[this.#low]!);
  }

  /** Nothing at the median, all from P10 and P90 outwards. */
  #share(q: number): number {
    return Math.min(1, Math.abs(this.#levels[q]! - 0.5) / 0.4);
  }
}
