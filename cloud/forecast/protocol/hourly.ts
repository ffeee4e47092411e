import type { LocalCalendar } from '../../../shared/forecast/calendar.ts';
import { filled } from '../../../shared/forecast/series.ts';
import type { WeatherError } from './weather-error.ts';

/** Hourly data of a backtest. NaN where nothing is known; weather columns as long as the load. */
export interface HourlyData {
  /** ms UTC of the first hour. */
  readonly start: number;
  readonly load: Float64Array;
  /** Columns in the order temp, ghi, wind, as far as there are any. */
  readonly weather: readonly { readonly name: WeatherName; readonly values: Float64Array }[];
  readonly holiday: Uint8Array | null;
}

export type WeatherName = 'temp' | 'ghi' | 'wind';

export const HORIZON = 24;
/** First origin: two weeks of lags lie before it. */
export const FIRST_ORIGIN = 336;

/**
 * Rows of the ridge baseline of the protocol: level lags and means at the origin, same hours of days and weeks before the target,
 * calendar one-hots, and weather at the target with temperature by hour. Lags are by UTC hours.
 */
export class HourlyDesign {
  readonly width: number;
  readonly values: Float64Array;
  readonly #data: HourlyData;
  readonly #hour: Uint8Array;
  readonly #weekday: Uint8Array;
  readonly #season: Float64Array;
  readonly #mean24: Float64Array;
  readonly #mean168: Float64Array;
  readonly #weather: readonly Float64Array[];
  readonly #error: WeatherError | undefined;

  constructor(data: HourlyData, calendar: LocalCalendar, error?: WeatherError) {
    this.#data = data;
    this.#error = error;
    this.values = filled(data.load, 3600).values;
    const count = data.load.length;
    this.#hour = new Uint8Array(count);
    this.#weekday = new Uint8Array(count);
    this.#season = new Float64Array(count * 4);
    for (let i = 0; i < count; i++) {
      const time = data.start + i * 3_600_000;
      this.#hour[i] = Math.floor(calendar.timeOfDayMs(time) / 3_600_000);
      this.#weekday[i] = calendar.weekday(time);
      const angle = (2 * Math.PI * calendar.dayOfYear(time)) / 365.25;
      this.#season.set([Math.sin(angle), Math.cos(angle), Math.sin(2 * angle), Math.cos(2 * angle)], i * 4);
    }
    this.#mean24 = rolling(this.values, 24);
    this.#mean168 = rolling(this.values, 168);
    this.#weather = data.weather.map(({ values }) => carried(values));
    const columns = this.#weather.length;
    this.width = 16 + 24 + 7 + 24 + 4 + (columns > 0 ? columns * 5 + 2 + 48 : 0);
  }

  /** Writes the row of (origin, horizon) at `at`; the origin is the last known hour. */
  row(origin: number, horizon: number, out: Float32Array, at: number): void {
    const v = this.values;
    const target = origin + horizon;
    const lag = (hours: number): number => v[target - hours]!;
    let same = 0;
    for (let day = 1; day <= 7; day++) same += lag(24 * day);
    const last = v[origin]!;
    out.set(
      [
        this.#data.holiday?.[target] ?? 0,
        last,
        v[origin - 1]!,
        v[origin - 2]!,
        v[origin - 3]!,
        last - v[origin - 24]!,
        last - v[origin - 168]!,
        this.#mean24[origin]!,
        this.#mean168[origin]!,
        lag(24),
        lag(48),
        lag(72),
        lag(168),
        lag(336),
        same / 7,
        this.#mean24[origin]! - this.#mean168[origin]!,
      ],
      at,
    );
    let i = at + 16;
    out.fill(0, i, at + this.width);
    const hour = this.#hour[target]!;
    const weekday = this.#weekday[target]!;
    out[i + hour] = 1;
    i += 24;
    out[i + weekday] = 1;
    i += 7;
    if (weekday >= 5) out[i + hour] = 1;
    i += 24;
    for (let k = 0; k < 4; k++) out[i++] = this.#season[target * 4 + k]!;
    if (this.#weather.length === 0) return;
    for (let column = 0; column < this.#weather.length; column++) {
      const now = this.#at(column, origin, target);
      out[i++] = now;
      out[i++] = this.#at(column, origin, Math.max(0, target - 1));
      out[i++] = this.#meanOfDay(column, origin, target);
      out[i++] = now - this.#at(column, origin, target - 24);
      out[i++] = now - this.#at(column, origin, target - 168);
    }
    const first = this.#at(0, origin, target);
    out[i++] = first ** 2;
    out[i++] = first ** 3;
    out[i + hour] = first;
    out[i + 24 + hour] = first ** 2;
  }

  /** Weather column at an index as the origin knows it: measured up to the origin, forecast behind it. */
  #at(column: number, origin: number, index: number): number {
    const actual = this.#weather[column]![index]!;
    if (index <= origin || this.#error === undefined) return actual;
    return this.#error(this.#data.weather[column]!.name, { origin, lead: index - origin, actual });
  }

  #meanOfDay(column: number, origin: number, target: number): number {
    const from = Math.max(0, target - 23);
    let sum = 0;
    for (let i = from; i <= target; i++) sum += this.#at(column, origin, i);
    return sum / (target - from + 1);
  }
}

/** Mean of the last `count` values up to each index, of fewer at the beginning. */
function rolling(values: Float64Array, count: number): Float64Array {
  const out = new Float64Array(values.length);
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    sum += values[i]!;
    if (i >= count) sum -= values[i - count]!;
    out[i] = sum / Math.min(i + 1, count);
  }
  return out;
}

function carried(values: Float64Array): Float64Array {
  const out = Float64Array.from(values);
  let last = out.find((value) => !Number.isNaN(value)) ?? 0;
  for (let i = 0; i < out.length; i++) {
    if (Number.isNaN(out[i]!)) out[i] = last;
    else last = out[i]!;
  }
  return out;
}
