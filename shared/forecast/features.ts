import type { LocalCalendar } from './calendar.ts';
import { MoreColumns, moreOrigin, moreStep } from './more-columns.ts';
import { dayRepeated, filled, stepsPerDay, type LoadSeries } from './series.ts';
import { StepCalendar } from './step-calendar.ts';

/**
 * The feature schema: the same code at the edge and in the cloud, at any resolution. A row belongs to one origin: first the features of the
 * recent past, then for each target step the features of its time. Lags follow local time of day, so they hold across a change of daylight
 * saving. Load is read only before the origin; weather is read at the target. Version 2 appends columns to those of version 1: hours, kinds
 * of day, and the temperature.
 */
export const FEATURE_VERSIONS = [1, 2] as const;
export type FeatureVersion = (typeof FEATURE_VERSIONS)[number];

export interface FeatureSchema {
  /** Default: 1. */
  readonly version?: FeatureVersion;
  readonly steps: number;
  readonly stepS: number;
  /** Solar irradiance and wind. */
  readonly weather: boolean;
  /** From version 2 on; default: false. */
  readonly temperature?: boolean;
  /** The time of the year, from version 2 on; default: false. */
  readonly year?: boolean;
}

/** The fields of a manifest that define the columns of a model's row. */
interface FeaturesOfModel {
  readonly featureVersion: number;
  readonly features: readonly string[];
  readonly steps: number;
  readonly stepS: number;
  readonly weather: 'none' | 'hindcast' | 'vintage';
}

/** The schema of a model; undefined if its version is unknown here. */
export function schemaOf({
  featureVersion,
  features,
  steps,
  stepS,
  weather,
}: FeaturesOfModel): FeatureSchema | undefined {
  const version = FEATURE_VERSIONS.find((each) => each === featureVersion);
  if (version === undefined) return undefined;
  if (version === 1) return { version, steps, stepS, weather: weather !== 'none' };
  const temperature = features.includes('temperature1');
  const year = features.includes('yearSin1@*');
  return { version, steps, stepS, weather: features.includes('ghi1'), temperature, year };
}

/**
 * Weather on the grid of the load, from the same start through the last target step. NaN where unknown; the last known value fills a gap at
 * the end.
 */
export interface WeatherSeries {
  /** Global horizontal irradiance, W/m2. */
  readonly ghi: Float64Array;
  /** Wind speed at hub height, m/s. */
  readonly wind: Float64Array;
  /** Degrees Celsius; absent if the source has none. */
  readonly temperature?: Float64Array | undefined;
}

const originBase = [
  'last1',
  'last2',
  'last3',
  'last4',
  'mean4h',
  'mean24h',
  'mean7d',
  'anomaly1',
  'anomaly1h',
  'anomaly4h',
  'anomaly24h',
] as const;
const originWeather = [
  'turbine1',
  'turbineAnomaly1',
  'turbineAnomaly1h',
  'turbineAnomaly4h',
  'ghi1',
  'ghiAnomaly1',
  'ghiAnomaly1h',
  'turbineAnomaly24h',
  'ghiAnomaly24h',
] as const;
const stepBase = [
  'day1',
  'day2',
  'week1',
  'mean7',
  'spread7',
  'sin1',
  'cos1',
  'sin2',
  'cos2',
  'free',
  'freeChange',
] as const;
const stepWeather = [
  'ghi',
  'turbine',
  'wind',
  'ghiDay1',
  'turbineDay1',
  'ghiMean7',
  'turbineMean7',
  'ghiSin',
  'ghiCos',
] as const;

type Asked = Pick<FeatureSchema, 'version' | 'weather' | 'temperature' | 'year'>;

export const originFeatures = (asked: Asked): readonly string[] => [
  ...originBase,
  ...(asked.weather ? originWeather : []),
  ...(asked.version === 2 ? moreOrigin(asked) : []),
];

export const stepFeatures = (asked: Asked): readonly string[] => [
  ...stepBase,
  ...(asked.weather ? stepWeather : []),
  ...(asked.version === 2 ? moreStep(asked) : []),
];

/** Column names of a row: origin features, then `<name>@<step>` step by step, steps counted from 1. */
export function featureNames(schema: FeatureSchema): string[] {
  const perStep = stepFeatures(schema);
  const names = [...originFeatures(schema)];
  for (let step = 1; step <= schema.steps; step++) names.push(...perStep.map((name) => `${name}@${step}`));
  return names;
}

/**
 * Column names as written in a manifest. From version 2 on the columns of a step appear once, as `<name>@*`, because every step has the
 * same.
 */
