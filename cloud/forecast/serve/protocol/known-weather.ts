import { carried } from '../../../../shared/forecast/series.ts';
import { HORIZON, type HourlyData } from './hourly-data.ts';
import type { WeatherError } from './weather-error.ts';

/** The weather known at each origin: measured up to the origin, forecast after it. */
export class KnownWeather {
  readonly columns: readonly Float64Array[];
  readonly #ahead: readonly Float32Array[] | undefined;

  /** Without `error` the forecast is the actual weather. */
  constructor(weather: HourlyData['weather'], error?: WeatherError) {
    this.columns = weather.map(({ values }) => carried(values, values.length));
    if (error === undefined) return;
    this.#ahead = this.columns.map((values, column) => {
      const { name } = weather[column]!;
      const out = new Float32Array(values.length * HORIZON);
      for (let origin = 0; origin < values.length; origin++)
        for (let lead = 1; lead <= HORIZON && origin + lead < values.length; lead++)
          out[origin * HORIZON + lead - 1] = error(name, { origin, lead, actual: values[origin + lead]! });
      return out;
    });
  }

  at(column: number, origin: number, index: number): number {
    if (index <= origin || this.#ahead === undefined) return this.columns[column]![Math.max(0, index)]!;
    return this.#ahead[column]![origin * HORIZON + index - origin - 1]!;
  }

  /** Mean of the `count` hours that end with `index`. */
  mean(column: number, origin: number, { index, count }: { index: number; count: number }): number {
    const from = Math.max(0, index - count + 1);
    let sum = 0;
    for (let i = from; i <= index; i++) sum += this.at(column, origin, i);
    return sum / (index - from + 1);
  }
}
