import type { WeatherSeries } from '../../../shared/forecast/features.ts';
import type { InputQuery, WeatherIntervals, WeatherSource } from './inputs.ts';

/** Weather as it was recorded at one place, on a grid of intervals. NaN where there is none. */
export interface WeatherRecord extends WeatherSeries {
  readonly start: number;
  readonly stepS: number;
}

/**
 * Recorded weather, also at times that lie ahead: a hindcast, marked as such. A target of several places gets their mean.
 */
export class RecordedWeather implements WeatherSource {
  readonly #places: (target: string) => readonly WeatherRecord[];

  /** `places`: the records that a target lies at; none: no weather. */
  constructor(places: (target: string) => readonly WeatherRecord[]) {
    this.#places = places;
  }

  intervals(query: InputQuery): Promise<WeatherIntervals | null> {
    const records = this.#places(query.target).filter((record) => record.stepS === query.resolutionS);
    if (records.length === 0) return Promise.resolve(null);
    const stepMs = query.resolutionS * 1000;
    const count = Math.round((query.end - query.start) / stepMs);
    const mean = (pick: 'ghi' | 'wind' | 'temperature'): (number | null)[] =>
      Array.from({ length: count }, (_, i) => {
        let sum = 0;
        let known = 0;
        for (const record of records) {
          const value = record[pick]?.[(query.start - record.start) / stepMs + i];
          if (value === undefined || Number.isNaN(value)) continue;
          sum += value;
          known++;
        }
        return known === 0 ? null : sum / known;
      });
    return Promise.resolve({
      ghi: mean('ghi'),
      wind: mean('wind'),
      ...(records.some(({ temperature }) => temperature !== undefined) && { temperature: mean('temperature') }),
      source: 'recorded',
      issuedAt: query.end,
      hindcast: true,
    });
  }
}
