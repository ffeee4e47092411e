import type { DuelDay } from '../../../shared/contracts/duel-day.ts';

/** A duel's losses day by day, kW. */
export type DayLosses = Pick<DuelDay, 'answeringKw' | 'besideKw'>;

export interface DuelVerdict {
  readonly verdict: 'better' | 'worse' | 'undecided';
  /** 1 - loss of the one beside / loss of the one that answers. */
  readonly gain: number;
  readonly days: number;
  /** The sum of the differences, in the bounds that it has to reach: 1 is surely better, -1 surely worse. */
  readonly evidence: number;
}

/** A duel lasts so many days of targets at the most, and no verdict comes before so many. */
export const DUEL_DAYS = 60;
export const LEAST_DUEL_DAYS = 7;
/** What a Brownian motion over the whole duel stays below with 95 %, in its deviations at the end. */
const BOUND = 1.96;
const MOST_CORRELATION = 0.9;
/** A day's difference spreads by this share of the loss at the least; the other two are believed as if so many days had told so. */
const PRIOR = { deviation: 0.05, correlation: 0.5, days: 7 } as const;

/**
 * Whether the model beside is better, looked at each day for as long as the duel lasts. The sum of the days' differences is held against
 * a flat bound of the whole duel (O'Brien and Fleming, Biometrics 35, 1979; as a spending function: Lan and DeMets, Biometrika 70, 1983),
 * in standard errors that know that days hang together. So of two equal models the one beside is taken for the better in 5 % of the duels
 * at the most: `npm run bench -- drift` counts them.
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

/** In the long run, of a day: of a first-order autoregression. */
function deviationOf(gains: readonly number[]): number {
  const count = gains.length;
  const mean = gains.reduce((sum, gain) => sum + gain, 0) / Math.max(1, count);
  const product = (lag: number): number =>
    gains.slice(lag).reduce((sum, gain, i) => sum + (gain - mean) * (gains[i]! - mean), 0);
  const { days, deviation, correlation } = PRIOR;
  // Few days may tell too little of it.
  const variance = Math.max(deviation ** 2, product(0) / Math.max(1, count - 1)) * (1 + days / Math.max(1, count));
  const found = (days * correlation * variance + product(1)) / (days * variance + product(0));
  // A mean that was learnt from the same days makes the correlation look less (Kendall, Biometrika 41, 1954).
  const mended = found + (1 + 3 * Math.max(0, found)) / (days + count);
  const held = Math.min(MOST_CORRELATION, Math.max(0, mended));
  return Math.sqrt((variance * (1 + held)) / (1 - held));
}
