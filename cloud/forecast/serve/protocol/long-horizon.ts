import { LoadstoneError } from '../../../../shared/outcome/outcome.ts';
import { addOuter, addScaled, factorise, solveFactored } from '../../train/linear-algebra.ts';

/** Means over all channels, windows and hours ahead, on z-scores; dimensionless. */
export interface LongErrors {
  readonly mse: number;
  readonly mae: number;
}

/** Scores of one data set at one horizon. */
export interface LongScore extends LongErrors {
  /** Hours ahead. */
  readonly horizon: number;
  /** Over the validation months, which select the penalty. */
  readonly validationMse: number;
  readonly seasonalNaive24: LongErrors;
  /** Test windows per channel. */
  readonly windows: number;
}

/** A named series, hourly and complete. */
export interface Channel {
  readonly name: string;
  readonly values: Float64Array;
}

const MONTH = 30 * 24;
/** Hours that the protocol uses; later ones are ignored. */
export const LONG_HOURS = 20 * MONTH;
const LAGS = 512;
/** Per row: a share of the variance of a lag. */
const PENALTIES = [1e-4, 1e-3, 1e-2];

/**
 * The long-horizon protocol of the ETT data (Zhou and others, 2021): twelve months of 30 days for training, four for validation, four for
 * testing, every window, z-scores by the training part. The model is one closed-form ridge for all channels on the last 512 hours, centred
 * on their mean (Toner and Darlow, 2024). Throws LS-FORECAST-007 if a channel is too short, has gaps or is constant.
 */
export function ettLongHorizon(
  channels: readonly Channel[],
  horizon: number,
  progress?: (what: string) => void,
): LongScore {
  const scaled = channels.map(zScores);
  const gram = new Float64Array(LAGS * LAGS);
  const right = Array.from({ length: horizon }, () => new Float64Array(LAGS));
  const row = new Float32Array(LAGS);
  let rows = 0;
  for (const values of scaled) {
    for (let next = LAGS; next + horizon <= 12 * MONTH; next++, rows++) {
      const centre = write(values, next, row);
      addOuter(gram, LAGS, row, 0);
      for (const [ahead, sums] of right.entries()) addScaled(sums, values[next + ahead]! - centre, row, 0);
    }
  }
  progress?.(`summed ${rows} training windows of ${channels.length} channels`);
  let best: { weights: Float32Array; mse: number } | undefined;
  for (const penalty of PENALTIES) {
    const weights = new Float32Array(LAGS * horizon);
    const system = gram.slice();
    for (let i = 0; i < LAGS; i++) system[i * LAGS + i]! += penalty * rows;
    factorise(system, LAGS);
    for (const [ahead, sums] of right.entries()) weights.set(solveFactored(system, sums), ahead * LAGS);
    const { mse } = errors(scaled, weights, { from: 12 * MONTH, to: 16 * MONTH });
    progress?.(`penalty ${penalty}: validation MSE ${mse.toFixed(4)}`);
    if (best === undefined || mse < best.mse) best = { weights, mse };
  }
  const test = { from: 16 * MONTH, to: LONG_HOURS };
  return {
    horizon,
    ...errors(scaled, best!.weights, test),
    validationMse: best!.mse,
    seasonalNaive24: errors(scaled, naiveWeights(horizon), test),
    windows: test.to - test.from - horizon + 1,
  };
}

function errors(
  channels: readonly Float64Array[],
  weights: Float32Array,
  { from, to }: { from: number; to: number },
): LongErrors {
  const horizon = weights.length / LAGS;
  const row = new Float32Array(LAGS);
  let [squares, absolute, count] = [0, 0, 0];
  for (const values of channels) {
    for (let next = from; next + horizon <= to; next++) {
      const centre = write(values, next, row);
      for (let ahead = 0; ahead < horizon; ahead++) {
        let error = values[next + ahead]! - centre;
        for (let i = 0, at = ahead * LAGS; i < LAGS; i++) error -= weights[at + i]! * row[i]!;
        squares += error * error;
        absolute += Math.abs(error);
        count++;
      }
    }
  }
  return { mse: squares / count, mae: absolute / count };
}

/** Writes the lags before `next` less their mean; returns the mean. */
function write(values: Float64Array, next: number, row: Float32Array): number {
  let sum = 0;
  for (let i = next - LAGS; i < next; i++) sum += values[i]!;
  const mean = sum / LAGS;
  for (let i = 0; i < LAGS; i++) row[i] = values[next - 1 - i]! - mean;
  return mean;
}

/** The last known hour a whole number of days before each target, as weights of the lags. */
function naiveWeights(horizon: number): Float32Array {
  const weights = new Float32Array(LAGS * horizon);
  for (let ahead = 0; ahead < horizon; ahead++) {
    const days = Math.floor(ahead / 24) + 1;
    weights[ahead * LAGS + 24 * days - ahead - 1] = 1;
  }
  return weights;
}

function zScores({ name, values }: Channel): Float64Array {
  const refuse = (what: string): never => {
    throw new LoadstoneError('LS-FORECAST-007', `${name}: ${what}`);
  };
  if (values.length < LONG_HOURS)
    refuse(`${values.length} hours; the protocol needs ${LONG_HOURS} (20 months of 30 days)`);
  const read = values.subarray(0, LONG_HOURS);
  const gap = read.findIndex(Number.isNaN);
  if (gap >= 0) refuse(`hour ${gap + 1} is unknown; the protocol needs a series without gaps`);
  const part = read.subarray(0, 12 * MONTH);
  const mean = part.reduce((sum, value) => sum + value, 0) / part.length;
  const variance = part.reduce((sum, value) => sum + (value - mean) ** 2, 0) / part.length;
  if (!(variance > 0)) refuse('the series is constant over the twelve months of training, so it has no z-scores');
  return read.map((value) => (value - mean) / Math.sqrt(variance));
}
