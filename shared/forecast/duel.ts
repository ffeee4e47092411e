/**
 * Forecasts side by side: absolute errors of the medians of the model that answers, of the baseline, and of the model that runs
 * beside it, for the same targets at the same leads, over the last `window` of them.
 */
const LEADS = [1, 4, 16, 48, 96];

interface Pending {
  readonly target: number;
  readonly model: number;
  readonly baseline: number;
  readonly beside: number;
}

type Errors = Omit<Pending, 'target'>;

/** Mean absolute errors of two models over the same targets, kW. */
export interface DuelScore {
  readonly n: number;
  readonly answeringKw: number;
  readonly besideKw: number;
  /** Standard error of the difference; the leads of one origin hang together and count as one. */
  readonly standardErrorKw: number;
}

/** How much larger an error may be, as a share, and by how many standard errors, before a model is worse than another. */
const WORSE = 1.05;
const SURE = 2;

/** Whether the first of two models that were scored side by side is worse than the second. */
export const isWorse = (own: number, other: number, standardError: number): boolean =>
  own > WORSE * other && own - other > SURE * standardError;

export class Duel {
  readonly #window: number;
  #pending: Pending[] = [];
  #errors: Errors[] = [];

  /** `window`: scored targets that count. */
  constructor(window = 96 * LEADS.length) {
    this.#window = window;
  }

  /** Medians issued at one origin, all [step]; `next` is the index of the first target on any fixed grid. */
  issued(next: number, model: ArrayLike<number>, baseline: ArrayLike<number>, beside?: ArrayLike<number>): void {
    for (const lead of LEADS) {
      const step = lead - 1;
      if (lead > model.length || lead > baseline.length) continue;
      const other = beside?.[step] ?? Number.NaN;
      this.#pending.push({ target: next + step, model: model[step]!, baseline: baseline[step]!, beside: other });
    }
  }

  /** What came at index `target`; NaN where it is not known. */
  came(target: number, actual: number): void {
    const left: Pending[] = [];
    for (const each of this.#pending) {
      if (each.target > target) left.push(each);
      else if (each.target === target && !Number.isNaN(actual)) {
        const error = (value: number): number => Math.abs(value - actual);
        this.#errors.push({
          model: error(each.model),
          baseline: error(each.baseline),
          beside: error(each.beside),
        });
      }
    }
    this.#pending = left;
    if (this.#errors.length > this.#window) this.#errors.splice(0, this.#errors.length - this.#window);
  }

  /** Mean absolute errors of model and baseline over the window. */
  get score(): { readonly n: number; readonly model: number; readonly baseline: number } {
    const n = this.#errors.length;
    return { n, model: mean(this.#errors, 'model'), baseline: mean(this.#errors, 'baseline') };
  }

  /** Of the targets that both models forecast. */
  get beside(): DuelScore {
    const both = this.#errors.filter(({ beside }) => !Number.isNaN(beside));
    const n = both.length;
    if (n === 0) return { n, answeringKw: 0, besideKw: 0, standardErrorKw: 0 };
    const [answeringKw, besideKw] = [mean(both, 'model'), mean(both, 'beside')];
    const difference = besideKw - answeringKw;
    const squares = both.reduce((sum, { model, beside }) => sum + (beside - model - difference) ** 2, 0);
    const origins = Math.max(1, n / LEADS.length);
    return { n, answeringKw, besideKw, standardErrorKw: Math.sqrt(squares / n / origins) };
  }
}

const mean = (errors: readonly Errors[], of: keyof Errors): number =>
  errors.reduce((sum, each) => sum + each[of], 0) / errors.length;
