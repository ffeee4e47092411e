import type { WeatherSource } from '../forecast/serve/inputs.ts';

export type WeatherMode = 'vintage' | 'actual' | 'none';

/**
 * The weather that a look back may use: what was issued by its asOf; or the best that is known today, which is a hindcast and marked
 * so; or none.
 */
export function weatherFor(mode: WeatherMode, source: WeatherSource | undefined): WeatherSource | undefined {
  if (mode === 'none' || source === undefined) return undefined;
  if (mode === 'vintage') return source;
  return {
    intervals: async ({ target, start, end, resolutionS }) => {
      const known = await source.intervals({ target, start, end, resolutionS });
      return known === null ? null : { ...known, hindcast: true };
    },
  };
}
