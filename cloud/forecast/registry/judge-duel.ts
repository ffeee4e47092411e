import type { DuelDay } from '../../../shared/contracts/duel-day.ts';

/** A duel's losses by day, kW. */
export type DayLosses = Pick<DuelDay, 'answeringKw' | 'besideKw'>;

export interface DuelVerdict {
  readonly verdict: 'better' | 'worse' | 'undecided';
  /** 1 - loss of the shadow model / loss of the active one. */
  readonly gain: number;
  readonly days: number;
  /** The sum of the differences as a multiple of its bound: 1 is certainly better, -1 certainly worse. */
  readonly evidence: number;
}

/** Most days of a duel, and fewest days before a verdict. */
export const DUEL_DAYS = 60;
export const LEAST_DUEL_DAYS = 7;
/** Bound that a Brownian motion stays below over the whole duel with 95 %, in its final deviations. */
const BOUND = 1.96;
const MOST_CORRELATION = 0.9;
/** Lower bound of a day's deviation as a share of the loss, and the prior correlation, with the number of days it weighs. */
const PRIOR = { deviation: 0.05, correlation: 0.5, days: 7 } as const;

/**
 * Judges whether the shadow model is better, every day while the duel lasts. The sum of the daily differences is compared with one flat
 * bound for the whole duel (O'Brien and Fleming, Biometrics 35, 1979; as a spending function: Lan and DeMets, Biometrika 70, 1983), in
 * standard errors that allow for correlated days. So for two equal models the shadow model is judged better in at most 5 % of the duels:
 * `npm run bench -- drift` counts them.
 */
export function judgeDuel(days: readonly DayLosses[]): DuelVerdict {
  const count = days.length;
  const mean = (of: keyof DayLosses): number => days.reduce((sum, day) => sum + day[of], 0) / Math.max(1, count);
  const [answering, beside] = [mean('answeringKw'), mean('besideKw')];
  const scale = Math.max(1e-9, (answering + beside) / 2);
  const gains = days.map(({ answeringKw, besideKw }) => (answeringKw - besideKw) / scale);
  const sum = gains.reduce((total, gain) => total + gain, 0);
  const evidence = sum / (BOUND * deviationOf(gains) * Math.sqrt(DUEL_DAYS));
  const isSure = count >= LEAST_DUEL_DAYS && Math.abs(evidence) >= 1;
  return {
    verdict: !isSure ? 'undecided' : evidence > 0 ? 'better' : 'worse',
    gain: 1 - beside / Math.max(1e-9, answering),
    days: count,
    evidence,
  };
}

/** Long-run deviation per day of a first-order autoregression. */
function deviationOf(gains: readonly number[]): number {
  const count = gains.length;
  const mean = gains.reduce((sum, gain) => sum + gain, 0) / Math.max(1, count);
  const product = (lag: number): number =>
    gains.slice(lag).reduce((sum, gain, i) => sum + (gain - mean) * (gains[i]! - mean), 0);
  const { days, deviation, correlation } = PRIOR;
  // Few days may underestimate it.
  const variance = Math.max(deviation ** 2, product(0) / Math.max(1, count - 1)) * (1 + days / Math.max(1, count));
  const found = (days * correlation * variance + product(1)) / (days * variance + product(0));
  // A mean estimated from the same days biases the correlation downwards (Kendall, Biometrika 41, 1954).
  const mended = found + (1 + 3 * Math.max(0, found)) / (days + count);
  const held = Math.min(MOST_CORRELATION, Math.max(0, mended));
  return Math.sqrt((variance * (1 + held)) / (1 - held));
}
