import { pinball, quantilesOf } from '../../../shared/forecast/quantiles.ts';
import { HORIZON } from './hourly-data.ts';
import type { PairForecasts, TestPairs } from './pairs.ts';

/** Errors count whose target is known at the origin and whose origin lies at most this many hours back. */
const WINDOW_HOURS = 672;
const LEAST_ERRORS = 60;
/** Horizons on either side whose errors count too. */
const NEAR_HORIZONS = 2;
/** Last horizon of each group that shares its weights, hours. */
const GROUPS = [1, 3, 8, 16, HORIZON];

export interface BlendSettings {
  /** How sharply weights follow the trailing loss, over the mean loss of the members. */
  readonly sharpness: number;
}

/**
 * Members blended quantile by quantile, with weights per group of horizons by softmax of their pinball over the trailing 28 days;
 * what is learnt at an origin comes from errors whose target is known there.
 */
export function blended(
  members: readonly PairForecasts[],
  pairs: TestPairs,
  settings: BlendSettings,
): { forecasts: PairForecasts; weights: number[] } {
  const out = pairs.blank();
  const losses = members.map((member) =>
    Float64Array.from(
      pairs.actual,
      (y, i) => pinball(0.1, y, member.low[i]!) + pinball(0.5, y, member.mid[i]!) + pinball(0.9, y, member.high[i]!),
    ),
  );
  const total = members.map(() => 0);
  for (const [group, last] of GROUPS.entries()) {
    const ids = pairs.ofHorizons((GROUPS[group - 1] ?? 0) + 1, last);
    let origin = -1;
    let weights = members.map(() => 1 / members.length);
    for (const [at, i] of ids.entries()) {
      if (pairs.origins[i] !== origin) {
        origin = pairs.origins[i]!;
        weights = weightsAt(losses, pairs, { ids, at, ...settings });
      }
      for (const [m, member] of members.entries()) {
        out.low[i]! += weights[m]! * member.low[i]!;
        out.mid[i]! += weights[m]! * member.mid[i]!;
        out.high[i]! += weights[m]! * member.high[i]!;
        total[m]! += weights[m]! / pairs.count;
      }
      out.point[i] = out.mid[i]!;
    }
  }
  return { forecasts: out, weights: total };
}

/** Weights at the pair ids[at], of errors of the pairs in `ids` before it. */
function weightsAt(
  losses: readonly Float64Array[],
  pairs: TestPairs,
  { ids, at, sharpness }: BlendSettings & { ids: readonly number[]; at: number },
): number[] {
  const origin = pairs.origins[ids[at]!]!;
  const sums = losses.map(() => 0);
  let origins = 0;
  let previous = -1;
  for (let k = at - 1; k >= 0 && pairs.origins[ids[k]!]! >= origin - WINDOW_HOURS; k--) {
    const i = ids[k]!;
    if (pairs.origins[i]! + pairs.horizons[i]! > origin) continue;
    for (let m = 0; m < losses.length; m++) sums[m]! += losses[m]![i]!;
    if (pairs.origins[i] !== previous) origins++;
    previous = pairs.origins[i]!;
  }
  if (origins < LEAST_ERRORS) return losses.map(() => 1 / losses.length);
  const mean = sums.reduce((sum, each) => sum + each, 0) / sums.length;
  const raw = sums.map((sum) => Math.exp((-sharpness * (sum - mean)) / Math.max(mean, 1e-12)));
  const norm = raw.reduce((sum, each) => sum + each, 0);
  return raw.map((each) => each / norm);
}

/**
 * Adds, per horizon and quantile, the quantile of the errors of the last 28 days whose target is known at the origin, at the level
 * that holds for a new error of the same kind (split conformal: Vovk and others, 2005; Romano and others, 2019). Horizons next to it
 * lend their errors, which steadies the quantile. The median stays.
 */
export function recalibrated(forecasts: PairForecasts, pairs: TestPairs, near = NEAR_HORIZONS): PairForecasts {
  const out: PairForecasts = {
    point: forecasts.point.slice(),
    low: forecasts.low.slice(),
    mid: forecasts.mid.slice(),
    high: forecasts.high.slice(),
  };
  for (let horizon = 1; horizon <= HORIZON; horizon++) {
    const first = Math.max(1, horizon - near);
    const last = Math.min(HORIZON, horizon + near);
    // By target, so that what becomes known and what grows old are two ends of one window.
    const ids = pairs.ofHorizons(first, last).sort((a, b) => targetOf(pairs, a) - targetOf(pairs, b));
    let from = 0;
    let to = 0;
    for (const i of pairs.ofHorizon(horizon)) {
      const origin = pairs.origins[i]!;
      while (to < ids.length && targetOf(pairs, ids[to]!) <= origin) to++;
      while (from < to && targetOf(pairs, ids[from]!) < origin - WINDOW_HOURS + horizon) from++;
      const count = (to - from) / (last - first + 1);
      if (count < LEAST_ERRORS) continue;
      const window = ids.slice(from, to);
      const shift = (values: Float64Array, level: number): number =>
        quantilesOf(
          window.map((k) => pairs.actual[k]! - values[k]!),
          [Math.min(1, Math.max(0, ((count + 1) * level - 1) / (count - 1)))],
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

const targetOf = (pairs: TestPairs, i: number): number => pairs.origins[i]! + pairs.horizons[i]!;
