import type { WeatherSeries } from '../../../shared/forecast/features.ts';
import type { InputQuery, WeatherIntervals, WeatherSource } from './inputs.ts';

/** Weather recorded at one place, on a grid of intervals. NaN if unknown. */
export interface WeatherRecord extends WeatherSeries {
  readonly start: number;
  readonly stepS: number;
}

/** Recorded weather, also for times ahead: a hindcast, marked as such. A target with several places gets their mean. */
export class RecordedWeather implements WeatherSource {
  readonly #places: (target: string) => readonly WeatherRecord[];

  /** `places`: the records of a target's places; none: no weather. */
  constructor(places: (target: string) => readonly WeatherRecord[]) {
    this.#places = places;
  }

  intervals(query: InputQuery): Promise<WeatherIntervals | null> {
    const records = this.#places(query.target).filter((record) => record.stepS === query.resolutionS);
    if (records.length === 0) return Promise.resolve(null);
    const stepMs = query.resolutionS * 1000;
    const count = Math.round((query.end - query.start) / stepMs);
    const mean = (pick: 'ghi' | 'wind' | 'temperature'): Float64Array => {
      const sums = new Float64Array(count);
      const known = new Uint32Array(count);
      // One pass per place: reading a year for a region of many substations shares its thread with other work.
      for (const { start, [pick]: values } of records) {
        const from = (query.start - start) / stepMs;
        if (values === undefined || !Number.isInteger(from)) continue;
        for (let i = Math.max(0, -from); i < count && from + i < values.length; i++) {
          const value = values[from + i]!;
          if (Number.isNaN(value)) continue;
          sums[i]! += value;
          known[i]!++;
        }
      }
      for (let i = 0; i < count; i++) sums[i]! /= known[i]!;
      return sums;
    };
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
