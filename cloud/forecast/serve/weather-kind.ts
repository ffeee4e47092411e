import type { Forecast } from '../../../shared/contracts/forecast.ts';

/**
 * What a forecast knew of the weather ahead, what flatters it most first: what came (a hindcast), what came with the seeded errors of a
 * weather forecast, what had been issued by then, or nothing.
 */
export const WEATHER_KINDS = ['actual', 'degraded', 'vintage', 'none'] as const;
export type WeatherKind = (typeof WEATHER_KINDS)[number];

export function weatherKind(weather: Forecast['weather']): WeatherKind {
  if (weather === null) return 'none';
  if (weather.degraded === true) return 'degraded';
  return weather.hindcast ? 'actual' : 'vintage';
}

/** Of the step that starts at `start`; behind the models' horizon no weather is known. */
export const weatherKindAt = ({ weather, extension }: Forecast, start: number): WeatherKind =>
  extension !== undefined && start >= extension.from ? 'none' : weatherKind(weather);

/** Of scores over forecasts of several kinds: the one that flatters most, so that none is taken for better than it is. */
export const weatherKindOf = (kinds: ReadonlySet<WeatherKind>): WeatherKind =>
  WEATHER_KINDS.find((kind) => kinds.has(kind)) ?? 'none';
