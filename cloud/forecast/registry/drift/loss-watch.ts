/**
 * Detects whether the errors of a model have grown: a one-sided CUSUM (Page, Biometrika 41, 1954) of the logarithm of each day's loss
 * relative to a naive forecast of the same targets, in standard deviations of the first days, which it learns as it goes (self-starting,
 * Hawkins, Technometrics 29, 1987). Periods that are hard to forecast, such as a sunny season, are hard for both and are no growth. The
 * logarithm makes relative growth comparable between series. A single outlier day adds at most `MOST_A_DAY` less `SLACK`.
 */
export interface LossState {
  /** Days in the reference, their mean, and the sum of squared deviations from it. */
  readonly n: number;
  readonly mean: number;
  readonly squares: number;
  /** The sum so far; above LIMIT the errors have grown. */
  readonly sum: number;
}

export const NO_LOSSES: LossState = { n: 0, mean: 0, squares: 0, sum: 0 };

/** Days before the first verdict, and days after which the reference is fixed. */
const LEAST_DAYS = 10;
const REFERENCE_DAYS = 28;
const LEAST_DEVIATION = 0.15;
/** Half of the shift to be found, in deviations. */
const SLACK = 1.5;
const MOST_A_DAY = 3;
/** None of the 32 drift-free series-years used for calibration exceeds it: see `npm run bench -- drift`. */
export const LIMIT = 18;

/** The state after one more day. `loss`: that day's loss over the naive forecast's, above 0. */
export function withLoss(state: LossState, loss: number): LossState {
  if (!(loss > 0) || !Number.isFinite(loss)) return state;
  const value = Math.log(loss);
  const { n, mean, squares } = state;
  const sum =
    n < LEAST_DAYS ? 0 : Math.max(0, state.sum + Math.min(MOST_A_DAY, (value - mean) / deviation(state)) - SLACK);
  if (n >= REFERENCE_DAYS) return { n, mean, squares, sum };
  const next = mean + (value - mean) / (n + 1);
  return { n: n + 1, mean: next, squares: squares + (value - mean) * (value - next), sum };
}

export const hasGrown = ({ sum }: LossState): boolean => sum > LIMIT;

const deviation = ({ n, squares }: LossState): number =>
  Math.max(LEAST_DEVIATION, Math.sqrt((squares / Math.max(1, n - 1)) * (1 + 1 / Math.max(1, n))));
