import type { Forecast } from '../../../shared/contracts/forecast.ts';
import { bandOf, Scorer } from '../../../shared/forecast/score.ts';
import { checkedSteps, ResidualTracker, type ResidualState } from '../train/residual-tracker.ts';
import { observationOf } from './late-targets.ts';

const DAYS = 28;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** First and last day of the naive mean; even the longest lead knows them. */
const NAIVE_DAYS = [2, 8] as const;
/** Targets later than this are kept only for the issues that are learnt from, one an hour, which bounds the memory. */
const SOON_MS = 8 * HOUR_MS;

type IssuedForecast = Pick<Forecast, 'start' | 'resolutionS' | 'values'> & {
  readonly model: Pick<Forecast['model'], 'sha256'>;
};

interface Pending {
  readonly time: number;
  readonly step: number;
  readonly raw: readonly number[];
  readonly low: number;
  readonly high: number;
  /** The hash of the model that made it; null: a fallback. */
  readonly model: string | null;
  /** Hours since the previous issue that is learnt from; 0: this one is not. */
  readonly hours: number;
}

/** Pinball losses (P10, P50, P90) of one model's own quantiles: their sum, kW, and number. */
export interface SettledLosses {
  readonly loss: number;
  /** Absolute errors of the mean of the same time on seven days, all known two days before, at the same targets, kW. */
  readonly naive: number;
  readonly n: number;
}

interface DayCount {
  readonly day: number;
  n: number;
  inside: number;
}

/** State of the forecasts of one model, or of all fallbacks. */
interface Account {
  readonly tracker: ResidualTracker;
  /** Start of the last forecast that is learnt from, ms UTC. */
  last: number;
  days: DayCount[];
}

/** Key of all fallbacks. */
const STAND_IN = '';

/**
 * Follows one target's forecasts: their actual values, the coverage of 28 days, and the learnt residuals. A model that answers for the
 * first time starts fresh, because the errors of its predecessor are not its own.
 */
export class Verification {
  readonly #levels: readonly number[];
  readonly #horizon: { readonly steps: number; readonly stepS: number };
  readonly #checked: readonly number[];
  readonly #accounts = new Map<string, Account>();
  #pending: Pending[] = [];

  constructor(levels: readonly number[], horizon: { steps: number; stepS: number }) {
    this.#levels = levels;
    this.#horizon = horizon;
    this.#checked = checkedSteps(horizon);
  }

  /**
   * Quantiles [quantile][step] calibrated by what is learnt of `model`. `raw`: step-major, as the model gave them; `model` null: a
   * fallback.
   */
  calibrated(raw: ArrayLike<number>, model: string | null): number[][] {
    const { tracker } = this.#accountOf(model);
    const count = this.#levels.length;
    const values = this.#levels.map((): number[] => []);
    for (let step = 0; step * count < raw.length; step++) {
      const column = tracker.apply(step, columnOf(raw, step, count));
      for (const [q, value] of column.entries()) values[q]!.push(value);
    }
    return values;
  }

  /** Adds a forecast as issued. `raw`: its quantiles before calibration, step-major. */
  took({ start, resolutionS, values, model }: IssuedForecast, raw: ArrayLike<number>): void {
    const count = this.#levels.length;
    const account = this.#accountOf(model.sha256);
    // Errors of issues closer than an hour are nearly the same. An issue that lies ahead comes from a clock that has been set back.
    const since = Math.min(DAY_MS, Math.abs(start - account.last)) / HOUR_MS;
    const hours = since >= 1 ? since : 0;
    if (hours > 0) account.last = start;
    for (const step of this.#checked) {
      if (step * count >= raw.length) break;
      const { low, high } = bandOf(this.#levels, (q) => values[q]![step]!);
      this.#pending.push({
        time: start + step * resolutionS * 1000,
        step,
        raw: columnOf(raw, step, count),
        low,
        high,
        model: model.sha256,
        hours,
      });
    }
  }

  /**
   * Learns from every pending forecast whose target is known, once; `actual` returns NaN if unknown. Late targets are waited for (see
   * `LATE_MS`). Returns the losses of the forecasts by `model`, for targets that are known and have a naive forecast.
   */
  settle(knownUpTo: number, actual: (time: number) => number, model?: string): SettledLosses {
    const left: Pending[] = [];
    const own = new Scorer();
    let naive = 0;
    for (const each of this.#pending) {
      const value = observationOf(each.time, knownUpTo, actual);
      if (value === 'waits' && (each.hours > 0 || each.time > knownUpTo - SOON_MS)) left.push(each);
      if (typeof value === 'string') continue;
      const account = this.#accounts.get(each.model ?? STAND_IN);
      if (account !== undefined) learn(account, each, value);
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

  /** The coverage of a model's forecasts over the last days, and the number of targets it is based on; null if there are none yet. */
  calibration(model: string | null): Forecast['calibration'] {
    const { days } = this.#accountOf(model);
    const n = days.reduce((sum, day) => sum + day.n, 0);
    if (n === 0) return null;
    const inside = days.reduce((sum, day) => sum + day.inside, 0);
    return { window: `P${DAYS}D`, coverage80: Math.round((inside / n) * 1000) / 1000, n };
  }

  state(): VerificationState {
    return {
      accounts: [...this.#accounts].map(([model, { tracker, last, days }]) => ({
        model,
        residuals: tracker.state(),
        last: Number.isFinite(last) ? last : null,
        days: days.map((day) => ({ ...day })),
      })),
    };
  }

  restore(state: unknown): void {
    const { accounts = [] } = state as Partial<VerificationState>;
    for (const { model, residuals, last, days } of accounts) {
      const account = this.#newAccount();
      account.tracker.restore(residuals);
      account.last = last ?? Number.NEGATIVE_INFINITY;
      account.days = days.map((day) => ({ ...day }));
      this.#accounts.set(model, account);
    }
  }

  #newAccount(): Account {
    const tracker = new ResidualTracker(this.#levels, this.#horizon);
    return { tracker, last: Number.NEGATIVE_INFINITY, days: [] };
  }

  #accountOf(model: string | null): Account {
    const key = model ?? STAND_IN;
    let account = this.#accounts.get(key);
    if (account === undefined) {
      for (const other of this.#accounts.keys())
        if (key !== STAND_IN && other !== STAND_IN) this.#accounts.delete(other);
      this.#accounts.set(key, (account = this.#newAccount()));
    }
    return account;
  }
}

interface VerificationState {
  readonly accounts: readonly {
    readonly model: string;
    readonly residuals: ResidualState;
    readonly last: number | null;
    readonly days: readonly DayCount[];
  }[];
}

function learn(account: Account, { time, step, raw, low, high, hours }: Pending, actual: number): void {
  if (hours > 0) account.tracker.learn(step, raw, { actual, hours });
  const day = Math.floor(time / DAY_MS);
  let entry = account.days.find((each) => each.day === day);
  if (entry === undefined) {
    entry = { day, n: 0, inside: 0 };
    account.days.push(entry);
    account.days = account.days.filter((each) => each.day > day - DAYS);
  }
  entry.n++;
  if (actual >= low && actual <= high) entry.inside++;
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
