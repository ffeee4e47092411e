/**
 * Model and baseline side by side: absolute errors of both medians for the same targets at the same leads, over the last
 * `window` steps.
 */
const LEADS = [1, 4, 16, 48, 96];

interface Pending {
  readonly target: number;
  readonly model: number;
  readonly baseline: number;
}

export class Duel {
  readonly #window: number;
  #pending: Pending[] = [];
  #errors: { readonly model: number; readonly baseline: number }[] = [];

  /** `window`: scored targets that count. */
  constructor(window = 96 * LEADS.length) {
    this.#window = window;
  }

  /** Medians issued at one origin, both [step]; `next` is the index of the first target on any fixed grid. */
  issued(next: number, model: ArrayLike<number>, baseline: ArrayLike<number>): void {
    for (const lead of LEADS) {
      if (lead > model.length || lead > baseline.length) continue;
      this.#pending.push({ target: next + lead - 1, model: model[lead - 1]!, baseline: baseline[lead - 1]! });
    }
  }

  /** What came at index `target`; NaN where it is not known. */
  came(target: number, actual: number): void {
    const left: Pending[] = [];
    for (const each of this.#pending) {
      if (each.target > target) left.push(each);
      else if (each.target === target && !Number.isNaN(actual)) {
        this.#errors.push({ model: Math.abs(each.model - actual), baseline: Math.abs(each.baseline - actual) });
      }
    }
    this.#pending = left;
    if (this.#errors.length > this.#window) this.#errors.splice(0, this.#errors.length - this.#window);
  }

  /** Mean absolute errors over the window. */
  get score(): { readonly n: number; readonly model: number; readonly baseline: number } {
    const n = this.#errors.length;
    const mean = (pick: 'model' | 'baseline'): number => this.#errors.reduce((sum, each) => sum + each[pick], 0) / n;
    return { n, model: mean('model'), baseline: mean('baseline') };
  }
}