export const manifestFeatures = (schema: FeatureSchema): string[] =>
  schema.version === 2
    ? [...originFeatures(schema), ...stepFeatures(schema).map((name) => `${name}@*`)]
    : featureNames(schema);

/** The columns of a model's row, from the names in its manifest. */
export function rowColumns({ features, steps }: Pick<FeaturesOfModel, 'features' | 'steps'>): string[] {
  const ofEach = features.filter((name) => name.endsWith('@*'));
  const names = features.filter((name) => !name.endsWith('@*'));
  for (let step = 1; ofEach.length > 0 && step <= steps; step++)
    names.push(...ofEach.map((name) => name.replace('*', String(step))));
  return names;
}

/** Days of history that a row reads before its origin: seven, plus one for the second day of the horizon. */
export const HISTORY_DAYS = 8;

/** Power of a wind turbine as a share of rated power, by wind speed: cubic from 3 to 12 m/s. */
export const turbine = (wind: number): number => Math.min(1, Math.max(0, (wind ** 3 - 27) / (12 ** 3 - 27)));

/** Computes feature rows over one series. Index i is interval i of the load; targets may lie beyond its end. */
export class FeatureSource {
  readonly schema: FeatureSchema;
  readonly originCount: number;
  readonly stepCount: number;
  readonly #load: Float64Array;
  readonly #day: number;
  readonly #calendar: StepCalendar;
  readonly #mean7: Float64Array;
  readonly #weather: Filled | undefined;
  readonly #more: MoreColumns | undefined;

