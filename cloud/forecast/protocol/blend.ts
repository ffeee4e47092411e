import { pinball, quantilesOf } from '../../../shared/forecast/quantiles.ts';
import { HORIZON } from './hourly.ts';
import type { PairForecasts, TestPairs } from './pairs.ts';

/** Errors count whose target is known at the origin and whose origin lies at most this many hours back. */
const WINDOW_HOURS = 672;
const LEAST_ERRORS = 60;
/** How sharply weights follow the trailing loss, over the mean loss of the members. */
const SHARPNESS = 12;

/**
 * Members blended quantile by quantile, with weights by softmax of their pinball over the trailing 28 days; what is learnt at an
 * origin comes from errors whose target is known there.
 */
export function blended(
  members: readonly PairForecasts[],
  pairs: TestPairs,
): { forecasts: PairForecasts; weights: number[] } {
  const out = pairs.blank();
  const losses = members.map((member) =>
    Float64Array.from(
      pairs.actual,
      (y, i) => pinball(0.1, y, member.low[i]!) + pinball(0.5, y, member.mid[i]!) + pinball(0.9, y, member.high[i]!),
    ),
  );
  const total = members.map(() => 0);
  let origin = -1;
  let weights = members.map(() => 1 / members.length);
  for (let i = 0; i < pairs.count; i++) {
    if (pairs.origins[i] !== origin) {
      origin = pairs.origins[i]!;
      weights = weightsAt(losses, pairs, i);
    }
    for (const [m, member] of members.entries()) {
      out.low[i]! += weights[m]! * member.low[i]!;
      out.mid[i]! += weights[m]! * member.mid[i]!;
      out.high[i]! += weights[m]! * member.high[i]!;
      total[m]! += weights[m]! / pairs.count;
    }
    out.point[i] = out.mid[i]!;
  }
  return { forecasts: out, weights: total };
}

function weightsAt(losses: readonly Float64Array[], pairs: TestPairs, at: number): number[] {
  const origin = pairs.origins[at]!;
  const sums = losses.map(() => 0);
  let count = 0;
  for (let i = at - 1; i >= 0 && pairs.origins[i]! >= origin - WINDOW_HOURS; i--) {
    if (pairs.origins[i]! + pairs.horizons[i]! > origin) continue;
    for (const [m, loss] of losses.entries()) sums[m]! += loss[i]!;
    count++;
  }
  if (count < LEAST_ERRORS * HORIZON) return losses.map(() => 1 / losses.length);
  const mean = sums.reduce((sum, each) => sum + each, 0) / sums.length;
  const raw = sums.map((sum) => Math.exp((-SHARPNESS * (sum - mean)) / Math.max(mean, 1e-12)));
  const norm = raw.reduce((sum, each) => sum + each, 0);
  return raw.map((each) => each / norm);
}

/**
 * Adds, per horizon and quantile, the empirical quantile of the errors of the last 28 days whose target is known at the origin:
 * a recalibration without refit. The median stays.
 */
export function recalibrated(forecasts: PairForecasts, pairs: TestPairs): PairForecasts {
  const out: PairForecasts = {
    point: forecasts.point.slice(),
    low: forecasts.low.slice(),
    mid: forecasts.mid.slice(),
    high: forecasts.high.slice(),
  };
  for (let horizon = 1; horizon <= HORIZON; horizon++) {
    const ids = pairs.ofHorizon(horizon);
    let from = 0;
    let to = 0;
    for (const i of ids) {
      const origin = pairs.origins[i]!;
      while (from < ids.length && pairs.origins[ids[from]!]! < origin - WINDOW_HOURS) from++;
      while (to < ids.length && pairs.origins[ids[to]!]! + horizon <= origin) to++;
      if (to - from < LEAST_ERRORS) continue;
      const window = ids.slice(from, to);
      const shift = (values: Float64Array, level: number): number =>
        quantilesOf(
          window.map((k) => pairs.actual[k]! - values[k]!),
          [level],
        )[0]!;
      out.low[i]! += shift(forecasts.low, 0.1);
      out.high[i]! += shift(forecasts.high, 0.9);
    }
  }
  for (let i = 0; i < pairs.count; i++) {
    const [low, mid, high] = [out.low[i]!, out.mid[i]!, out.high[i]!].sort((a, b) => a - b);
    out.low[i] = low!;
    out.mid[i] = mid!;
    out.high[i] = high!;
  }
  return out;
}
