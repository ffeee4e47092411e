export type WeatherColumn = readonly (number | null)[];

/** One weather forecast as issued; means over steps from `start`. Times in ms UTC of plant time. */
export interface WeatherVintage {
  readonly id: string;
  readonly source: string;
  /** The target at whose location it applies: substation:owd, region:north. */
  readonly location: string;
  readonly issuedAt: number;
  readonly start: number;
  readonly resolutionS: number;
  readonly temperatureC: WeatherColumn | null;
  /** Global horizontal irradiance, W/m2. */
  readonly ghiWm2: WeatherColumn | null;
  /** Wind speed at hub height, m/s. */
  readonly windMs: WeatherColumn | null;
}

export interface WeatherListQuery {
  readonly locations: readonly string[];
  /** Half open: vintages that overlap [from, to). */
  readonly from: number;
  readonly to: number;
  readonly issuedBefore: number;
  readonly source: string | null;
}

export const stepsOf = ({ temperatureC, ghiWm2, windMs }: WeatherVintage): number =>
  (temperatureC ?? ghiWm2 ?? windMs ?? []).length;

/** Weather vintages are never overwritten. */
export interface WeatherStore {
  /** Stores a vintage unless its source, location and time of issue already have one; returns the stored one. */
  put(vintage: WeatherVintage): Promise<WeatherVintage>;
  /** Newest issue first, skipping the first `skip`; with `upTo` only those that were stored when `stored` answered it. */
  list(
    query: WeatherListQuery,
    page: { readonly skip: number; readonly limit: number; readonly upTo?: number },
  ): Promise<WeatherVintage[]>;
  /** A mark that grows with each stored vintage. */
  stored(): Promise<number>;
}
