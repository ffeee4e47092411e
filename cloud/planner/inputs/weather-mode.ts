import type { InputQuery, Means, WeatherIntervals, WeatherSource } from '../../forecast/serve/inputs.ts';
import { degradedWeather, type WeatherError, type WeatherName } from '../../forecast/serve/protocol/weather-error.ts';

export const WEATHER_MODES = ['vintage', 'actual', 'degraded', 'none'] as const;
export type WeatherMode = (typeof WEATHER_MODES)[number];

const HOUR_MS = 3_600_000;

/**
 * The weather that a look back may use. `vintage`: what was issued by its asOf, none if nothing was. `actual`: the best known today, marked
 * as a hindcast. `degraded`: the same with the errors of a weather forecast after asOf, drawn from `seed`. `none`: none.
 */
export function weatherFor(mode: WeatherMode, source: WeatherSource | undefined, seed = 1): WeatherSource | undefined {
  if (mode === 'none' || source === undefined) return undefined;
  if (mode === 'vintage')
    return {
      intervals: async (query) => {
        const known = await source.intervals(query);
        return known?.hindcast === true && query.asOf !== undefined ? null : known;
      },
    };
  const error = mode === 'degraded' ? degradedWeather(seed) : undefined;
  return {
    intervals: async (query) => {
      const { asOf: _, ...today } = query;
      const known = await source.intervals(today);
      if (known === null) return null;
      return error === undefined ? { ...known, hindcast: true } : withErrors(known, query, error);
    },
  };
}

/** One error field for all places, because a forecast is wrong for neighbours alike. */
function withErrors(
  known: WeatherIntervals,
  { start, end, resolutionS, asOf = end }: InputQuery,
  error: WeatherError,
): WeatherIntervals {
  const ahead = (name: WeatherName, values: Means): (number | null)[] =>
    Array.from(values, (actual, i) => {
      const time = start + i * resolutionS * 1000;
      if (actual === null || Number.isNaN(actual) || time < asOf) return actual;
      return error(name, { origin: asOf, lead: 1 + Math.floor((time - asOf) / HOUR_MS), actual });
    });
  return {
    ...known,
    ghi: ahead('ghi', known.ghi),
    wind: ahead('wind', known.wind),
    ...(known.temperature && { temperature: ahead('temp', known.temperature) }),
    issuedAt: asOf,
    hindcast: true,
    degraded: true,
  };
}
