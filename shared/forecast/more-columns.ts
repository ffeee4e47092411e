import { stepsPerDay } from './series.ts';
import type { DayKinds, StepCalendar } from './step-calendar.ts';

/** Heating starts below, cooling above, degrees Celsius. */
const HEATING = 15;
const COOLING = 18;
/** Smallest divisor for a usual irradiance, W/m2. */
const LEAST_GHI = 20;
const MOST_CLEARER = 3;
const HOURS = 24;

interface Asked {
  readonly weather: boolean;
  readonly temperature?: boolean;
  readonly year?: boolean;
}

const originHours: readonly string[] = Array.from({ length: HOURS }, (_, i) => `hour${i + 1}`);
const originTemperature = ['temperature1', 'temperatureMean24h'] as const;

const stepLoad = [
  'day3',
  'day4',
  'day5',
  'day6',
  'day1Before',
  'day1After',
  'week1Before',
  'week1After',
  'monday',
  'tuesday',
  'wednesday',
  'thursday',
  'friday',
  'saturday',
  'sunday',
  'holiday',
  'bridge',
  'freeChange7',
  'freeSwap',
  'freeSin',
  'freeCos',
  'anomaly1hSin',
  'anomaly1hCos',
  'anomaly24hSin',
  'anomaly24hCos',
  'day1Sin',
  'day1Cos',
] as const;
const stepYear = ['yearSin1', 'yearCos1', 'yearSin2', 'yearCos2'] as const;
const stepSun = ['ghiBefore', 'ghiMean24h', 'clearMean7', 'clearDay1'] as const;
const stepTemperature = [
  'temperature',
  'temperatureBefore',
  'temperatureMean24',
  'temperatureMean72',
  'temperatureDay1',
  'temperatureWeek1',
  'temperatureMean7',
  'heating',
  'cooling',
  'heatingMean24',
  'heatingSin',
  'heatingCos',
  'coolingSin',
  'coolingCos',
  'heatingFree',
] as const;

/** Columns that version 2 appends to those of version 1: of the origin, and of each step. */
export const moreOrigin = ({ temperature }: Asked): readonly string[] => [
  ...originHours,
  ...(temperature === true ? originTemperature : []),
];
export const moreStep = ({ weather, temperature, year }: Asked): readonly string[] => [
  ...stepLoad,
  ...(year === true ? stepYear : []),
  ...(weather ? stepSun : []),
  ...(temperature === true ? stepTemperature : []),
];

/** Inputs of the columns, without gaps. */
export interface ColumnParts {
  readonly load: Float64Array;
  /** Mean of seven days at the same time of day, by index. */
  readonly mean7: Float64Array;
  readonly calendar: StepCalendar;
  /** Index of the same local time some days earlier. */
  readonly lag: (target: number, days: number) => number;
  readonly ghi?: Float64Array;
  readonly turbine?: Float64Array;
  readonly temperature?: Float64Array;
}

interface StepAt {
  readonly next: number;
  readonly target: number;
  /** Fewest days back at which the same local time is known, and its index. */
  readonly first: number;
  readonly day1: number;
  readonly mean7: number;
}

/** Writes the columns that version 2 appends to those of version 1. */
export class MoreColumns {
  readonly #parts: ColumnParts;
  readonly #day: number;
  readonly #hasYear: boolean;
  readonly #kinds: DayKinds;
  readonly #load: Sums;
  readonly #usual: Sums;
  readonly #ghi: Sums | undefined;
  readonly #temperature: Sums | undefined;

  constructor({ stepS, year }: { readonly stepS: number; readonly year?: boolean }, parts: ColumnParts) {
    this.#hasYear = year === true;
    this.#parts = parts;
    this.#day = stepsPerDay(stepS);
    this.#kinds = parts.calendar.days();
    this.#load = new Sums(parts.load);
    this.#usual = new Sums(parts.mean7);
    this.#ghi = parts.ghi && new Sums(parts.ghi);
    this.#temperature = parts.temperature && new Sums(parts.temperature);
  }

