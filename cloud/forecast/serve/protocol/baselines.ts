import { quantilesOf } from '../../../../shared/forecast/quantiles.ts';
import { Moments, predict } from '../../train/moments.ts';
import { HORIZON } from './hourly-data.ts';
import type { HourlyDesign } from './hourly.ts';
import { trainingOrigins, type PairForecasts, type TestPairs } from './pairs.ts';

const LEVELS = [0.1, 0.5, 0.9];

/** The value `lag` hours before the target, with the quantiles of its errors in the training part. */
export function naiveBaseline(values: Float64Array, load: Float64Array, pairs: TestPairs, lag: number): PairForecasts {
  const out = pairs.blank();
  for (let horizon = 1; horizon <= HORIZON; horizon++) {
    const origins = trainingOrigins(load, pairs.firstTest, horizon);
    const errors = origins.map((origin) => load[origin + horizon]! - values[origin + horizon - lag]!);
    const offsets = quantilesOf(errors, LEVELS);
    for (const i of pairs.ofHorizon(horizon)) put(out, i, values[pairs.origins[i]! + horizon - lag]!, offsets);
  }
  return out;
}

/** The ridge of the protocol: one per horizon on all training origins, penalty 1, quantiles of its training errors. */
export function ridgeBaseline(design: HourlyDesign, load: Float64Array, pairs: TestPairs): PairForecasts {
  const out = pairs.blank();
  const { width } = design;
  const row = new Float32Array(width);
  for (let horizon = 1; horizon <= HORIZON; horizon++) {
    const origins = trainingOrigins(load, pairs.firstTest, horizon);
    const rows = new Float32Array(origins.length * width);
    const moments = new Moments(width);
    for (const [i, origin] of origins.entries()) {
      design.row(origin, horizon, rows, i * width);
      moments.add(rows, i * width, load[origin + horizon]!);
    }
    const fit = moments.ridge(1 / origins.length);
    const errors = origins.map((origin, i) => load[origin + horizon]! - predict(fit, rows, i * width));
    const offsets = quantilesOf(errors, LEVELS);
    for (const i of pairs.ofHorizon(horizon)) {
      design.row(pairs.origins[i]!, horizon, row, 0);
      put(out, i, predict(fit, row, 0), offsets);
    }
  }
  return out;
}

function put(out: PairForecasts, i: number, point: number, offsets: readonly number[]): void {
  out.point[i] = point;
  out.low[i] = point + offsets[0]!;
  out.mid[i] = point + offsets[1]!;
  out.high[i] = point + offsets[2]!;
}
