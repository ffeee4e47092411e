import { FIRST_ORIGIN, HORIZON } from './hourly-data.ts';

/** Forecasts of all test pairs, each [pair]: P10, P50, P90 and the point. */
export interface PairForecasts {
  readonly point: Float64Array;
  readonly low: Float64Array;
  readonly mid: Float64Array;
  readonly high: Float64Array;
}

/** Test pairs of the protocol: origins 5 hours apart from T0 - 1, all 24 horizons, known targets only; sorted by origin. */
export class TestPairs {
  readonly firstTest: number;
  readonly origins: Int32Array;
  readonly horizons: Int32Array;
  /** Actual values. */
  readonly actual: Float64Array;

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
    this.firstTest = firstTest;
    this.origins = Int32Array.from(origins);
    this.horizons = Int32Array.from(horizons);
    this.actual = Float64Array.from(origins, (origin, i) => load[origin + horizons[i]!]!);
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
    return [...this.horizons.keys()].filter((i) => this.horizons[i] === horizon);
  }
}

/** Training origins of one horizon: from the third week on, with all 24 targets before the test part and this target known. */
export function trainingOrigins(load: Float64Array, firstTest: number, horizon: number): number[] {
  const origins: number[] = [];
  for (let origin = FIRST_ORIGIN; origin < firstTest - HORIZON; origin++) {
    if (!Number.isNaN(load[origin + horizon]!)) origins.push(origin);
  }
  return origins;
}
