import type { Forecast } from '../../../shared/contracts/forecast.ts';
import { bandOf, Scorer } from '../../../shared/forecast/score.ts';
import { TailTracker } from '../train/tail-tracker.ts';

/** Steps of each forecast that are checked against what came. */
const LEADS = [1, 2, 4, 8, 16, 32, 48, 72, 96, 144, 192];
const DAYS = 28;
const DAY_MS = 86_400_000;
/** The first and last of the days that the naive mean is of: the longest lead knows them. */
const NAIVE_DAYS = [2, 8] as const;

interface Pending {
  readonly time: number;
  readonly step: number;
  readonly raw: readonly number[];
  readonly low: number;
  readonly high: number;
  /** The model that made it; null: something stood in for one. */
  readonly model: string | null;
}

/** Pinball losses (P10, P50, P90) of one model's own quantiles: their sum, kW, and number. */
export interface SettledLosses {
  readonly loss: number;
  /** What the mean of the same time on seven days, all known two days before, was off by at the same targets, kW. */
  readonly naive: number;
  readonly n: number;
}

interface DayCount {
  readonly day: number;
  n: number;
  inside: number;
}

/** One target's account of its forecasts: what came of them, the coverage of 28 days, and the tails that learn from it. */
export class Verification {
  readonly #levels: readonly number[];
  readonly #tracker: TailTracker;
  #pending: Pending[] = [];
  #days: DayCount[] = [];

  constructor(levels: readonly number[], horizon: { steps: number; stepS: number }) {
    this.#levels = levels;
    this.#tracker = new TailTracker(levels, horizon);
  }

  /** Quantiles [quantile][step] with tracked tails, from `raw`, step-major as the model gave them. */
  calibrated(raw: ArrayLike<number>): number[][] {
    const count = this.#levels.length;
    const values = this.#levels.map((): number[] => []);
    for (let step = 0; step * count < raw.length; step++) {
      const column = this.#tracker.apply(step, columnOf(raw, step, count));
      for (const [q, value] of column.entries()) values[q]!.push(value);
    }
    return values;
  }

  /** `raw` and the `issued` values [quantile][step] that it became; the first step starts at `start`. */
  issued(
    start: number,
    stepMs: number,
    forecast: { raw: ArrayLike<number>; issued: readonly (readonly number[])[]; model?: string | null },
  ): void {
    const count = this.#levels.length;
    for (const lead of LEADS) {
      const step = lead - 1;
      if (step * count >= forecast.raw.length) break;
      const { low, high } = bandOf(this.#levels, (q) => forecast.issued[q]![step]!);
      this.#pending.push({
        time: start + step * stepMs,
        step,
        raw: columnOf(forecast.raw, step, count),
        low,
        high,
        model: forecast.model ?? null,
      });
    }
  }

  /**
   * Learns from every pending forecast whose target is known; `actual` answers NaN where it is not. Answers the losses of what `model`
   * made, of targets that are known and have a naive forecast.
   */
  settle(knownUpTo: number, actual: (time: number) => number, model?: string): SettledLosses {
    const left: Pending[] = [];
    const own = new Scorer();
    let naive = 0;
    for (const each of this.#pending) {
      if (each.time >= knownUpTo) {
        left.push(each);
        continue;
      }
      const value = actual(each.time);
      if (Number.isNaN(value)) continue;
      this.#tracker.learn(each.step, each.raw, value);
      this.#count(each.time, value >= each.low && value <= each.high);
      const band = bandOf(this.#levels, (q) => each.raw[q]!);
      if (each.model === null || each.model !== model) continue;
      const missed = Math.abs(value - naiveOf(actual, each.time));
      if (Number.isNaN(missed)) continue;
      own.add(value, band);
      naive += missed;
    }
    this.#pending = left;
    return { loss: own.pinballSum, naive, n: own.count };
  }

  calibration(): Forecast['calibration'] {
    const n = this.#days.reduce((sum, day) => sum + day.n, 0);
    if (n === 0) return null;
    const inside = this.#days.reduce((sum, day) => sum + day.inside, 0);
    return { window: `P${DAYS}D`, coverage80: Math.round((inside / n) * 1000) / 1000, n };
  }

  state(): { offsets: number[]; days: readonly DayCount[] } {
    return { offsets: this.#tracker.state(), days: this.#days };
  }

  restore(state: unknown): void {
    const { offsets, days } = state as { offsets?: number[]; days?: DayCount[] };
    if (offsets !== undefined) this.#tracker.restore(offsets);
    if (days !== undefined) this.#days = days;
  }

  #count(time: number, inside: boolean): void {
    const day = Math.floor(time / DAY_MS);
    let entry = this.#days.find((each) => each.day === day);
    if (entry === undefined) {
      entry = { day, n: 0, inside: 0 };
      this.#days.push(entry);
      this.#days = this.#days.filter((each) => each.day > day - DAYS);
    }
    entry.n++;
    if (inside) entry.inside++;
  }
}

function naiveOf(actual: (time: number) => number, time: number): number {
  const [first, last] = NAIVE_DAYS;
  let sum = 0;
  for (let back = first; back <= last; back++) sum += actual(time - back * DAY_MS);
  return sum / (last - first + 1);
}

function columnOf(raw: ArrayLike<number>, step: number, count: number): number[] {
  return Array.from({ length: count }, (_, q) => raw[step * count + q]!);
}
