import type { LocalCalendar } from '../../../shared/forecast/calendar.ts';
import { turbine, type WeatherSeries } from '../../../shared/forecast/features.ts';
import type { LoadSeries } from '../../../shared/forecast/series.ts';
import { roundedKw } from './rounded-kw.ts';

/** Effect of sun and wind on a load, both at most 0. */
export interface ComponentFit {
  /** kW per W/m2 of global horizontal irradiance. */
  readonly solarKwPerWm2: number;
  /** kW at the turbines' rated power. */
  readonly windKw: number;
}

/** Medians, kW, one per step, that add up to the forecast's. */
export interface Components {
  readonly solar: readonly number[];
  readonly wind: readonly number[];
  readonly other: readonly number[];
}

const LEAST_DAYS = 14;
/** An effect that explains less than this share of the load's variation about its usual day is no sign of a plant. */
const LEAST_SHARE = 0.02;

/**
 * Least squares of the load's deviation from its usual day on the deviations of irradiance and turbine power. The usual day is the mean of
 * the same local hour on working or on free days, so that neither the hour nor the kind of day is mistaken for the sun. `weather` is on the
 * grid of the load, from the same start. Undefined if too little is known.
 */
export function fitComponents(
  load: LoadSeries,
  weather: WeatherSeries,
  calendar: LocalCalendar,
): ComponentFit | undefined {
  const stepMs = load.stepS * 1000;
  const cells = new Map<number, number[]>();
  let known = 0;
  for (const [i, value] of load.values.entries()) {
    if (Number.isNaN(value) || Number.isNaN(weather.ghi[i]!) || Number.isNaN(weather.wind[i]!)) continue;
    const time = load.start + i * stepMs;
    const cell = 2 * Math.floor(calendar.timeOfDayMs(time) / 3_600_000) + Number(calendar.isFree(time));
    const list = cells.get(cell);
    if (list === undefined) cells.set(cell, [i]);
    else list.push(i);
    known++;
  }
  if (known * load.stepS < LEAST_DAYS * 86_400) return undefined;
  const power = weather.wind.map(turbine);
  const sums = { ss: 0, ww: 0, sw: 0, sy: 0, wy: 0, yy: 0 };
  for (const list of cells.values()) {
    const [y, s, w] = [load.values, weather.ghi, power].map((series) => departures(series, list));
    for (const k of list.keys()) {
      sums.ss += s![k]! * s![k]!;
      sums.ww += w![k]! * w![k]!;
      sums.sw += s![k]! * w![k]!;
      sums.sy += s![k]! * y![k]!;
      sums.wy += w![k]! * y![k]!;
      sums.yy += y![k]! * y![k]!;
    }
  }
  return solved(sums);
}

interface Sums {
  readonly ss: number;
  readonly ww: number;
  readonly sw: number;
  readonly sy: number;
  readonly wy: number;
  readonly yy: number;
}

/** Fits both; only one if the other would be a consumption or explains almost nothing in addition. */
function solved({ ss, ww, sw, sy, wy, yy }: Sums): ComponentFit {
  const least = LEAST_SHARE * yy;
  const alone = {
    solar: ss > 0 && sy < 0 && (sy * sy) / ss > least ? sy / ss : 0,
    wind: ww > 0 && wy < 0 && (wy * wy) / ww > least ? wy / ww : 0,
  };
  const determinant = ss * ww - sw * sw;
  if (determinant > 1e-9 * ss * ww) {
    const solar = (sy * ww - wy * sw) / determinant;
    const wind = (wy * ss - sy * sw) / determinant;
    const gainOfSolar = solar * solar * (determinant / ww);
    const gainOfWind = wind * wind * (determinant / ss);
    if (solar < 0 && wind < 0 && gainOfSolar > least && gainOfWind > least)
      return { solarKwPerWm2: solar, windKw: wind };
  }
  const isSolar = ss > 0 && (ww === 0 || alone.solar * alone.solar * ss >= alone.wind * alone.wind * ww);
  return isSolar ? { solarKwPerWm2: alone.solar, windKw: 0 } : { solarKwPerWm2: 0, windKw: alone.wind };
}

function departures(series: Float64Array, list: readonly number[]): number[] {
  const mean = list.reduce((sum, i) => sum + series[i]!, 0) / list.length;
  return list.map((i) => series[i]! - mean);
}

/** Splits a median by the weather at its steps; a step with unknown weather has no solar or wind part. `ahead`: from the first step on. */
export function componentsOf(median: readonly number[], fit: ComponentFit, ahead: WeatherSeries): Components {
  const known = (value: number | undefined): number => (value === undefined || Number.isNaN(value) ? 0 : value);
  const solar = median.map((_, step) => roundedKw(fit.solarKwPerWm2 * Math.max(0, known(ahead.ghi[step]))));
  const wind = median.map((_, step) => roundedKw(fit.windKw * turbine(known(ahead.wind[step]))));
  return withRest(median, solar, wind);
}

/** The other part is the remainder of the median, to 0.01 kW, at the steps with known sun and wind. */
export const withRest = (median: readonly number[], solar: readonly number[], wind: readonly number[]): Components => ({
  solar,
  wind,
  other: solar.map((value, step) => roundedKw(median[step]! - value - wind[step]!)),
});
