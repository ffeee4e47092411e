import type { Said } from '../../../shared/sentences/said.ts';
/** The inputs of the forecast, as ports. Means over intervals on the grid of `resolutionS`. */
export interface InputQuery {
  readonly target: string;
  /** Half open: [start, end), ms UTC, on the grid. */
  readonly start: number;
  readonly end: number;
  readonly resolutionS: number;
  /** Only what was known at this plant time. */
  readonly asOf?: number;
}

/** One number for each interval; null or NaN where nothing is known. Histories are long: the sources of most hold plain numbers. */
export type Means = ArrayLike<number | null>;

export interface LoadIntervals {
  /** Uncontrolled load, kW, load convention, one per interval. */
  readonly values: Means;
  /** Why these are no plain measurements: the meter is dead or reversed and another source stands in. */
  readonly substitution: string | null;
  /** The same by code and values, where its source tells them. */
  readonly substituted?: Said | undefined;
  /** Another number than before: what was read earlier has changed too, by an annotation or an upload. */
  readonly revision?: number;
}

export interface LoadSource {
  intervals(query: InputQuery): Promise<LoadIntervals>;
}

export interface WeatherIntervals {
  /** Global horizontal irradiance, W/m2. */
  readonly ghi: Means;
  /** Wind speed at hub height, m/s. */
  readonly wind: Means;
  /** Degrees Celsius; absent: the source has none. */
  readonly temperature?: Means;
  readonly source: string;
  readonly issuedAt: number;
  /** True: the recorded weather of the target time itself, which a real forecast could not have known. */
  readonly hindcast: boolean;
  /** What lies ahead carries the seeded errors of a weather forecast. */
  readonly degraded?: true;
}

export interface WeatherSource {
  /** Past and coming weather of a target's place; null where there is none. */
  intervals(query: InputQuery): Promise<WeatherIntervals | null>;
}
