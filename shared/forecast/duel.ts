import type { DuelDay } from '../contracts/duel-day.ts';
import type { Coverage } from '../contracts/coverage.ts';
import { BLOCK_MS, isInside, isTelling } from './coverage.ts';
import { indexOfLevel, meanPinball } from './quantiles.ts';

/**
 * Compares the active model with the shadow model: mean pinball losses over all quantiles and leads for the same targets, and the coverage
 * of the shadow model's band.
 */
const STEP_MS = 900_000;
const DAY = 96;
/** Targets are quarters of an hour. */
const STEPS_OF_BLOCK = BLOCK_MS / STEP_MS;
/** One origin every 3 h is scored. Origins in between add little, and each day gets the same times of day. */
const ORIGIN_STRIDE = 12;
/** Blocks in the window of a quick verdict, and the fewest that it needs. */
const RECENT_BLOCKS = 8;
const LEAST_BLOCKS = 3;
const RETAINED_DAYS = 3;

/** A model's forecast at one origin: [step x level] step-major, kW. */
export interface Said {
  readonly levels: readonly number[];
  readonly values: ArrayLike<number>;
}

interface Pending {
  /** Index of its first target. */
  readonly next: number;
  readonly steps: number;
  readonly answering: Said;
  readonly beside: Said;
}

/** Sums over the targets of a day or block. */
interface Sums {
  readonly index: number;
  n: number;
  answering: number;
  beside: number;
}

/** Mean pinball losses of two models over the same recent targets, kW. */
export interface DuelScore {
  readonly n: number;
  readonly answeringKw: number;
  readonly besideKw: number;
  /** Standard error of the difference over blocks of 6 h. */
  readonly standardErrorKw: number;
  /** Coverage of the shadow model since the duel began. */
  readonly coverage?: Coverage;
  /** The last whole days of targets that forecasts of all leads reach, oldest first. */
  readonly days?: DuelDay[];
}

/** A model is worse if its loss is larger by this factor and by this many standard errors. */
const WORSE = 1.1;
const SURE = 3;

/** Whether the first of two models scored on the same targets is worse than the second. */
export const isWorse = (own: number, other: number, standardError: number): boolean =>
  own > WORSE * other && own - other > SURE * standardError;

const NOTHING: Coverage = { n: 0, inside: 0, blocks: 0 };

export class Duel {
  #pending: Pending[] = [];
  #blocks: Sums[] = [];
  #days: DuelDay[] = [];
  #day: (Sums & { coverage: Coverage }) | undefined;
  /** Over all targets: a window of a day is too short to judge the band of a solar plant. */
  #coverage: Coverage = NOTHING;
  #block = Number.NaN;
  /** First day of targets that forecasts of all leads reach. */
  #firstDay: number | undefined;

  /** Adds the forecasts of both models at one origin. `next`: index of the first target, in quarters of an hour since 1970. */
  issued(next: number, answering: Said, beside: Said | undefined): void {
    if (beside === undefined || next % ORIGIN_STRIDE !== 0) return;
    const steps = Math.min(stepsOf(answering), stepsOf(beside));
    this.#firstDay ??= Math.ceil((next + steps - 1) / DAY);
    this.#pending.push({ next, steps, answering, beside });
  }

  /** Scores the value at index `target`; NaN if unknown. */
  came(target: number, actual: number): void {
    const day = Math.floor(target / DAY);
    if (this.#day !== undefined && this.#day.index < day) this.#endDay(this.#day);
    for (const { next, steps, answering, beside } of this.#pending) {
      const step = target - next;
      if (step < 0 || step >= steps || Number.isNaN(actual)) continue;
      const losses = {
        answering: meanPinball(answering.levels, actual, (q) => answering.values[step * answering.levels.length + q]!),
        beside: meanPinball(beside.levels, actual, (q) => beside.values[step * beside.levels.length + q]!),
      };
      this.#day ??= { index: day, n: 0, answering: 0, beside: 0, coverage: NOTHING };
      add(this.#day, losses);
      add(this.#blockOf(target), losses);
      this.#count(target, actual, bandAt(beside, step));
    }
    this.#pending = this.#pending.filter(({ next, steps }) => next + steps - 1 > target);
  }

  #blockOf(target: number): Sums {
    const index = Math.floor(target / STEPS_OF_BLOCK);
    const last = this.#blocks.at(-1);
    if (last?.index === index) return last;
    const block = { index, n: 0, answering: 0, beside: 0 };
    this.#blocks = [...this.#blocks.slice(1 - RECENT_BLOCKS), block];
    return block;
  }

  #count(target: number, actual: number, band: Band): void {
    if (!isTelling(actual, band)) return;
    const block = Math.floor(target / STEPS_OF_BLOCK);
    const one = { n: 1, inside: Number(isInside(actual, band)), blocks: Number(block !== this.#block) };
    this.#block = block;
    this.#coverage = sumOf(this.#coverage, one);
    this.#day!.coverage = sumOf(this.#day!.coverage, one);
  }

  #endDay({ index, n, answering, beside, coverage }: Sums & { coverage: Coverage }): void {
    this.#day = undefined;
    if (index < this.#firstDay!) return;
    const day = { day: index * DAY * STEP_MS, n, answeringKw: answering / n, besideKw: beside / n, coverage };
    this.#days = [...this.#days, day].slice(-RETAINED_DAYS);
  }

  get beside(): DuelScore {
    const blocks = this.#blocks;
    const n = blocks.reduce((sum, block) => sum + block.n, 0);
    if (n === 0) return { n, answeringKw: 0, besideKw: 0, standardErrorKw: 0 };
    const mean = (of: 'answering' | 'beside'): number => blocks.reduce((sum, block) => sum + block[of], 0) / n;
    const [answeringKw, besideKw] = [mean('answering'), mean('beside')];
    const difference = besideKw - answeringKw;
    const squares = blocks.reduce(
      (sum, block) => sum + ((block.beside - block.answering) / block.n - difference) ** 2,
      0,
    );
    const count = blocks.length;
    // With fewer blocks, nothing is certain.
    const standardErrorKw =
      count < LEAST_BLOCKS ? Math.max(answeringKw, besideKw) : Math.sqrt(squares / (count - 1) / count);
    return { n, answeringKw, besideKw, standardErrorKw, coverage: this.#coverage, days: this.#days };
  }
}

interface Band {
  readonly low: number;
  readonly high: number;
}

const stepsOf = ({ levels, values }: Said): number => Math.floor(values.length / levels.length);

function bandAt({ levels, values }: Said, step: number): Band {
  const at = (level: number): number => values[step * levels.length + indexOfLevel(levels, level)]!;
  return { low: at(0.1), high: at(0.9) };
}

function add(sums: Sums, { answering, beside }: { readonly answering: number; readonly beside: number }): void {
  sums.n++;
  sums.answering += answering;
  sums.beside += beside;
}

const sumOf = (a: Coverage, b: Coverage): Coverage => ({
  n: a.n + b.n,
  inside: a.inside + b.inside,
  blocks: a.blocks + b.blocks,
});