  constructor(schema: FeatureSchema, load: LoadSeries, calendar: LocalCalendar, weather?: WeatherSeries) {
    this.schema = schema;
    this.originCount = originFeatures(schema).length;
    this.stepCount = stepFeatures(schema).length;
    this.#day = stepsPerDay(schema.stepS);
    this.#load = filled(load.values, schema.stepS).values;
    this.#calendar = new StepCalendar(load, schema.steps, calendar);
    this.#mean7 = this.#means(this.#load);
    if (schema.weather) {
      if (weather === undefined) throw new RangeError('a feature schema with weather needs weather data');
      this.#weather = this.#fillWeather(weather);
    }
    if (schema.version !== 2) return;
    const count = this.#load.length + schema.steps;
    const temperature = schema.temperature === true ? weather?.temperature : undefined;
    if (schema.temperature === true && temperature === undefined)
      throw new RangeError('a feature schema with temperature needs temperature data');
    this.#more = new MoreColumns(schema, {
      load: this.#load,
      mean7: this.#mean7,
      calendar: this.#calendar,
      lag: (target, days) => this.#lag(target, days),
      ...(this.#weather && { ghi: this.#weather.ghi, turbine: this.#weather.turbine }),
      ...(temperature && { temperature: dayRepeated(temperature, count, schema.stepS) }),
    });
  }

  /** The complete row for the origin whose first target is index `next`. */
  row(next: number, out = new Float32Array(this.originCount + this.schema.steps * this.stepCount)): Float32Array {
    this.origin(next, out, 0);
    for (let step = 0; step < this.schema.steps; step++) {
      this.step(next, step, out, this.originCount + step * this.stepCount);
    }
    return out;
  }

  /** Writes the origin features to `out` from index `at`. */
  origin(next: number, out: Float32Array, at: number): void {
    const load = this.#load;
    const hour = this.#day / 24;
    const last = next - 1;
    const anomaly = (series: Float64Array, mean7: Float64Array, count: number): number =>
      mean(series, next - count, next) - mean(mean7, next - count, next);
    let i = at;
    for (let back = 0; back < 4; back++) out[i++] = value(load, last - back);
    out[i++] = mean(load, next - 4 * hour, next);
    out[i++] = mean(load, next - this.#day, next);
    out[i++] = mean(load, next - 7 * this.#day, next);
    for (const count of [1, hour, 4 * hour, this.#day]) out[i++] = anomaly(load, this.#mean7, count);
    const weather = this.#weather;
    if (weather !== undefined) i = this.#originWeather(weather, next, out, i);
    this.#more?.origin(next, out, i);
  }

  #originWeather(weather: Filled, next: number, out: Float32Array, at: number): number {
    const hour = this.#day / 24;
    const last = next - 1;
    const anomaly = (series: Float64Array, mean7: Float64Array, count: number): number =>
      mean(series, next - count, next) - mean(mean7, next - count, next);
    let i = at;
    out[i++] = value(weather.turbine, last);
    for (const count of [1, hour, 4 * hour]) out[i++] = anomaly(weather.turbine, weather.turbineMean7, count);
    out[i++] = value(weather.ghi, last);
    for (const count of [1, hour]) out[i++] = anomaly(weather.ghi, weather.ghiMean7, count);
    out[i++] = anomaly(weather.turbine, weather.turbineMean7, this.#day);
    out[i++] = anomaly(weather.ghi, weather.ghiMean7, this.#day);
    return i;
  }

  /** Writes the features of target index `next + step` to `out` from index `at`. */
  step(next: number, step: number, out: Float32Array, at: number): void {
    const target = next + step;
    const load = this.#load;
    const { sin, cos, free } = this.#calendar;
    const first = this.#firstKnownDay(next, target);
    const day1 = this.#lag(target, first);
    let sum = 0;
    let squares = 0;
    for (let day = first; day < first + 7; day++) {
      const each = value(load, this.#lag(target, day));
      sum += each;
      squares += each * each;
    }
    const mean7 = sum / 7;
    const s = sin[target]!;
    const c = cos[target]!;
    let i = at;
    out[i++] = value(load, day1);
    out[i++] = value(load, this.#lag(target, first + 1));
    out[i++] = value(load, this.#lag(target, this.#lag(target, 7) < next ? 7 : 14));
    out[i++] = mean7;
    out[i++] = Math.sqrt(Math.max(0, squares / 7 - mean7 * mean7));
    out[i++] = s;
    out[i++] = c;
    out[i++] = 2 * s * c;
    out[i++] = c * c - s * s;
    out[i++] = free[target]!;
    out[i++] = free[target]! - (free[day1] ?? 0);
    const weather = this.#weather;
    if (weather !== undefined) i = this.#stepWeather(weather, { target, first, day1 }, out, i);
    this.#more?.step({ next, target, first, day1, mean7 }, out, i);
  }

  #stepWeather(
    weather: Filled,
    { target, first, day1 }: { readonly target: number; readonly first: number; readonly day1: number },
    out: Float32Array,
    at: number,
  ): number {
    const { sin, cos } = this.#calendar;
    const [s, c] = [sin[target]!, cos[target]!];
    const ghi = weather.ghi[target]!;
    let i = at;
    out[i++] = ghi;
    out[i++] = weather.turbine[target]!;
    out[i++] = weather.wind[target]!;
    out[i++] = value(weather.ghi, day1);
    out[i++] = value(weather.turbine, day1);
    out[i++] = this.#mean7At(weather.ghi, target, first);
    out[i++] = this.#mean7At(weather.turbine, target, first);
    out[i++] = ghi * s;
    out[i++] = ghi * c;
    return i;
  }

  /** Fewest days back at which the same local time is known at the origin: 1 on the first day, then 2. */
  #firstKnownDay(next: number, target: number): number {
    let days = 1;
    while (this.#lag(target, days) >= next) days++;
    return days;
  }

  /** Index of the same local time `days` earlier. */
  #lag(target: number, days: number): number {
    const { shift } = this.#calendar;
    const back = target - days * this.#day;
    return back + shift[target]! - (shift[Math.max(0, back)] ?? 0);
  }

  #mean7At(series: Float64Array, target: number, first: number): number {
    let sum = 0;
    for (let day = first; day < first + 7; day++) sum += value(series, this.#lag(target, day));
    return sum / 7;
  }

  #means(series: Float64Array): Float64Array {
    return Float64Array.from(series, (_, i) => this.#mean7At(series, i, 1));
  }

  #fillWeather(weather: WeatherSeries): Filled {
    const count = this.#load.length + this.schema.steps;
    const ghi = dayRepeated(weather.ghi, count, this.schema.stepS);
    const wind = dayRepeated(weather.wind, count, this.schema.stepS);
    const power = Float64Array.from(wind, turbine);
    return { ghi, wind, turbine: power, ghiMean7: this.#means(ghi), turbineMean7: this.#means(power) };
  }
}

interface Filled {
  readonly ghi: Float64Array;
  readonly wind: Float64Array;
  readonly turbine: Float64Array;
  readonly ghiMean7: Float64Array;
  readonly turbineMean7: Float64Array;
}

/** Indices before the start read the first value. */
const value = (series: Float64Array, index: number): number => series[index < 0 ? 0 : index]!;

function mean(series: Float64Array, from: number, to: number): number {
  let sum = 0;
  for (let i = from; i < to; i++) sum += value(series, i);
  return sum / (to - from);
}
