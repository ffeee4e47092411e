import type { Forecast } from '../../../shared/contracts/forecast.ts';

/** What a forecast knew of the weather ahead: what had been issued by then, what came (a hindcast), or nothing. */
export const WEATHER_KINDS = ['vintage', 'actual', 'none'] as const;
export type WeatherKind = (typeof WEATHER_KINDS)[number];

export const weatherKind = (weather: Forecast['weather']): WeatherKind =>
  weather === null ? 'none' : weather.hindcast ? 'actual' : 'vintage';

/** Of the step that starts at `start`; behind the models' horizon no weather is known. */
export const weatherKindAt = ({ weather, extension }: Forecast, start: number): WeatherKind =>
  extension !== undefined && start >= extension.from ? 'none' : weatherKind(weather);
