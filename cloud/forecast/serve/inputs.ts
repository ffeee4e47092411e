import type { Said } from '../../../shared/sentences/said.ts';
/** The inputs of a forecast, as ports. Values are means over intervals on the grid of `resolutionS`. */
export interface InputQuery {
  readonly target: string;
  /** Half open: [start, end), ms UTC, on the grid. */
  readonly start: number;
  readonly end: number;
  readonly resolutionS: number;
  /** Only what was known at this plant time. */
  readonly asOf?: number;
  /** First step of the forecast, ms UTC: what was recorded before is no hindcast. Default: all steps are ahead. */
  readonly origin?: number;
}

/** One number per interval; null or NaN if unknown. Histories are long, so most sources hold plain numbers. */
export type Means = ArrayLike<number | null>;

export interface LoadIntervals {
  /** Uncontrolled load, kW, load convention, one per interval. */
  readonly values: Means;
  /** Why these are not plain measurements: the meter is dead or reversed and another source replaces it. */
  readonly substitution: string | null;
  /** The same as code and values, if its source provides them. */
  readonly substituted?: Said | undefined;
  /** Changes whenever earlier values may have changed, by an annotation or an upload. */
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
  /** Degrees Celsius; absent if the source has none. */
  readonly temperature?: Means;
  readonly source: string;
  readonly issuedAt: number;
  /** True: the recorded weather of the target time itself, which a real forecast could not have known. */
  readonly hindcast: boolean;
  /** The weather ahead has seeded errors like those of a weather forecast. */
  readonly degraded?: true;
}

export interface WeatherSource {
  /** Past and future weather of a target's place; null if there is none. */
  intervals(query: InputQuery): Promise<WeatherIntervals | null>;
}
