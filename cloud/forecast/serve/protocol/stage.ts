import { LocalCalendar } from '../../../../shared/forecast/calendar.ts';
import type { WeatherSeries } from '../../../../shared/forecast/features.ts';
import { forecastTasks } from '../forecast-tasks.ts';
import { HORIZON, type HourlyData } from './hourly-data.ts';
import { HourlyContext, HourlyDesign } from './hourly.ts';
import type { WeatherName } from './weather-error.ts';
import { hourRidge } from './hour-ridge.ts';
import { lagRidge } from './lag-ridge.ts';
import { linearMember, ridgeMember } from './members.ts';
import { TestPairs, type PairForecasts } from './pairs.ts';
import { boostMember, mlpMember, USUAL_LENGTHS } from './pooled-members.ts';
import { degradedWeather, type WeatherError } from './weather-error.ts';

export const memberNames = [
  'ridge',
  'linear',
  'lagRidge',
  'hourRidge',
  'boostLevel',
  'boostDifference',
  'mlpLevel',
  'mlpDifference',
] as const;
export type MemberName = (typeof memberNames)[number];

/** Hours of history from which on a member is trained. */
export const leastHours: Readonly<Record<MemberName, number>> = {
  ridge: 0,
  linear: 0,
  lagRidge: 4 * 168,
  hourRidge: 8 * 168,
  boostLevel: 8 * 168,
  boostDifference: 8 * 168,
  mlpLevel: 26 * 168,
  mlpDifference: 26 * 168,
};

export interface StageInput {
  readonly data: HourlyData;
  readonly zone: string;
  /** Whether the weather behind an origin carries seeded forecast errors. */
  readonly degraded: boolean;
  readonly seed: number;
  readonly members: readonly MemberName[];
  /**
   * By member, as validation found them: rounds, epochs, and of the ridge by hour the hours of the day beside. `find`: this is the
   * validation, its test part lies before the real one.
   */
  readonly lengths: Readonly<Partial<Record<MemberName, readonly number[]>>> | 'find';
}

export interface StageResult {
  readonly forecasts: Partial<Record<MemberName, PairForecasts>>;
  readonly lengths: Partial<Record<MemberName, readonly number[]>>;
}

/** Fits some members on the training part of the data and forecasts the pairs of its test part. */
function fitStage({ data, zone, degraded, seed, members, lengths }: StageInput): StageResult {
  const error = degraded ? degradedWeather(seed) : undefined;
  const calendar = new LocalCalendar(zone);
  const context = new HourlyContext(data, calendar, error);
  const pairs = new TestPairs(data.load);
  const result: Required<StageResult> = { forecasts: {}, lengths: {} };
  let lags: ReturnType<typeof lagRidge> | undefined;
  const base = (origin: number, horizon: number): number => (lags ??= lagRidge(context, pairs)).point(origin, horizon);
  const level = { form: 'level', base: () => 0, seed } as const;
  const difference = { form: 'difference', base, seed } as const;
  const pooled = (name: MemberName): PairForecasts => {
    const kind = name.startsWith('boost') ? 'boost' : 'mlp';
    const form = name.endsWith('Level') ? level : difference;
    const known = lengths === 'find' ? lengths : (lengths[name] ?? USUAL_LENGTHS[kind]);
    const fitted = (kind === 'boost' ? boostMember : mlpMember)(context, pairs, { ...form, lengths: known });
    result.lengths[name] = fitted.lengths;
    return fitted.forecasts;
  };
  const hours = (): PairForecasts => {
    const { forecasts, beside } = hourRidge(context, pairs, lengths === 'find' ? lengths : lengths.hourRidge?.[0]);
    result.lengths.hourRidge = [beside];
    return forecasts;
  };
  const one = (name: MemberName): PairForecasts => {
    switch (name) {
      case 'ridge':
        return ridgeMember(new HourlyDesign(context), data.load, pairs);
      case 'linear':
        return linearMember(data, calendar, pairs, weatherOf(data, error));
      case 'lagRidge':
        return (lags ??= lagRidge(context, pairs)).forecasts;
      case 'hourRidge':
        return hours();
      case 'boostLevel':
      case 'boostDifference':
      case 'mlpLevel':
      case 'mlpDifference':
        return pooled(name);
    }
  };
  for (const name of members) result.forecasts[name] = one(name);
  return result;
}

/** Task table of the backtest's pool: the protocol's own members, and the training of production. */
export const protocolTasks = { fitStage, ...forecastTasks };
export type ProtocolTasks = typeof protocolTasks;

/** Irradiance and wind as an origin knows them; nothing where neither is in the data. */
function weatherOf(data: HourlyData, error: WeatherError | undefined): (origin: number) => WeatherSeries | undefined {
  const column = (name: WeatherName): Float64Array | undefined =>
    data.weather.find((each) => each.name === name)?.values;
  const [ghi, wind] = [column('ghi'), column('wind')];
  if (ghi === undefined && wind === undefined) return () => undefined;
  const nothing = new Float64Array(data.load.length);
  const actual: WeatherSeries = { ghi: ghi ?? nothing, wind: wind ?? nothing };
  if (error === undefined) return () => actual;
  const known = (name: 'ghi' | 'wind', values: Float64Array, origin: number): Float64Array => {
    const out = Float64Array.from(values);
    const end = Math.min(out.length, origin + 1 + HORIZON);
    for (let i = origin + 1; i < end; i++) out[i] = error(name, { origin, lead: i - origin, actual: values[i]! });
    return out;
  };
  return (origin) =>
    origin >= data.load.length
      ? actual
      : { ghi: known('ghi', actual.ghi, origin), wind: known('wind', actual.wind, origin) };
}
