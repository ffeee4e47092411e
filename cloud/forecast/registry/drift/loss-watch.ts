/**
 * Whether the errors of a model have grown: a one-sided CUSUM (Page, Biometrika 41, 1954) over the logarithm of each day's loss over that
 * of a naive forecast of the same targets, in standard deviations of the first days, which it learns as it goes (self-starting, Hawkins,
 * Technometrics 29, 1987). What is hard to forecast, as a season with much sun, is so for both and is no growth; a logarithm makes growth
 * by a share the same for every series; a single wild day cannot raise it.
 */
export interface LossState {
  /** Days that the reference was learnt from, their mean and the sum of their squares about it. */
  readonly n: number;
  readonly mean: number;
  readonly squares: number;
  /** The sum so far; above LIMIT the errors have grown. */
  readonly sum: number;
}

export const NO_LOSSES: LossState = { n: 0, mean: 0, squares: 0, sum: 0 };

/** Days before any verdict, and days after which the reference is fixed. */
const LEAST_DAYS = 10;
const REFERENCE_DAYS = 28;
const LEAST_DEVIATION = 0.15;
/** Half the shift, in deviations, that is to be found. */
const SLACK = 1.5;
const MOST_A_DAY = 3;
/** None of the 32 series-years without a drift that it was set on comes above it: see `npm run bench -- drift`. */
export const LIMIT = 18;

/** The state after one more day; `loss` is the loss of that day over the naive one's, above 0. */
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
