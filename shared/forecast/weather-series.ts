import type { WeatherSeries } from './features.ts';

/** The part of the weather in [from, to). */
export const weatherWithin = ({ ghi, wind, temperature }: WeatherSeries, from: number, to?: number): WeatherSeries => ({
  ghi: ghi.slice(from, to),
  wind: wind.slice(from, to),
  ...(temperature && { temperature: temperature.slice(from, to) }),
});
