import type { LocalCalendar } from '../../../../shared/forecast/calendar.ts';
import { filled } from '../../../../shared/forecast/series.ts';
import type { HourlyData } from './hourly-data.ts';
import { KnownWeather } from './known-weather.ts';
import type { WeatherError } from './weather-error.ts';

/** Inputs of the design: the load without gaps, its means, the calendar and the weather known at each origin. */
export class HourlyContext {
  readonly data: HourlyData;
  readonly values: Float64Array;
  readonly hours: Uint8Array;
  /** 0 is Monday. */
  readonly weekdays: Uint8Array;
  /** Sine and cosine of the year and its second harmonic: four values each. */
  readonly season: Float64Array;
  readonly holiday: Uint8Array;
  /** Means up to and including each hour. */
  readonly mean24: Float64Array;
  readonly mean168: Float64Array;
  readonly weather: KnownWeather;

  constructor(data: HourlyData, calendar: LocalCalendar, error?: WeatherError) {
    const count = data.load.length;
    this.data = data;
    this.values = filled(data.load, 3600).values;
    this.hours = new Uint8Array(count);
    this.weekdays = new Uint8Array(count);
    this.season = new Float64Array(count * 4);
    for (let i = 0; i < count; i++) {
      const time = data.start + i * 3_600_000;
      this.hours[i] = Math.floor(calendar.timeOfDayMs(time) / 3_600_000);
      this.weekdays[i] = calendar.weekday(time);
      const angle = (2 * Math.PI * calendar.dayOfYear(time)) / 365.25;
      this.season.set([Math.sin(angle), Math.cos(angle), Math.sin(2 * angle), Math.cos(2 * angle)], i * 4);
    }
    this.holiday = data.holiday ?? new Uint8Array(count);
    this.mean24 = rolling(this.values, 24);
    this.mean168 = rolling(this.values, 168);
    this.weather = new KnownWeather(data.weather, error);
  }
}

/**
 * Rows of the protocol's ridge baseline: level lags and means at the origin, the same hours of days and weeks before the target, calendar
 * one-hots, and weather at the target with temperature by hour. Lags are in UTC hours.
 */
export class HourlyDesign {
  readonly width: number;
  readonly #context: HourlyContext;

  constructor(context: HourlyContext) {
    this.#context = context;
    const columns = context.data.weather.length;
    this.width = 16 + 24 + 7 + 24 + 4 + (columns > 0 ? columns * 5 + 2 + 48 : 0);
  }

  /** Writes the row of (origin, horizon) to `out` from index `at`; the origin is the last known hour. */
  row(origin: number, horizon: number, out: Float32Array, at: number): void {
    const { values: v, mean24, mean168, hours, weekdays, season, weather } = this.#context;
    const target = origin + horizon;
    const lag = (hours: number): number => v[target - hours]!;
    let same = 0;
    for (let day = 1; day <= 7; day++) same += lag(24 * day);
    const last = v[origin]!;
    out.set(
      [
        this.#context.holiday[target]!,
        last,
        v[origin - 1]!,
        v[origin - 2]!,
        v[origin - 3]!,
        last - v[origin - 24]!,
        last - v[origin - 168]!,
        mean24[origin]!,
        mean168[origin]!,
        lag(24),
        lag(48),
        lag(72),
        lag(168),
        lag(336),
        same / 7,
        mean24[origin]! - mean168[origin]!,
      ],
      at,
    );
    let i = at + 16;
    out.fill(0, i, at + this.width);
    const hour = hours[target]!;
    const weekday = weekdays[target]!;
    out[i + hour] = 1;
    i += 24;
    out[i + weekday] = 1;
    i += 7;
    if (weekday >= 5) out[i + hour] = 1;
    i += 24;
    for (let k = 0; k < 4; k++) out[i++] = season[target * 4 + k]!;
    if (weather.columns.length === 0) return;
    for (let column = 0; column < weather.columns.length; column++) {
      const now = weather.at(column, origin, target);
      out[i++] = now;
      out[i++] = weather.at(column, origin, target - 1);
      out[i++] = weather.mean(column, origin, { index: target, count: 24 });
      out[i++] = now - weather.at(column, origin, target - 24);
      out[i++] = now - weather.at(column, origin, target - 168);
    }
    const first = weather.at(0, origin, target);
    out[i++] = first ** 2;
    out[i++] = first ** 3;
    out[i + hour] = first;
    out[i + 24 + hour] = first ** 2;
  }
}

/** Mean of the last `count` values up to each index; of fewer at the start. */
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
