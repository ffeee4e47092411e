import { pinball } from '../../../../shared/forecast/quantiles.ts';
import { FIRST_ORIGIN, HORIZON } from './hourly-data.ts';

/** Forecasts of one member for all test pairs: [pair] of P10, P50, P90 and the point. */
export interface PairForecasts {
  readonly point: Float64Array;
  readonly low: Float64Array;
  readonly mid: Float64Array;
  readonly high: Float64Array;
}

/** Pairs of an origin and a horizon with what came, by origin. */
export class Pairs {
  readonly origins: Int32Array;
  readonly horizons: Int32Array;
  readonly actual: Float64Array;

  constructor({ origins, horizons, actual }: Pick<Pairs, 'origins' | 'horizons' | 'actual'>) {
    this.origins = origins;
    this.horizons = horizons;
    this.actual = actual;
  }

  get count(): number {
    return this.origins.length;
  }

  target(pair: number): number {
    return this.origins[pair]! + this.horizons[pair]!;
  }

  blank(): PairForecasts {
    const column = (): Float64Array => new Float64Array(this.count);
    return { point: column(), low: column(), mid: column(), high: column() };
  }

  /** Indices of the pairs of one horizon, by origin. */
  ofHorizon(horizon: number): number[] {
    return this.ofHorizons(horizon, horizon);
  }

  /** Indices of the pairs of some horizons, by origin. */
  ofHorizons(first: number, last: number): number[] {
    const found: number[] = [];
    for (let i = 0; i < this.count; i++) if (this.horizons[i]! >= first && this.horizons[i]! <= last) found.push(i);
    return found;
  }

  /** These, then pairs of the same series whose origins all lie behind. */
  followedBy(later: Pairs): Pairs {
    return new Pairs({
      origins: Int32Array.from([...this.origins, ...later.origins]),
      horizons: Int32Array.from([...this.horizons, ...later.horizons]),
      actual: Float64Array.from([...this.actual, ...later.actual]),
    });
  }
}

/** Test pairs of the protocol: origins 5 hours apart from T0 - 1, all 24 horizons, targets that are known. */
export class TestPairs extends Pairs {
  readonly firstTest: number;

  constructor(load: Float64Array) {
    const firstTest = load.length - Math.floor(0.2 * load.length);
    const origins: number[] = [];
    const horizons: number[] = [];
    for (let origin = firstTest - 1; origin + HORIZON <= load.length - 1; origin += 5) {
      for (let horizon = 1; horizon <= HORIZON; horizon++) {
        if (Number.isNaN(load[origin + horizon]!)) continue;
        origins.push(origin);
        horizons.push(horizon);
      }
    }
    super({
      origins: Int32Array.from(origins),
      horizons: Int32Array.from(horizons),
      actual: Float64Array.from({ length: origins.length }, (_, i) => load[origins[i]! + horizons[i]!]!),
    });
    this.firstTest = firstTest;
  }
}

/** Forecasts of two runs of pairs as one. */
export function joined(before: PairForecasts, after: PairForecasts): PairForecasts {
  const both = (a: Float64Array, b: Float64Array): Float64Array => {
    const out = new Float64Array(a.length + b.length);
    out.set(a);
    out.set(b, a.length);
    return out;
  };
  return {
    point: both(before.point, after.point),
    low: both(before.low, after.low),
    mid: both(before.mid, after.mid),
    high: both(before.high, after.high),
  };
}

/** The forecasts from the pair `first` on. */
export const after = ({ point, low, mid, high }: PairForecasts, first: number): PairForecasts => ({
  point: point.slice(first),
  low: low.slice(first),
  mid: mid.slice(first),
  high: high.slice(first),
});

/** Pinball of P10, P50 and P90, summed over all pairs. */
export function pinballOf({ low, mid, high }: PairForecasts, { actual }: Pairs): number {
  return actual.reduce(
    (sum, y, i) => sum + pinball(0.1, y, low[i]!) + pinball(0.5, y, mid[i]!) + pinball(0.9, y, high[i]!),
    0,
  );
}

/** Training origins of one horizon: from the third week on, all 24 targets before the test part, this target known. */
export function trainingOrigins(load: Float64Array, firstTest: number, horizon: number): number[] {
  const origins: number[] = [];
  for (let origin = FIRST_ORIGIN; origin < firstTest - HORIZON; origin++) {
    if (!Number.isNaN(load[origin + horizon]!)) origins.push(origin);
  }
  return origins;
}
