import type { WeatherSource } from '../forecast/serve/inputs.ts';

export type WeatherMode = 'vintage' | 'actual' | 'none';

/**
 * The weather that a look back may use: what was issued by its asOf, none where nothing was; or the best that is known today, which is
 * a hindcast and marked so; or none.
 */
export function weatherFor(mode: WeatherMode, source: WeatherSource | undefined): WeatherSource | undefined {
  if (mode === 'none' || source === undefined) return undefined;
  if (mode === 'vintage')
    return {
      intervals: async (query) => {
        const known = await source.intervals(query);
        return known?.hindcast === true && query.asOf !== undefined ? null : known;
      },
    };
  return {
    intervals: async ({ target, start, end, resolutionS }) => {
      const known = await source.intervals({ target, start, end, resolutionS });
      return known === null ? null : { ...known, hindcast: true };
    },
  };
}
