import { FIRST_ORIGIN } from './hourly-data.ts';
import type { HourlyContext } from './hourly.ts';

/** Loads of the last hours that stand in a row. */
const LAST_HOURS = 24;
/** Hours from the target back to loads at about its time of day or of week; 23 may lie behind the origin and is then the origin. */
const BACK_HOURS = [24, 48, 72, 96, 120, 144, 168, 336, 23, 25, 167, 169];
/** Below this irradiance, W/m2, a usual one counts as that where something is divided by it. */
const LEAST_GHI = 20;
const MOST_CLEARER = 3;
/** Heating begins below, cooling above, degrees Celsius. */
const HEATING = 15;
const COOLING = 18;

/**
 * Rows of members that know the hour of their target: the last day, the same time of days and weeks before, kind of day, season, and
 * weather up to the target with what bends its effect: squares, degrees of heating and cooling, and the load as it would be were it
 * to follow the irradiance. Loads count from the mean of the last week, so a level that shifts is followed. Lags are by UTC hours.
 */
export class HourRows {
  readonly width: number;
  readonly #context: HourlyContext;

  constructor(context: HourlyContext) {
    this.#context = context;
    this.width = this.#write(new Float32Array(400), 0, { origin: FIRST_ORIGIN, horizon: 1 });
  }

  /** Writes the row of (origin, horizon) at `at`; the origin is the last known hour. */
  write(origin: number, horizon: number, out: Float32Array, at: number): void {
    this.#write(out, at, { origin, horizon });
  }

  /** Answers the number of columns. */
  #write(out: Float32Array, at: number, { origin, horizon }: { origin: number; horizon: number }): number {
    const { values, mean24, mean168, weekdays, holiday, season } = this.#context;
    const target = origin + horizon;
    const centre = mean168[origin]!;
    const load = (index: number): number => values[Math.max(0, index)]! - centre;
    const free = (index: number): number => (weekdays[index]! >= 5 || holiday[index] === 1 ? 1 : 0);
    let i = at;
    const put = (value: number): void => {
      out[i++] = value;
    };
    for (let back = 0; back < LAST_HOURS; back++) put(load(origin - back));
    for (const hours of BACK_HOURS) put(load(Math.min(origin, target - hours)));
    let same = 0;
    for (let day = 1; day <= 7; day++) same += load(target - 24 * day) / 7;
    let weeks = 0;
    for (let week = 1; week <= 4; week++) weeks += load(target - 168 * week) / 4;
    put(same);
    put(weeks);
    put(mean24[origin]! - centre);
    for (let day = 0; day < 7; day++) put(weekdays[target] === day ? 1 : 0);
    const change = free(target) - free(target - 24);
    put(holiday[target]!);
    put(change);
    put(free(target) - free(target - 168));
    put(change === 0 ? 0 : load(target - 24) - load(target - 168));
    for (let k = 0; k < 4; k++) put(season[target * 4 + k]!);
    this.#weather(put, { origin, target, same: same + centre, dayBefore: load(target - 24) + centre });
    return i - at;
  }

  #weather(
    put: (value: number) => void,
    { origin, target, same, dayBefore }: { origin: number; target: number; same: number; dayBefore: number },
  ): void {
    const { weather, data, season } = this.#context;
    for (const [column, { name }] of data.weather.entries()) {
      const at = (index: number): number => weather.at(column, origin, index);
      const now = at(target);
      const yesterday = at(target - 24);
      put(now);
      put(at(target - 1));
      put(at(target - 2));
      put(weather.mean(column, origin, { index: target, count: 24 }));
      put(weather.mean(column, origin, { index: target, count: 72 }));
      put(now - yesterday);
      put(now - at(target - 168));
      put(at(origin));
      let usual = 0;
      for (let day = 1; day <= 7; day++) usual += at(target - 24 * day) / 7;
      put(now - usual);
      put(now * now);
      if (name === 'temp') {
        put(Math.max(0, HEATING - now));
        put(Math.max(0, now - COOLING));
      }
      if (name === 'ghi') {
        const clearer = (before: number): number => Math.min(MOST_CLEARER, now / Math.max(LEAST_GHI, before));
        put(same * clearer(usual));
        put(dayBefore * clearer(yesterday));
        put(now * season[target * 4 + 1]!);
      }
    }
  }
}
