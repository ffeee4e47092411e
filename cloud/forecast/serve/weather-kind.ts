import type { Forecast } from '../../../shared/contracts/forecast.ts';

/**
 * What a forecast knew of the weather ahead, the most flattering first: the actual weather (a hindcast), the actual weather with seeded
 * forecast errors, a weather forecast issued by then, or nothing.
 */
export const WEATHER_KINDS = ['actual', 'degraded', 'vintage', 'none'] as const;
export type WeatherKind = (typeof WEATHER_KINDS)[number];

export function weatherKind(weather: Forecast['weather']): WeatherKind {
  if (weather === null) return 'none';
  if (weather.degraded === true) return 'degraded';
  return weather.hindcast ? 'actual' : 'vintage';
}

/** The kind for the step that starts at `start`; beyond the models' horizon no weather is known. */
export const weatherKindAt = ({ weather, extension }: Forecast, start: number): WeatherKind =>
  extension !== undefined && start >= extension.from ? 'none' : weatherKind(weather);

/** The kind for scores over forecasts of several kinds: the most flattering, so that no score looks better than it is. */
export const weatherKindOf = (kinds: ReadonlySet<WeatherKind>): WeatherKind =>
  WEATHER_KINDS.find((kind) => kinds.has(kind)) ?? 'none';
