import type { LocalCalendar } from '../../../shared/forecast/calendar.ts';
import { turbine, type WeatherSeries } from '../../../shared/forecast/features.ts';
import type { LoadSeries } from '../../../shared/forecast/series.ts';
import { roundedKw } from './rounded-kw.ts';

/** What sun and wind take off a load, both at most 0. */
export interface ComponentFit {
  /** kW for each W/m2 of global irradiance on the horizontal. */
  readonly solarKwPerWm2: number;
  /** kW at the turbines' rated power. */
  readonly windKw: number;
}

/** Medians, kW, one value a step, that add up to the forecast's. */
export interface Components {
  readonly solar: readonly number[];
  readonly wind: readonly number[];
  readonly other: readonly number[];
}

const LEAST_DAYS = 14;
/** Less of the load's spread about its usual day than this is no sign of a plant. */
const LEAST_SHARE = 0.02;

/**
 * Least squares of what a load departs from its usual day on what irradiance and turbine power do: the usual day is the mean of the
 * same local hour on working or on free days, so that neither the hour nor the kind of day is taken for the sun. `weather` is on the
 * grid of the load, from the same start. Undefined where too little is known.
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

/** Both together; one alone where the other would be a consumption or explains next to nothing beside it. */
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

/** The split of a median by the weather at its steps; a step whose weather is not known has none. `ahead`: from the first step on. */
export function componentsOf(median: readonly number[], fit: ComponentFit, ahead: WeatherSeries): Components {
  const known = (value: number | undefined): number => (value === undefined || Number.isNaN(value) ? 0 : value);
  const solar = median.map((_, step) => roundedKw(fit.solarKwPerWm2 * Math.max(0, known(ahead.ghi[step]))));
  const wind = median.map((_, step) => roundedKw(fit.windKw * turbine(known(ahead.wind[step]))));
  return withRest(median, solar, wind);
}

/** What is left of the median is the other part, to 0.01 kW, at the steps that sun and wind are known at. */
export const withRest = (median: readonly number[], solar: readonly number[], wind: readonly number[]): Components => ({
  solar,
  wind,
  other: solar.map((value, step) => roundedKw(median[step]! - value - wind[step]!)),
});
