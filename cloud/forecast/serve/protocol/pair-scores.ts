import { Scorer, type Score } from '../../../../shared/forecast/score.ts';
import { LoadstoneError } from '../../../../shared/outcome/outcome.ts';
import { filled } from '../../../../shared/forecast/series.ts';
import { HORIZON, type HourlyData } from './hourly-data.ts';
import { naiveBaseline } from './baselines.ts';
import { trainingOrigins, type PairForecasts, type TestPairs } from './pairs.ts';

const HORIZONS: readonly number[] = Array.from({ length: HORIZON }, (_, i) => i + 1);
/** Four days of targets. */
const LEAST_TRAINING_HOURS = 96;

/** Scores of a recipe on the test part, with the baselines of the protocol. */
export interface ProtocolScores extends Omit<Score, 'n'> {
  /** Weather known ahead; `none` if the data have none. */
  readonly weather: 'actual' | 'degraded' | 'none';
  /** nMAE per horizon, 1 to 24 h. */
  readonly byHorizon: Readonly<Record<number, number>>;
  readonly baselines: Baselines;
  /** Coverage of targets with measured irradiance above zero; null if the data have none. */
  readonly daylightCoverage80: number | null;
  /** Mean weight of each member over the test part. */
  readonly members: Readonly<Record<string, number>>;
  readonly fitSeconds: number;
  readonly testPairs: number;
  readonly firstTest: number;
}

/** `rmse`: in the unit of the load. */
export type PairScore = Score & { readonly rmse: number };
export type Baselines = Readonly<Record<'seasonalNaive24' | 'seasonalNaive168' | 'ridge', PairScore>>;

/** `ridge`: the forecasts of the protocol's ridge for the pairs. */
export function baselinesOf(load: Float64Array, pairs: TestPairs, ridge: PairForecasts): Baselines {
  const meanLoad = meanAbsoluteFrom(load, pairs.firstTest);
  const { values } = filled(load, 3600);
  const naive = (lag: number): PairScore => scoreOf(naiveBaseline(values, load, pairs, lag), pairs, meanLoad);
  return { seasonalNaive24: naive(24), seasonalNaive168: naive(168), ridge: scoreOf(ridge, pairs, meanLoad) };
}

/** Throws LS-FORECAST-007 with the reason if nothing can be fitted or scored. */
export function assertScorable(load: Float64Array, pairs: TestPairs): void {
  const problem = problemOf(load, pairs);
  if (problem !== undefined) throw new LoadstoneError('LS-FORECAST-007', problem);
}

function problemOf(load: Float64Array, pairs: TestPairs): string | undefined {
  if (pairs.count === 0 || HORIZONS.some((horizon) => pairs.ofHorizon(horizon).length === 0))
    return `at some horizon no load is known in the last 20 % (from hour ${pairs.firstTest + 1})`;
  if (!(meanAbsoluteFrom(load, pairs.firstTest) > 0))
    return `the load is zero throughout the last 20 % (from hour ${pairs.firstTest + 1}), so errors cannot be weighted by it`;
  const least = Math.min(...HORIZONS.map((horizon) => trainingOrigins(load, pairs.firstTest, horizon).length));
  if (least < LEAST_TRAINING_HOURS)
    return `${least} known hours to train on between the third week and the last 20 %; at least ${LEAST_TRAINING_HOURS} are needed`;
  return undefined;
}

/** Relative to the mean absolute load. Crossing quantiles are sorted. */
export function scoreOf(forecasts: PairForecasts, pairs: TestPairs, meanLoad: number): PairScore {
  const scorer = new Scorer();
  let squares = 0;
  for (let i = 0; i < pairs.count; i++) {
    const [low, mid, high] = [forecasts.low[i]!, forecasts.mid[i]!, forecasts.high[i]!].sort((a, b) => a - b);
    scorer.add(pairs.actual[i]!, { low: low!, mid: mid!, high: high!, point: forecasts.point[i]! });
    squares += (pairs.actual[i]! - forecasts.point[i]!) ** 2;
  }
  return { ...scorer.score(meanLoad), rmse: Math.sqrt(squares / pairs.count) };
}

/** Coverage of targets with irradiance above zero; null if the data have none. */
export function daylightCoverage(
  { low, high }: PairForecasts,
  pairs: TestPairs,
  { weather }: HourlyData,
): number | null {
  const ghi = weather.find(({ name }) => name === 'ghi')?.values;
  if (ghi === undefined) return null;
  const lit = [...pairs.actual.keys()].filter((i) => ghi[pairs.origins[i]! + pairs.horizons[i]!]! > 0);
  return lit.filter((i) => pairs.actual[i]! >= low[i]! && pairs.actual[i]! <= high[i]!).length / lit.length;
}

/** nMAE per horizon, 1 to 24 h. */
export function byHorizon(forecasts: PairForecasts, pairs: TestPairs, meanLoad: number): Record<number, number> {
  const out: Record<number, number> = {};
  for (let horizon = 1; horizon <= HORIZON; horizon++) {
    const ids = pairs.ofHorizon(horizon);
    const sum = ids.reduce((total, i) => total + Math.abs(pairs.actual[i]! - forecasts.point[i]!), 0);
    out[horizon] = sum / ids.length / meanLoad;
  }
  return out;
}

/** Mean absolute load from an index on, ignoring unknown values. */
export function meanAbsoluteFrom(load: Float64Array, from: number): number {
  const known = load.subarray(from).filter((value) => !Number.isNaN(value));
  return known.reduce((sum, value) => sum + Math.abs(value), 0) / known.length;
}
