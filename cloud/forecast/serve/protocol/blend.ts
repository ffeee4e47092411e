import { pinball } from '../../../../shared/forecast/quantiles.ts';
import { ResidualTracker } from '../../train/residual-tracker.ts';
import { HORIZON } from './hourly-data.ts';
import type { PairForecasts, Pairs } from './pairs.ts';

/** Errors count whose target is known at the origin and whose origin lies at most this many hours back. */
const WINDOW_HOURS = 672;
/** Of each horizon. */
const LEAST_ERRORS = 60;
const LEVELS = [0.1, 0.5, 0.9];
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
 * Calibrated as the live service does it, by residuals that are tracked from origin to origin: what is learnt at an origin comes from
 * errors whose target is known there.
 */
export function recalibrated(forecasts: PairForecasts, pairs: Pairs): PairForecasts {
  const tracker = new ResidualTracker(LEVELS, { steps: HORIZON, stepS: 3600 });
  const out = pairs.blank();
  let waiting: { readonly pair: number; readonly hours: number }[] = [];
  let origin = Number.NEGATIVE_INFINITY;
  let hours = 0;
  const raw = (pair: number): number[] => [forecasts.low[pair]!, forecasts.mid[pair]!, forecasts.high[pair]!];
  for (let pair = 0; pair < pairs.count; pair++) {
    const step = pairs.horizons[pair]! - 1;
    if (pairs.origins[pair] !== origin) {
      hours = Math.min(HORIZON, pairs.origins[pair]! - origin);
      origin = pairs.origins[pair]!;
      waiting = waiting.filter((each) => {
        if (pairs.target(each.pair) > origin) return true;
        const of = { actual: pairs.actual[each.pair]!, hours: each.hours };
        tracker.learn(pairs.horizons[each.pair]! - 1, raw(each.pair), of);
        return false;
      });
    }
    const [low, mid, high] = tracker.apply(step, raw(pair));
    out.low[pair] = low!;
    out.mid[pair] = out.point[pair] = mid!;
    out.high[pair] = high!;
    waiting.push({ pair, hours });
  }
  return out;
}
