import { addOuter, addScaled, solveCholesky } from '../../cloud/forecast/linear-algebra.ts';

/** Scores of one data set at one horizon, on z-scores over all channels, windows and hours ahead. */
export interface LongScore {
  readonly horizon: number;
  readonly mse: number;
  readonly mae: number;
  /** The same on the validation months, where the penalty was chosen. */
  readonly validationMse: number;
}

const MONTH = 30 * 24;
const LAGS = 512;
/** Over the number of rows: a share of the variance of a lag. */
const PENALTIES = [1e-4, 1e-3, 1e-2];

/**
 * The long-horizon protocol of the ETT data: twelve months to train, four to validate, four to test, every window. The model is
 * one closed-form ridge for all channels on the last 512 hours, centred on their mean (Toner and Darlow, 2024).
 */
export function ettLongHorizon(channels: readonly Float64Array[], horizon: number): LongScore {
  const scaled = channels.map((values) => zScores(values, 12 * MONTH));
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
  let best: { weights: Float32Array; mse: number } | undefined;
  for (const penalty of PENALTIES) {
    const weights = new Float32Array(LAGS * horizon);
    for (const [ahead, sums] of right.entries()) {
      const system = gram.slice();
      for (let i = 0; i < LAGS; i++) system[i * LAGS + i]! += penalty * rows;
      weights.set(solveCholesky(system, sums), ahead * LAGS);
    }
    const { mse } = errors(scaled, weights, { from: 12 * MONTH, to: 16 * MONTH });
    if (best === undefined || mse < best.mse) best = { weights, mse };
  }
  return {
    horizon,
    ...errors(scaled, best!.weights, { from: 16 * MONTH, to: 20 * MONTH }),
    validationMse: best!.mse,
  };
}

function errors(
  channels: readonly Float64Array[],
  weights: Float32Array,
  { from, to }: { from: number; to: number },
): { mse: number; mae: number } {
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

/** Writes the lags before `next` over their mean; answers the mean. */
function write(values: Float64Array, next: number, row: Float32Array): number {
  let sum = 0;
  for (let i = next - LAGS; i < next; i++) sum += values[i]!;
  const mean = sum / LAGS;
  for (let i = 0; i < LAGS; i++) row[i] = values[next - 1 - i]! - mean;
  return mean;
}

function zScores(values: Float64Array, training: number): Float64Array {
  const part = values.subarray(0, training);
  const mean = part.reduce((sum, value) => sum + value, 0) / training;
  const variance = part.reduce((sum, value) => sum + (value - mean) ** 2, 0) / training;
  return values.map((value) => (value - mean) / Math.sqrt(variance));
}
