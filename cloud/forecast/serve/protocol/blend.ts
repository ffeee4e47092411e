import { pinball } from '../../../../shared/forecast/quantiles.ts';
import { SortedWindow } from './sorted-window.ts';
import { HORIZON } from './hourly-data.ts';
import type { PairForecasts, Pairs } from './pairs.ts';

/** Errors count whose target is known at the origin and whose origin lies at most this many hours back. */
const WINDOW_HOURS = 672;
/** Of each horizon. */
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
 * what is learnt at an origin comes from errors whose target is known there. `weights`: of each member, mean over the pairs from
 * `first` on.
 */
export function blended(
  members: readonly PairForecasts[],
  pairs: Pairs,
  { sharpness, first = 0 }: BlendSettings & { readonly first?: number },
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
    const begin = (GROUPS[group - 1] ?? 0) + 1;
    const ids = pairs.ofHorizons(begin, last);
    const trailing = new TrailingLosses(losses, pairs, ids);
    let origin = -1;
    let weights = members.map(() => 1 / members.length);
    for (const i of ids) {
      if (pairs.origins[i] !== origin) {
        origin = pairs.origins[i]!;
        trailing.moveTo(origin);
        if (trailing.count >= LEAST_ERRORS * (last - begin + 1)) weights = weightsOf(trailing.sums, sharpness);
      }
      for (const [m, member] of members.entries()) {
        out.low[i]! += weights[m]! * member.low[i]!;
        out.mid[i]! += weights[m]! * member.mid[i]!;
        out.high[i]! += weights[m]! * member.high[i]!;
        if (i >= first) total[m]! += weights[m]! / (pairs.count - first);
      }
      out.point[i] = out.mid[i]!;
    }
  }
  return { forecasts: out, weights: total };
}

function weightsOf(sums: readonly number[], sharpness: number): number[] {
  const mean = sums.reduce((sum, each) => sum + each, 0) / sums.length;
  const raw = sums.map((sum) => Math.exp((-sharpness * (sum - mean)) / Math.max(mean, 1e-12)));
  const norm = raw.reduce((sum, each) => sum + each, 0);
  return raw.map((each) => each / norm);
}

/** Sums of each member's losses over the pairs `ids` whose target is known and whose origin lies in the window. */
class TrailingLosses {
  readonly sums: number[];
  count = 0;
  readonly #losses: readonly Float64Array[];
  readonly #pairs: Pairs;
  readonly #byOrigin: readonly number[];
  readonly #byTarget: readonly number[];
  #known = 0;
  #old = 0;

  constructor(losses: readonly Float64Array[], pairs: Pairs, ids: readonly number[]) {
    this.#losses = losses;
    this.#pairs = pairs;
    this.#byOrigin = ids;
    this.#byTarget = ids.toSorted((a, b) => pairs.target(a) - pairs.target(b));
    this.sums = losses.map(() => 0);
  }

  moveTo(origin: number): void {
    while (this.#known < this.#byTarget.length && this.#pairs.target(this.#byTarget[this.#known]!) <= origin)
      this.#count(this.#byTarget[this.#known++]!, 1);
    while (this.#pairs.origins[this.#byOrigin[this.#old]!]! < origin - WINDOW_HOURS)
      this.#count(this.#byOrigin[this.#old++]!, -1);
  }

  #count(pair: number, sign: 1 | -1): void {
    this.count += sign;
    for (const [m, losses] of this.#losses.entries()) this.sums[m]! += sign * losses[pair]!;
  }
}

/**
 * Adds, per horizon and quantile, the quantile of the errors of the last 28 days whose target is known at the origin, at the level
 * that holds for a new error of the same kind (split conformal: Vovk and others, 2005; Romano and others, 2019). Horizons next to it
 * lend their errors, which steadies the quantile. The median stays.
 */
export function recalibrated(forecasts: PairForecasts, pairs: Pairs, near = NEAR_HORIZONS): PairForecasts {
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
    const ids = pairs.ofHorizons(first, last).sort((a, b) => pairs.target(a) - pairs.target(b));
    const [low, high] = [new SortedWindow(), new SortedWindow()];
    const lowError = (i: number): number => pairs.actual[i]! - forecasts.low[i]!;
    const highError = (i: number): number => pairs.actual[i]! - forecasts.high[i]!;
    let from = 0;
    let to = 0;
    for (const i of pairs.ofHorizon(horizon)) {
      const origin = pairs.origins[i]!;
      for (; to < ids.length && pairs.target(ids[to]!) <= origin; to++) {
        low.add(lowError(ids[to]!));
        high.add(highError(ids[to]!));
      }
      for (; from < to && pairs.target(ids[from]!) < origin - WINDOW_HOURS + horizon; from++) {
        low.remove(lowError(ids[from]!));
        high.remove(highError(ids[from]!));
      }
      const count = low.count / (last - first + 1);
      if (count < LEAST_ERRORS) continue;
      const held = (level: number): number => Math.min(1, Math.max(0, ((count + 1) * level - 1) / (count - 1)));
      out.low[i]! += low.quantile(held(0.1));
      out.high[i]! += high.quantile(held(0.9));
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
