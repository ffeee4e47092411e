export type WeatherColumn = readonly (number | null)[];

/** One weather forecast as it was issued; means over steps from `start`. Times in ms UTC of plant time. */
export interface WeatherVintage {
  readonly id: string;
  readonly source: string;
  /** The target at whose place it holds: substation:owd, region:north. */
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
  /** Half open: those that touch [from, to). */
  readonly from: number;
  readonly to: number;
  readonly issuedBefore: number;
  readonly source: string | null;
}

export const stepsOf = ({ temperatureC, ghiWm2, windMs }: WeatherVintage): number =>
  (temperatureC ?? ghiWm2 ?? windMs ?? []).length;

/** Weather vintages: never overwritten. */
export interface WeatherStore {
  /** The vintage that stands under its source, location and time of issue: this one, or the one that came before. */
  put(vintage: WeatherVintage): Promise<WeatherVintage>;
  /** Newest issue first, after the first `skip`. */
  list(query: WeatherListQuery, page: { readonly skip: number; readonly limit: number }): Promise<WeatherVintage[]>;
}
