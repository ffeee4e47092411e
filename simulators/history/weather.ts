import type { PlantSpec } from '../plant/spec.ts';

/** Recorded weather at one substation over the whole series, including the future; NaN marks a gap. */
export interface WeatherRecord {
  /** ms UTC. */
  readonly start: number;
  readonly stepS: number;
  /** Global horizontal irradiance, W/m2. */
  readonly ghi: Float64Array;
  /** At 100 m, m/s. */
  readonly wind: Float64Array;
}

/** By substation. A forecast that uses it at its target time declares `hindcast weather`. */
export const weatherRecords = (specs: readonly PlantSpec[]): ReadonlyMap<string, WeatherRecord> =>
  new Map(
    specs.map(({ id, inputs }) => [
      id,
      { start: inputs.startMs, stepS: inputs.stepMs / 1000, ghi: inputs.radiationWm2, wind: inputs.windSpeedMs },
    ]),
  );
