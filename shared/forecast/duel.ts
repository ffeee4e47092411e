import type { Coverage } from '../contracts/coverage.ts';
import { BLOCK_MS, isTelling } from './coverage.ts';

/**
 * Forecasts side by side: absolute errors of the medians of the model that answers, of the baseline, and of the model that runs
 * beside it, for the same targets at the same leads, over the last `window` of them; and
 * how many targets the band of the one beside held.
 */
const LEADS = [1, 4, 16, 48, 96];
/** Targets are quarters of an hour. */
const STEPS_OF_BLOCK = BLOCK_MS / 900_000;

interface Pending {
  readonly target: number;
  readonly model: number;
  readonly baseline: number;
  readonly beside: number;
  /** P10 and P90 of the one beside. */
  readonly band: Band | undefined;
}

interface Band {
  readonly low: number;
  readonly high: number;
}

type Errors = Omit<Pending, 'target' | 'band'>;

/** What a model said, [step]. */
export interface Said {
  readonly median: ArrayLike<number>;
  readonly low: ArrayLike<number>;
  readonly high: ArrayLike<number>;
}

/** Mean absolute errors of two models over the same targets, kW. */
export interface DuelScore {
  readonly n: number;
  readonly answeringKw: number;
  readonly besideKw: number;
  /** Standard error of the difference; the leads of one origin hang together and count as one. */
  readonly standardErrorKw: number;
  /** Of the one beside. */
  readonly coverage?: Coverage;
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
  /** Since the two stand beside each other: a window of a day could not tell a plant's band. */
  #coverage: Coverage = { n: 0, inside: 0, blocks: 0 };
  #block = Number.NaN;

  /** `window`: scored targets that count. */
  constructor(window = 96 * LEADS.length) {
    this.#window = window;
  }

  /** Medians issued at one origin, all [step], of the one beside its band too; `next` is the index of the first target on any fixed grid. */
  issued(next: number, model: ArrayLike<number>, baseline: ArrayLike<number>, beside?: Said): void {
    for (const lead of LEADS) {
      const step = lead - 1;
      if (lead > model.length || lead > baseline.length) continue;
      const other = beside?.median[step] ?? Number.NaN;
      const band = beside && { low: beside.low[step]!, high: beside.high[step]! };
      this.#pending.push({ target: next + step, model: model[step]!, baseline: baseline[step]!, beside: other, band });
    }
  }

  /** What came at index `target`; NaN where it is not known. */
  came(target: number, actual: number): void {
    const left: Pending[] = [];
    for (const each of this.#pending) {
      if (each.target > target) left.push(each);
      else if (each.target === target && !Number.isNaN(actual)) {
        const error = (value: number): number => Math.abs(value - actual);
        if (each.band !== undefined) this.#count(target, actual, each.band);
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

  #count(target: number, actual: number, band: Band): void {
    if (!isTelling(actual, band)) return;
    const { n, inside, blocks } = this.#coverage;
    const block = Math.floor(target / STEPS_OF_BLOCK);
    const isInside = actual >= band.low && actual <= band.high;
    this.#coverage = { n: n + 1, inside: inside + Number(isInside), blocks: blocks + Number(block !== this.#block) };
    this.#block = block;
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
    const coverage = this.#coverage;
    return { n, answeringKw, besideKw, standardErrorKw: Math.sqrt(squares / n / origins), coverage };
  }
}

const mean = (errors: readonly Errors[], of: 'model' | 'baseline' | 'beside'): number =>
  errors.reduce((sum, each) => sum + each[of], 0) / errors.length;
