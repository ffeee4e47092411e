import { between, mixed } from '../../../shared/forecast/between.ts';

/** Leads that are checked against actual values, hours; offsets are linear between them. */
const LEAD_HOURS = [0.25, 0.5, 1, 2, 4, 8, 12, 18, 24, 36, 48];
/** Step of an offset as a share of the usual error, per hour since the previous step, and its upper bound. */
const RATE = 0.04;
const MOST_RATE = 3 * RATE;
/** The median moves at half the rate of the tails: it has more to lose. */
const MEDIAN_SHARE = 0.5;
/** Levels this far from the median and farther are tails. */
const TAIL = 0.4;
/** Number of errors that the usual error averages over. */
const MEMORY = 300;
/** The median is moved if that has reduced its error by more than this share, and fully once it has reduced it by twice as much. */
const GAIN = 0.02;
/** A band at least this share of the usual width counts fully; a narrower one, such as solar power at dusk, in proportion. */
const WHOLE_BAND = 0.5;

/** The steps of a horizon that are checked, counted from 0, ascending. */
export const checkedSteps = ({ steps, stepS }: { readonly steps: number; readonly stepS: number }): number[] => [
  ...new Set(LEAD_HOURS.map((hours) => Math.max(1, Math.round((hours * 3600) / stepS)) - 1).filter((at) => at < steps)),
];

/** State as stored. */
export interface ResidualState {
  readonly offsets: readonly number[];
  readonly usual: readonly number[];
  readonly moved: readonly number[];
  readonly counts: readonly number[];
  /** Absent in states of an earlier version. */
  readonly widths?: readonly number[];
}

/**
 * Additive conformal residuals, tracked online. Each quantile, the median included, has an offset at each checked lead. The offset moves up
 * by `rate` x level if the load came above the quantile and down by `rate` x (1 - level) if below, in units of the usual error at that
 * lead. So in the long run each quantile covers its share, whatever the model forecasts (Gibbs and Candes, 2021; Angelopoulos and others,
 * 2023). Offsets are unbounded, so they follow a load that has left the model's band. The median moves only if that has paid off on recent
 * values. If a band is almost zero (solar power at night), nothing is learnt and nothing moved; otherwise certain targets would compensate
 * for uncertain ones. A new load at such times is learnt only at the next training.
 */
export class ResidualTracker {
  readonly #levels: readonly number[];
  readonly #steps: readonly number[];
  /** [checked lead x level], kW. */
  readonly #offsets: Float64Array;
  /** By checked lead: mean absolute error of the median, kW, as forecast and with its offset, and the number of targets. */
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

  /** The quantiles of one step with their offsets, sorted. `raw`: the model's quantiles. */
  apply(step: number, raw: readonly number[]): number[] {
    const { low, high, share } = between(this.#steps, step);
    const [before, behind] = [this.#share(low, raw), this.#share(high, raw)];
    return raw
      .map((value, q) => value + mixed(before * this.#offset(low, q), behind * this.#offset(high, q), share))
      .sort((x, y) => x - y);
  }

  /**
   * Learns from the actual value at a checked step. `raw`: the model's quantiles; `hours`: time since the previous issue that was learnt
   * from.
   */
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

  /** State for the store. */
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

  /** Weight of the offsets of a lead for a given band of the model. */
  #share(lead: number, raw: readonly number[]): number {
    const whole = WHOLE_BAND * this.#widths[lead]!;
    return whole > 0 ? Math.min(1, widthOf(raw) / whole) : 1;
  }

  /** Effective offset of a checked lead: full for the tails; for the median, as far as it has paid off. */
  #offset(lead: number, q: number): number {
    const usual = Math.max(1e-9, this.#usual[lead]!);
    const share = Math.min(1, Math.max(0, (1 - this.#moved[lead]! / usual) / GAIN - 1));
    return this.#offsets[lead * this.#levels.length + q]! * mixed(share, 1, tailOf(this.#levels[q]!));
  }
}

const widthOf = (raw: readonly number[]): number => raw.at(-1)! - raw[0]!;

/** 0 at the median, 1 from the tails outwards. */
const tailOf = (level: number): number => Math.min(1, Math.abs(level - 0.5) / TAIL);
