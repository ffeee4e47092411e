import { HORIZON } from './hourly-data.ts';
import type { HourlyContext } from './hourly.ts';

/**
 * Rows of members that learn all horizons at once, the horizon among their columns: the recent past, the same hours of days and
 * weeks before the target, calendar, and weather up to the target. Trees take them as they are; `network` rows, in which loads
 * count from the mean of the last week and the calendar is in waves, suit a network.
 */
export class PooledDesign {
  readonly width: number;
  readonly #context: HourlyContext;
  readonly #spread: Float64Array;
  readonly #network: boolean;

  constructor(context: HourlyContext, kind: 'trees' | 'network') {
    this.#context = context;
    this.#network = kind === 'network';
    this.#spread = context.values.map((_, i) => {
      let sum = 0;
      let squares = 0;
      const from = Math.max(0, i - 23);
      for (let k = from; k <= i; k++) {
        sum += context.values[k]!;
        squares += context.values[k]! ** 2;
      }
      const mean = sum / (i - from + 1);
      return Math.sqrt(Math.max(0, squares / (i - from + 1) - mean * mean));
    });
    this.width = this.#row(new Float32Array(400), 0, { origin: 336, horizon: 1 });
  }

  /** Writes the row of (origin, horizon) at `at`. */
  row(origin: number, horizon: number, out: Float32Array, at: number): void {
    this.#row(out, at, { origin, horizon });
  }

  /** Answers the number of columns. */
  #row(out: Float32Array, at: number, { origin, horizon }: { origin: number; horizon: number }): number {
    const { values, mean24, mean168, weather } = this.#context;
    const target = origin + horizon;
    const centre = this.#network ? mean168[origin]! : 0;
    let i = at;
    const load = (index: number): number => values[index < 0 ? 0 : index]! - centre;
    const put = (value: number): void => {
      out[i++] = value;
    };
    i = this.#calendar(out, i, { target, horizon });
    const last = load(origin);
    put(last);
    for (let back = 1; back <= 3; back++) put(load(origin - back));
    put(last - load(origin - 24));
    put(last - load(origin - 168));
    put(mean24[origin]! - centre);
    put(mean168[origin]!);
    put(mean24[origin]! - mean168[origin]!);
    put(this.#spread[origin]!);
    for (const hours of [24, 48, 72, 168, 336]) put(load(target - hours));
    put(load(Math.min(origin, target - 23)));
    put(load(target - 25));
    put(load(target - 167));
    put(load(target - 169));
    let same = 0;
    for (let day = 1; day <= 7; day++) same += load(target - 24 * day);
    put(same / 7);
    let weeks = 0;
    for (let week = 1; week <= 4; week++) weeks += load(target - 168 * week);
    put(weeks / 4);
    if (this.#network)
      for (let back = 4; back < 24; back += 2) put((load(origin - back) + load(origin - back - 1)) / 2);
    for (let column = 0; column < weather.columns.length; column++) {
      const now = weather.at(column, origin, target);
      put(now);
      put(weather.at(column, origin, target - 1));
      put(weather.at(column, origin, target - 2));
      put(weather.mean(column, origin, { index: target, count: 24 }));
      put(now - weather.at(column, origin, target - 24));
      put(now - weather.at(column, origin, target - 168));
      put(weather.at(column, origin, origin));
      put(weather.mean(column, origin, { index: origin, count: 24 }));
      let usual = 0;
      for (let day = 1; day <= 7; day++) usual += weather.at(column, origin, target - 24 * day) / 7;
      put(now - usual);
      if (this.#context.data.weather[column]!.name === 'ghi') put((same / 7) * Math.min(3, now / Math.max(20, usual)));
    }
    return i - at;
  }

  #calendar(out: Float32Array, at: number, { target, horizon }: { target: number; horizon: number }): number {
    const { hours, weekdays, yearDays, season, holiday } = this.#context;
    const hour = hours[target]!;
    const weekday = weekdays[target]!;
    const free = (index: number): number => (weekdays[index]! >= 5 || holiday[index] === 1 ? 1 : 0);
    let i = at;
    out[i++] = horizon;
    out[i++] = holiday[target]!;
    out[i++] = free(target);
    out[i++] = free(target) - free(target - 24);
    out[i++] = free(target) - free(target - 168);
    if (!this.#network) {
      out[i++] = hour;
      out[i++] = weekday;
      out[i++] = yearDays[target]!;
      return i;
    }
    for (let k = 0; k < 4; k++) out[i++] = season[target * 4 + k]!;
    for (let k = 1; k <= 4; k++) {
      const angle = (2 * Math.PI * k * hour) / 24;
      out[i++] = Math.sin(angle);
      out[i++] = Math.cos(angle);
    }
    for (let day = 0; day < 7; day++) out[i++] = weekday === day ? 1 : 0;
    for (const near of [1, 2, 4]) out[i++] = Math.exp((1 - horizon) / near);
    out[i++] = horizon / HORIZON;
    return i;
  }
}
