import { LocalCalendar } from '../../../shared/forecast/calendar.ts';
import type { WeatherSeries } from '../../../shared/forecast/features.ts';
import { Scorer, type Score } from '../../../shared/forecast/score.ts';
import { blended, recalibrated } from './blend.ts';
import { HORIZON, HourlyDesign, type HourlyData, type WeatherName } from './hourly.ts';
import { linearMember, naiveMember, ridgeMember } from './members.ts';
import { TestPairs, type PairForecasts } from './pairs.ts';
import { degradedWeather } from './weather-error.ts';

export interface BacktestResult extends Omit<Score, 'n'> {
  /** nMAE per horizon, 1 to 24 h. */
  readonly byHorizon: Readonly<Record<number, number>>;
  readonly baselines: Readonly<Record<'seasonalNaive24' | 'seasonalNaive168' | 'ridge', Score>>;
  /** Mean weight of each member over the test part. */
  readonly members: Readonly<Record<string, number>>;
  readonly fitSeconds: number;
  readonly testPairs: number;
  readonly firstTest: number;
}

export interface BacktestOptions {
  readonly zone: string;
  /** `degraded`: the actual weather with seeded forecast errors; its baseline ridge gets the same. */
  readonly weather: 'actual' | 'degraded' | 'none';
  readonly seed: number;
  /** Machine time, ms. */
  readonly elapsed: () => number;
}

/**
 * Direct hourly forecasts 1 to 24 h ahead under the protocol of the published baselines: the last 20 % is the test part, origins
 * 5 hours apart, one fit on the training part. Weights and tails are learnt online from errors known at each origin.
 */
export function backtest(input: HourlyData, options: BacktestOptions): BacktestResult {
  const begin = options.elapsed();
  const data = options.weather === 'none' ? { ...input, weather: [] } : input;
  const error = options.weather === 'degraded' ? degradedWeather(options.seed) : undefined;
  const calendar = new LocalCalendar(options.zone);
  const pairs = new TestPairs(data.load);
  const design = new HourlyDesign(data, calendar, error);
  const ridge = ridgeMember(design, data.load, pairs);
  const linear = linearMember(data, calendar, pairs, weatherOf(data, error));
  const { forecasts, weights } = blended([ridge, linear], pairs);
  const final = recalibrated(forecasts, pairs);
  const fitSeconds = (options.elapsed() - begin) / 1000;

  const meanLoad = meanAbsoluteFrom(data.load, pairs.firstTest);
  const naive = (lag: number): Score => scoreOf(naiveMember(design.values, data.load, pairs, lag), pairs, meanLoad);
  const { n, ...score } = scoreOf(final, pairs, meanLoad);
  return {
    ...score,
    byHorizon: byHorizon(final, pairs, meanLoad),
    baselines: {
      seasonalNaive24: naive(24),
      seasonalNaive168: naive(168),
      ridge: scoreOf(ridge, pairs, meanLoad),
    },
    members: { ridge: weights[0]!, linear: weights[1]! },
    fitSeconds,
    testPairs: n,
    firstTest: pairs.firstTest,
  };
}

/** Irradiance and wind as an origin knows them; nothing where neither is in the data. */
function weatherOf(
  data: HourlyData,
  error: ReturnType<typeof degradedWeather> | undefined,
): (origin: number) => WeatherSeries | undefined {
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

function scoreOf(forecasts: PairForecasts, pairs: TestPairs, meanLoad: number): Score {
  const scorer = new Scorer();
  for (let i = 0; i < pairs.count; i++) {
    const [low, mid, high] = [forecasts.low[i]!, forecasts.mid[i]!, forecasts.high[i]!].sort((a, b) => a - b);
    scorer.add(pairs.actual[i]!, { low: low!, mid: mid!, high: high!, point: forecasts.point[i]! });
  }
  return scorer.score(meanLoad);
}

function byHorizon(forecasts: PairForecasts, pairs: TestPairs, meanLoad: number): Record<number, number> {
  const out: Record<number, number> = {};
  for (let horizon = 1; horizon <= HORIZON; horizon++) {
    const ids = pairs.ofHorizon(horizon);
    const sum = ids.reduce((total, i) => total + Math.abs(pairs.actual[i]! - forecasts.point[i]!), 0);
    out[horizon] = sum / ids.length / meanLoad;
  }
  return out;
}

function meanAbsoluteFrom(load: Float64Array, from: number): number {
  const known = load.subarray(from).filter((value) => !Number.isNaN(value));
  return known.reduce((sum, value) => sum + Math.abs(value), 0) / known.length;
}
