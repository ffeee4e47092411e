import type { WeatherName } from './weather-error.ts';

/** Hourly data of a backtest. NaN if unknown; weather columns are as long as the load. */
export interface HourlyData {
  /** ms UTC of the first hour. */
  readonly start: number;
  readonly load: Float64Array;
  /** Columns in the order temp, ghi, wind; any may be missing. */
  readonly weather: readonly { readonly name: WeatherName; readonly values: Float64Array }[];
  readonly holiday: Uint8Array | null;
}

export const HORIZON = 24;
/** First origin: two weeks of lags precede it. */
export const FIRST_ORIGIN = 336;
