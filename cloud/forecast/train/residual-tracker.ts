import { between, mixed } from '../../../shared/forecast/between.ts';

/** Leads that are checked against what came, hours; offsets of leads in between lie straight between theirs. */
const LEAD_HOURS = [0.25, 0.5, 1, 2, 4, 8, 12, 18, 24, 36, 48];
/** Share of the usual error that an offset moves at a surprise, by hour since the surprise before, and at the most. */
const RATE = 0.04;
const MOST_RATE = 3 * RATE;
/** The median moves at half the rate of the tails: it has more to lose. */
const MEDIAN_SHARE = 0.5;
/** Levels this far from the median and farther are tails. */
const TAIL = 0.4;
/** So many errors make the usual one. */
const MEMORY = 300;
/** The median is moved where that has taken more than this share off its error, and wholly where it has taken twice as much. */
const GAIN = 0.02;
/** A band of this share of the usual one, or wider, counts whole; a narrower one, as of solar power at dusk, by its share of that. */
const WHOLE_BAND = 0.5;

/** The steps of a horizon that are checked, counted from 0, ascending. */
export const checkedSteps = ({ steps, stepS }: { readonly steps: number; readonly stepS: number }): number[] => [
  ...new Set(LEAD_HOURS.map((hours) => Math.max(1, Math.round((hours * 3600) / stepS)) - 1).filter((at) => at < steps)),
];

/** As the store keeps it. */
export interface ResidualState {
  readonly offsets: readonly number[];
  readonly usual: readonly number[];
  readonly moved: readonly number[];
  readonly counts: readonly number[];
  /** Absent: of a version that did not know them. */
  readonly widths?: readonly number[];
}

/**
 * Additive conformal residuals, tracked online: each quantile, the median too, has an offset at each checked lead. It moves up by
 * `rate` x level where the load came above the quantile and down by `rate` x (1 - level) where below, in units of the usual error at
 * that lead, so that in the long run each quantile holds its share of what comes, whatever the model says (Gibbs and Candes, 2021;
 * Angelopoulos and others, 2023). No bound: a load that has left the model's band is followed. The median follows only where that has
 * paid on what came since. Where a band is next to nothing (solar power at night) nothing is learnt and nothing moved, since what is sure
 * would else make up for what is not: a load that comes there anew is known once the model is trained again.
 */
export class ResidualTracker {
  readonly #levels: readonly number[];
  readonly #steps: readonly number[];
  /** [checked lead x level], kW. */
  readonly #offsets: Float64Array;
  /** Mean absolute error of the median by checked lead, kW, as the model gave it and with its offset, and of how many targets. */
  readonly #usual: Float64Array;
  readonly #moved: Float64Array;
  readonly #counts: Float64Array;
  /** Mean width of the model's own band by checked lead, kW. */
  readonly #widths: Float64Array;

  constructor(levels: readonly number[], horizon: { readonly steps: number; readonly stepS: number }) {
    this.#levels = levels;
    this.#steps = checkedSteps(horizon);
    this.#offsets = new Float64Array(this.#steps.length * levels.length);
    this.#usual = new Float64Array(this.#steps.length);
    this.#moved = new Float64Array(this.#steps.length);
    this.#counts = new Float64Array(this.#steps.length);
    this.#widths = new Float64Array(this.#steps.length);
  }

  /** The quantiles of one step with their offsets, sorted. `raw`: as the model gave them. */
  apply(step: number, raw: readonly number[]): number[] {
    const { low, high, share } = between(this.#steps, step);
    const [before, behind] = [this.#share(low, raw), this.#share(high, raw)];
    return raw
      .map((value, q) => value + mixed(before * this.#offset(low, q), behind * this.#offset(high, q), share))
      .sort((x, y) => x - y);
  }

  /** Learns from what came at a checked step; `raw` as the model gave it, `hours` since the issue before that is learnt from. */
  learn(step: number, raw: readonly number[], { actual, hours }: { actual: number; hours: number }): void {
    const lead = this.#steps.indexOf(step);
    if (lead < 0) return;
    const middle = raw[Math.floor(raw.length / 2)]!;
    const memory = Math.min(++this.#counts[lead]!, MEMORY);
    this.#widths[lead]! += (widthOf(raw) - this.#widths[lead]!) / memory;
    const share = this.#share(lead, raw);
    const offset = share * this.#offsets[lead * this.#levels.length + Math.floor(raw.length / 2)]!;
    this.#usual[lead]! += (Math.abs(actual - middle) - this.#usual[lead]!) / memory;
    this.#moved[lead]! += (Math.abs(actual - middle - offset) - this.#moved[lead]!) / memory;
    const rate = share * this.#usual[lead]! * Math.min(MOST_RATE, RATE * hours);
    for (const [q, level] of this.#levels.entries()) {
      const at = lead * this.#levels.length + q;
      const surprise = actual > raw[q]! + share * this.#offsets[at]! ? level : level - 1;
      this.#offsets[at]! += rate * mixed(MEDIAN_SHARE, 1, tailOf(level)) * surprise;
    }
  }

  /** For the store: numbers as they are. */
  state(): ResidualState {
    const [offsets, usual, moved, counts] = [this.#offsets, this.#usual, this.#moved, this.#counts];
    const widths = [...this.#widths];
    return { offsets: [...offsets], usual: [...usual], moved: [...moved], counts: [...counts], widths };
  }

  restore({ offsets, usual, moved, counts, widths = [] }: ResidualState): void {
    if (offsets.length !== this.#offsets.length || usual.length !== this.#usual.length) return;
    this.#offsets.set(offsets);
    this.#usual.set(usual);
    this.#moved.set(moved);
    this.#counts.set(counts);
    this.#widths.set(widths);
  }

  /** How far the offsets of a lead count for a band of the model. */
  #share(lead: number, raw: readonly number[]): number {
    const whole = WHOLE_BAND * this.#widths[lead]!;
    return whole > 0 ? Math.min(1, widthOf(raw) / whole) : 1;
  }

  /** Of a checked lead: a tail's whole, the median's as far as it has paid. */
  #offset(lead: number, q: number): number {
    const usual = Math.max(1e-9, this.#usual[lead]!);
    const share = Math.min(1, Math.max(0, (1 - this.#moved[lead]! / usual) / GAIN - 1));
    return this.#offsets[lead * this.#levels.length + q]! * mixed(share, 1, tailOf(this.#levels[q]!));
  }
}

const widthOf = (raw: readonly number[]): number => raw.at(-1)! - raw[0]!;

/** 0 at the median, 1 from the tails outwards. */
const tailOf = (level: number): number => Math.min(1, Math.abs(level - 0.5) / TAIL);
