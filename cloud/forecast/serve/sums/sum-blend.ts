import { pinball } from '../../../../shared/forecast/quantiles.ts';
import { weightsByStep } from '../../../../shared/forecast/member-blend.ts';
import { groupEnds, weightGroup, WEIGHT_GROUPS, weightsOf } from '../../train/ensemble.ts';
import { observationOf } from '../late-targets.ts';

/** The forecast of a sum by its own model and by its parts, each [step x level] step-major. */
export interface SumForecasts {
  readonly own: ArrayLike<number>;
  readonly parts: ArrayLike<number>;
}

interface Pending {
  readonly time: number;
  readonly group: number;
  readonly own: readonly number[];
  readonly parts: readonly number[];
}

/** Leads that are scored, counted from 1. */
const LEADS = [1, 2, 4, 8, 16, 32, 48, 72, 96, 144, 192];
/** Time constant of the losses: those of four weeks ago count a third. */
const MEMORY_MS = 28 * 86_400_000;

/**
 * Blends the two forecasts of a sum, by a softmax of their trailing losses in each group of steps. Until losses are known both have equal
 * weight. It averages quantiles of two forecasts of the same load; nothing is summed.
 */
export class SumBlend {
  readonly #levels: readonly number[];
  readonly #stepS: number;
  /** [group x method]. */
  readonly #losses = new Float64Array(WEIGHT_GROUPS * 2);
  #pending: Pending[] = [];
  /** Argument of the last `settle`; undefined: none since the start. */
  #settledUpTo: number | undefined;

  constructor(levels: readonly number[], stepS: number) {
    this.#levels = levels;
    this.#stepS = stepS;
  }

  blended({ own, parts }: SumForecasts): Float64Array {
    const count = this.#levels.length;
    const out = Float64Array.from(own);
    for (const [step, share] of this.#shares(own.length / count).entries()) {
      for (let i = step * count; i < (step + 1) * count; i++) out[i]! += share * (parts[i]! - out[i]!);
    }
    return out;
  }

  /** Mean share of the parts over the steps. */
  meanShare(steps: number): number {
    return this.#shares(steps).reduce((sum, share) => sum + share / steps, 0);
  }

  issued(start: number, { own, parts }: SumForecasts): void {
    const count = this.#levels.length;
    const column = (raw: ArrayLike<number>, step: number): number[] =>
      Array.from({ length: count }, (_, q) => raw[step * count + q]!);
    for (const lead of LEADS) {
      const step = lead - 1;
      if ((step + 1) * count > own.length) break;
      this.#pending.push({
        time: start + step * this.#stepS * 1000,
        group: weightGroup(step, this.#stepS),
        own: column(own, step),
        parts: column(parts, step),
      });
    }
  }

  /** Learns from each actual value once; `actual` returns NaN if unknown. Late values are waited for (see `LATE_MS`). */
  settle(knownUpTo: number, actual: (time: number) => number): void {
    const left: Pending[] = [];
    // By time, because a training or a person's request issues once more.
    const passed = Math.max(0, knownUpTo - (this.#settledUpTo ?? knownUpTo));
    this.#settledUpTo = knownUpTo;
    for (let i = 0; i < this.#losses.length; i++) this.#losses[i]! *= Math.exp(-passed / MEMORY_MS);
    for (const each of this.#pending) {
      const came = observationOf(each.time, knownUpTo, actual);
      if (came === 'waits') left.push(each);
      if (typeof came === 'string') continue;
      for (const [q, level] of this.#levels.entries()) {
        this.#losses[each.group * 2]! += pinball(level, came, each.own[q]!);
        this.#losses[each.group * 2 + 1]! += pinball(level, came, each.parts[q]!);
      }
    }
    this.#pending = left;
  }

  state(): number[] {
    return [...this.#losses];
  }

  restore(state: readonly number[]): void {
    if (state.length === this.#losses.length) this.#losses.set(state);
  }

  /** Share of the parts, by step. */
  #shares(steps: number): number[] {
    const groups = groupEnds(steps, this.#stepS).map((to) => {
      const at = 2 * weightGroup(to - 1, this.#stepS);
      return { to, weights: weightsOf([this.#losses[at]!, this.#losses[at + 1]!]) };
    });
    return weightsByStep({ groups }, steps).map((weights) => weights[1]!);
  }
}
