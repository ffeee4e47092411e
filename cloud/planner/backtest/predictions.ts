import { QUANTILES } from '../../../shared/forecast/quantiles.ts';
import { WEATHER_KINDS, type WeatherKind } from '../../forecast/serve/weather-kind.ts';

/** Predictions of all models, one step per row; plain arrays, so that they can be passed to a thread. */
export interface Predictions {
  readonly models: readonly string[];
  readonly count: number;
  readonly model: Uint8Array;
  readonly issuedAt: Float64Array;
  readonly start: Float64Array;
  readonly isFallback: Uint8Array;
  /** Index into WEATHER_KINDS. */
  readonly weather: Uint8Array;
  /** [row x level], kW. */
  readonly values: Float64Array;
}

export interface Made {
  readonly issuedAt: number;
  /** Start of the first step, ms UTC, and its length. */
  readonly start: number;
  readonly stepMs: number;
  /** [quantile][step], kW. */
  readonly values: readonly (readonly number[])[];
  isFallbackAt(start: number): boolean;
  weatherAt(start: number): WeatherKind;
}

/** Collects the predictions of a backtest's models at the requested resolution, within [from, to). */
export class PredictionBook {
  readonly #models: readonly string[];
  readonly #range: { readonly from: number; readonly to: number; readonly resolutionMs: number };
  readonly #rows: {
    model: number;
    issuedAt: number;
    start: number;
    isFallback: boolean;
    weather: WeatherKind;
    values: number[];
  }[] = [];

  constructor(models: readonly string[], range: { from: number; to: number; resolutionMs: number }) {
    this.#models = models;
    this.#range = range;
  }

  add(model: number, made: Made): void {
    const { from, to, resolutionMs } = this.#range;
    const factor = resolutionMs / made.stepMs;
    const steps = made.values[0]?.length ?? 0;
    const skip = Math.round((Math.ceil(made.start / resolutionMs) * resolutionMs - made.start) / made.stepMs);
    for (let step = skip; step + factor <= steps; step += factor) {
      const start = made.start + step * made.stepMs;
      if (start < from || start >= to) continue;
      const values = made.values.map((row) => {
        let sum = 0;
        for (let index = step; index < step + factor; index++) sum += row[index]!;
        return sum / factor;
      });
      const [isFallback, weather] = [made.isFallbackAt(start), made.weatherAt(start)];
      this.#rows.push({ model, issuedAt: made.issuedAt, start, isFallback, weather, values });
    }
  }

  all(): Predictions {
    const rows = this.#rows;
    const values = new Float64Array(rows.length * QUANTILES.length);
    for (const [row, each] of rows.entries()) values.set(each.values, row * QUANTILES.length);
    return {
      models: this.#models,
      count: rows.length,
      model: Uint8Array.from(rows, ({ model }) => model),
      issuedAt: Float64Array.from(rows, ({ issuedAt }) => issuedAt),
      start: Float64Array.from(rows, ({ start }) => start),
      isFallback: Uint8Array.from(rows, ({ isFallback }) => Number(isFallback)),
      weather: Uint8Array.from(rows, ({ weather }) => WEATHER_KINDS.indexOf(weather)),
      values,
    };
  }
}
