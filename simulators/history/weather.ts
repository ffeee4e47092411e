import type { PlantSpec } from '../plant/spec.ts';

/** What was recorded of the weather at one substation over the whole of the series, future included; NaN is a gap. */
export interface WeatherRecord {
  /** ms UTC. */
  readonly start: number;
  readonly stepS: number;
  /** Global radiation on the horizontal, W/m2. */
  readonly ghi: Float64Array;
  /** At 100 m, m/s. */
  readonly wind: Float64Array;
}

/** By substation. A forecast that takes it at its target says `hindcast weather`. */
export const weatherRecords = (specs: readonly PlantSpec[]): ReadonlyMap<string, WeatherRecord> =>
  new Map(
    specs.map(({ id, inputs }) => [
      id,
      { start: inputs.startMs, stepS: inputs.stepMs / 1000, ghi: inputs.radiationWm2, wind: inputs.windSpeedMs },
    ]),
  );
