import type { InputQuery, WeatherIntervals, WeatherSource } from './inputs.ts';

/** Weather as it was recorded at one place, on a grid of intervals. NaN where there is none. */
export interface WeatherRecord {
  readonly start: number;
  readonly stepS: number;
  readonly ghi: Float64Array;
  readonly wind: Float64Array;
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
    const count = Math.round((query.end - query.start) / (query.resolutionS * 1000));
    const mean = (pick: 'ghi' | 'wind'): (number | null)[] =>
      Array.from({ length: count }, (_, i) => {
        const time = query.start + i * query.resolutionS * 1000;
        const values = records.map((record) => record[pick][(time - record.start) / (record.stepS * 1000)]);
        const known = values.filter((value) => value !== undefined && !Number.isNaN(value)) as number[];
        return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
      });
    return Promise.resolve({
      ghi: mean('ghi'),
      wind: mean('wind'),
      source: 'recorded',
      issuedAt: query.end,
      hindcast: true,
    });
  }
}