  origin(next: number, out: Float32Array, at: number): void {
    const hour = this.#day / HOURS;
    let i = at;
    for (let back = 1; back <= HOURS; back++) out[i++] = this.#load.mean(next - back * hour, hour);
    if (this.#temperature === undefined) return;
    out[i++] = this.#temperature.at(next - 1);
    out[i++] = this.#temperature.mean(next - this.#day, this.#day);
  }

  step(step: StepAt, out: Float32Array, at: number): void {
    let i = this.#loads(step, out, at);
    if (this.#ghi !== undefined) i = this.#sun(step, this.#ghi, out, i);
    if (this.#temperature !== undefined) this.#warmth(step, this.#temperature, out, i);
  }

  #loads({ next, target, first, day1, mean7 }: StepAt, out: Float32Array, at: number): number {
    const { lag, calendar } = this.#parts;
    const { free, sin, cos } = calendar;
    const { weekday, holiday, bridge, yearAngle } = this.#kinds;
    const hour = this.#day / HOURS;
    const load = (index: number): number => this.#load.at(Math.min(index, next - 1));
    const week1 = this.#week1(next, target);
    const [s, c] = [sin[target]!, cos[target]!];
    const isFree = free[target]!;
    const change7 = isFree - (free[week1] ?? 0);
    let i = at;
    for (let day = 2; day < 6; day++) out[i++] = load(lag(target, first + day));
    for (const near of [day1, week1]) {
      out[i++] = load(near - hour);
      out[i++] = load(near + hour);
    }
    for (let day = 0; day < 7; day++) out[i++] = weekday[target] === day ? 1 : 0;
    out[i++] = holiday[target]!;
    out[i++] = bridge[target]!;
    out[i++] = change7;
    // If the day before was of another kind, last week may be closer.
    out[i++] = isFree === (free[day1] ?? 0) ? 0 : load(day1) - load(week1);
    out[i++] = isFree * s;
    out[i++] = isFree * c;
    for (const count of [hour, this.#day]) {
      const anomaly = this.#load.mean(next - count, count) - this.#usual.mean(next - count, count);
      out[i++] = anomaly * s;
      out[i++] = anomaly * c;
    }
    const departure = load(day1) - mean7;
    out[i++] = departure * s;
    out[i++] = departure * c;
    if (!this.#hasYear) return i;
    for (const angle of [yearAngle[target]!, 2 * yearAngle[target]!]) {
      out[i++] = Math.sin(angle);
      out[i++] = Math.cos(angle);
    }
    return i;
  }

  #sun({ target, first, day1, mean7 }: StepAt, ghi: Sums, out: Float32Array, at: number): number {
    const now = ghi.at(target);
    const clearer = (before: number): number => Math.min(MOST_CLEARER, now / Math.max(LEAST_GHI, before));
    let i = at;
    out[i++] = ghi.at(target - this.#day / HOURS);
    out[i++] = ghi.mean(target + 1 - this.#day, this.#day);
    out[i++] = mean7 * clearer(this.#usualAt(ghi, target, first));
    out[i++] = this.#load.at(day1) * clearer(ghi.at(day1));
    return i;
  }

  #warmth({ next, target, first, day1 }: StepAt, temperature: Sums, out: Float32Array, at: number): void {
    const { sin, cos, free } = this.#parts.calendar;
    const now = temperature.at(target);
    const ofDay = temperature.mean(target + 1 - this.#day, this.#day);
    const heating = Math.max(0, HEATING - now);
    const cooling = Math.max(0, now - COOLING);
    const [s, c] = [sin[target]!, cos[target]!];
    out.set(
      [
        now,
        temperature.at(target - this.#day / HOURS),
        ofDay,
        temperature.mean(target + 1 - 3 * this.#day, 3 * this.#day),
        now - temperature.at(day1),
        now - temperature.at(this.#week1(next, target)),
        now - this.#usualAt(temperature, target, first),
        heating,
        cooling,
        Math.max(0, HEATING - ofDay),
        heating * s,
        heating * c,
        cooling * s,
        cooling * c,
        heating * free[target]!,
      ],
      at,
    );
  }

  /** The same local time a week earlier; two weeks earlier if a week is not before the origin. */
  #week1(next: number, target: number): number {
    const { lag } = this.#parts;
    return Math.max(0, lag(target, lag(target, 7) < next ? 7 : 14));
  }

  #usualAt(series: Sums, target: number, first: number): number {
    let sum = 0;
    for (let day = first; day < first + 7; day++) sum += series.at(this.#parts.lag(target, day));
    return sum / 7;
  }
}

/** Means over ranges of a series. Indices before its start read the first value. */
class Sums {
  readonly #values: Float64Array;
  readonly #sums: Float64Array;

  constructor(values: Float64Array) {
    this.#values = values;
    this.#sums = new Float64Array(values.length + 1);
    for (let i = 0; i < values.length; i++) this.#sums[i + 1] = this.#sums[i]! + values[i]!;
  }

  at(index: number): number {
    return this.#values[Math.max(0, index)]!;
  }

  mean(from: number, count: number): number {
    const before = Math.min(count, Math.max(0, -from));
    const inside = this.#sums[Math.max(0, from + count)]! - this.#sums[Math.max(0, from)]!;
    return (before * this.#values[0]! + inside) / count;
  }
}
