/** Leads that are scored; the window holds about a day of each. */
const LEADS = [1, 4, 16, 48, 96];
const WINDOW = 96 * LEADS.length;

interface Errors {
  readonly model: number;
  readonly baseline: number;
}

/** Absolute errors of the medians of a model and of the baseline, for the same targets at the same leads, over a sliding window. */
export class RecentErrors {
  #pending: (Errors & { readonly target: number })[] = [];
  #errors: Errors[] = [];

  /** Medians issued at one origin, [step]; `next` is the index of the first target on any fixed grid. */
  issued(next: number, model: ArrayLike<number>, baseline: ArrayLike<number>): void {
    for (const lead of LEADS) {
      const step = lead - 1;
      if (lead > model.length || lead > baseline.length) continue;
      this.#pending.push({ target: next + step, model: model[step]!, baseline: baseline[step]! });
    }
  }

  /** Scores the value at index `target`; NaN if unknown. */
  came(target: number, actual: number): void {
    for (const { target: at, model, baseline } of this.#pending)
      if (at === target && !Number.isNaN(actual))
        this.#errors.push({ model: Math.abs(model - actual), baseline: Math.abs(baseline - actual) });
    this.#pending = this.#pending.filter((each) => each.target > target);
    if (this.#errors.length > WINDOW) this.#errors.splice(0, this.#errors.length - WINDOW);
  }

  /** Means over the window. */
  get score(): Errors & { readonly n: number } {
    const n = this.#errors.length;
    const mean = (of: keyof Errors): number => this.#errors.reduce((sum, each) => sum + each[of], 0) / n;
    return { n, model: mean('model'), baseline: mean('baseline') };
  }
}
