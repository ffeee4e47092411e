import { FIRST_ORIGIN, HORIZON } from './hourly-data.ts';

/** Forecasts of one member for all test pairs: [pair] of P10, P50, P90 and the point. */
export interface PairForecasts {
  readonly point: Float64Array;
  readonly low: Float64Array;
  readonly mid: Float64Array;
  readonly high: Float64Array;
}

/** Test pairs of the protocol: origins 5 hours apart from T0 - 1, all 24 horizons, targets that are known. */
export class TestPairs {
  readonly firstTest: number;
  readonly origins: Int32Array;
  readonly horizons: Int32Array;
  readonly actual: Float64Array;

  constructor(load: Float64Array) {
    this.firstTest = load.length - Math.floor(0.2 * load.length);
    const origins: number[] = [];
    const horizons: number[] = [];
    for (let origin = this.firstTest - 1; origin + HORIZON <= load.length - 1; origin += 5) {
      for (let horizon = 1; horizon <= HORIZON; horizon++) {
        if (Number.isNaN(load[origin + horizon]!)) continue;
        origins.push(origin);
        horizons.push(horizon);
      }
    }
    this.origins = Int32Array.from(origins);
    this.horizons = Int32Array.from(horizons);
    this.actual =
      this.origins.length === 0 ? new Float64Array(0) : Float64Array.from(origins, (o, i) => load[o + horizons[i]!]!);
  }

  get count(): number {
    return this.origins.length;
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
}

/** Training origins of one horizon: from the third week on, all 24 targets before the test part, this target known. */
export function trainingOrigins(load: Float64Array, firstTest: number, horizon: number): number[] {
  const origins: number[] = [];
  for (let origin = FIRST_ORIGIN; origin < firstTest - HORIZON; origin++) {
    if (!Number.isNaN(load[origin + horizon]!)) origins.push(origin);
  }
  return origins;
}
