import type { Compute } from '../../../../shared/ports/compute.ts';
import { Scorer, type Score } from '../../../../shared/forecast/score.ts';
import { filled } from '../../../../shared/forecast/series.ts';
import { LoadstoneError } from '../../../../shared/outcome/outcome.ts';
import { blended, recalibrated, type BlendSettings } from './blend.ts';
import { chosenBlend, type Candidate } from './choose.ts';
import { HORIZON, type HourlyData } from './hourly-data.ts';
import { completeOrigins } from './lag-ridge.ts';
import { naiveMember } from './members.ts';
import { after, joined, TestPairs, trainingOrigins, type PairForecasts, type Pairs } from './pairs.ts';
import {
  leastHours,
  memberNames,
  type MemberName,
  type ProtocolTasks,
  type StageInput,
  type StageResult,
} from './stage.ts';

export interface BacktestResult extends Omit<Score, 'n'> {
  /** What the forecasts knew of the weather ahead; `none` where the data hold none. */
  readonly weather: BacktestOptions['weather'];
  /** nMAE per horizon, 1 to 24 h. */
  readonly byHorizon: Readonly<Record<number, number>>;
  readonly baselines: Readonly<Record<'seasonalNaive24' | 'seasonalNaive168' | 'ridge', Score>>;
  /** Coverage of the targets with any measured irradiance; null where the data hold none. */
  readonly daylightCoverage80: number | null;
  /** Mean weight of each member over the test part. */
  readonly members: Readonly<Record<string, number>>;
  /** What the same members reached on the last 20 % before the test part, where all was chosen; null where history is short. */
  readonly validation: (Omit<Score, 'n'> & BlendSettings) | null;
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
  readonly compute: Compute<ProtocolTasks>;
  /** Members that may be used, the ridge of the baselines among them; default: all. */
  readonly members?: readonly MemberName[];
  /** Told what is done. */
  readonly progress?: (what: string) => void;
}

/** Members that one thread fits, of about equal work. */
const SHARES: readonly (readonly MemberName[])[] = [
  ['ridge', 'linear', 'lagRidge', 'hourRidge', 'boostDifference'],
  ['boostLevel', 'mlpLevel', 'mlpDifference'],
];

const HORIZONS: readonly number[] = Array.from({ length: HORIZON }, (_, i) => i + 1);
/** Four days of targets. */
const LEAST_TRAINING_HOURS = 96;
/** Origins with all 24 targets known, below which nothing is fitted on lags: two weeks. */
const LEAST_COMPLETE_ORIGINS = 336;

/**
 * Direct hourly forecasts 1 to 24 h ahead under the protocol of the published baselines: the last 20 % is the test part, origins
 * 5 hours apart, one fit on the training part. Members, their training lengths and the blend's sharpness are chosen by the same
 * protocol on the training part alone. Weights and tails are learnt online from errors known at each origin, which begin with those of
 * the members of that choice. Throws LS-FORECAST-007 where nothing can be fitted or scored.
 */
export async function backtest(input: HourlyData, options: BacktestOptions): Promise<BacktestResult> {
  const begin = options.elapsed();
  const data = options.weather === 'none' ? { ...input, weather: [] } : input;
  const pairs = new TestPairs(data.load);
  scorable(data.load, pairs);
  const choice = await validated(data, pairs.firstTest, options);
  const stage = await fitted(data, options, choice?.lengths ?? {});
  // Too short to choose on, a history is too short for the ridge's hundred columns.
  const dropped: readonly string[] = choice?.dropped ?? (stage.forecasts.linear === undefined ? [] : ['ridge']);
  const names = memberNames.filter((name) => stage.forecasts[name] !== undefined && !dropped.includes(name));
  const settings: BlendSettings = { sharpness: choice?.settings.sharpness ?? 12 };
  const { final, weights } = goneOn(choice?.stage, { names, pairs, forecasts: stage.forecasts }, settings);
  const fitSeconds = (options.elapsed() - begin) / 1000;

  const meanLoad = meanAbsoluteFrom(data.load, pairs.firstTest);
  const values = filled(data.load, 3600).values;
  const naive = (lag: number): Score => scoreOf(naiveMember(values, data.load, pairs, lag), pairs, meanLoad);
  const { n, ...score } = scoreOf(final, pairs, meanLoad);
  return {
    ...score,
    weather: data.weather.length === 0 ? 'none' : options.weather,
    byHorizon: byHorizon(final, pairs, meanLoad),
    daylightCoverage80: daylightCoverage(final, pairs, input),
    baselines: {
      seasonalNaive24: naive(24),
      seasonalNaive168: naive(168),
      ridge: scoreOf(stage.forecasts.ridge!, pairs, meanLoad),
    },
    members: Object.fromEntries(names.map((name, i) => [name, weights[i]!])),
    validation: choice === undefined ? null : choice.validation,
    fitSeconds,
    testPairs: n,
    firstTest: pairs.firstTest,
  };
}

/** Forecasts of some pairs by members. */
interface Stage {
  readonly pairs: Pairs;
  readonly forecasts: StageResult['forecasts'];
}

/**
 * The blend of the test pairs, weights and tails learnt from the validation's errors on, so that the first weeks are weighed too:
 * those targets are known when the test part begins, and its members differ only in having seen less. A member that joined since
 * has no such errors, and then all begin anew.
 */
function goneOn(
  validation: Stage | undefined,
  { names, pairs, forecasts }: Stage & { names: readonly MemberName[] },
  settings: BlendSettings,
): { final: PairForecasts; weights: number[] } {
  const before = names.every((name) => validation?.forecasts[name] !== undefined) ? validation : undefined;
  const first = before?.pairs.count ?? 0;
  const all = before?.pairs.followedBy(pairs) ?? pairs;
  const members = names.map((name) =>
    before === undefined ? forecasts[name]! : joined(before.forecasts[name]!, forecasts[name]!),
  );
  const blend = blended(members, all, { ...settings, first });
  return { final: after(recalibrated(blend.forecasts, all), first), weights: blend.weights };
}

interface Choice extends Candidate {
  readonly lengths: StageResult['lengths'];
  readonly validation: Omit<Score, 'n'> & BlendSettings;
  readonly stage: Stage;
}

/** The protocol on the training part alone. */
async function validated(data: HourlyData, firstTest: number, options: BacktestOptions): Promise<Choice | undefined> {
  const part: HourlyData = {
    start: data.start,
    load: data.load.slice(0, firstTest),
    weather: data.weather.map(({ name, values }) => ({ name, values: values.slice(0, firstTest) })),
    holiday: data.holiday?.slice(0, firstTest) ?? null,
  };
  const pairs = new TestPairs(part.load);
  if (pairs.firstTest < leastHours.lagRidge || problemOf(part.load, pairs) !== undefined) return undefined;
  options.progress?.('validation');
  const stage = await fitted(part, options, 'find');
  const best = chosenBlend(stage.forecasts, pairs);
  const { n: _, ...score } = scoreOf(best.forecasts, pairs, meanAbsoluteFrom(part.load, pairs.firstTest));
  options.progress?.(`validation: nMAE ${score.nMae.toFixed(4)}, pinball ${score.pinball.toFixed(4)}`);
  return {
    ...best,
    lengths: stage.lengths,
    validation: { ...score, ...best.settings },
    stage: { pairs, forecasts: stage.forecasts },
  };
}

/** Fits the members that the history suffices for, on as many threads as the pool has. */
async function fitted(
  data: HourlyData,
  { zone, weather, seed, compute, progress, members: allowed = memberNames }: BacktestOptions,
  lengths: StageInput['lengths'],
): Promise<StageResult> {
  const hours = data.load.length - Math.floor(0.2 * data.load.length);
  const common = { data, zone, seed, lengths, degraded: weather === 'degraded' };
  const lags = completeOrigins(data.load, hours).length >= LEAST_COMPLETE_ORIGINS;
  const fits = (name: MemberName): boolean =>
    hours >= leastHours[name] && allowed.includes(name) && (lags || !standsOnLags(name));
  const shares = SHARES.map((share) => share.filter(fits)).filter((share) => share.length > 0);
  const results = await Promise.all(
    shares.map(async (members) => {
      const result = await compute.run('fitStage', { ...common, members });
      progress?.(`fitted ${members.join(', ')}`);
      return result;
    }),
  );
  return {
    forecasts: Object.assign({}, ...results.map((each) => each.forecasts)) as StageResult['forecasts'],
    lengths: Object.assign({}, ...results.map((each) => each.lengths)) as StageResult['lengths'],
  };
}

const standsOnLags = (name: MemberName): boolean => name === 'lagRidge' || name.endsWith('Difference');

function scorable(load: Float64Array, pairs: TestPairs): void {
  const problem = problemOf(load, pairs);
  if (problem !== undefined) throw new LoadstoneError('LS-FORECAST-007', problem);
}

/** Why nothing can be fitted or scored; undefined where it can. */
function problemOf(load: Float64Array, pairs: TestPairs): string | undefined {
  if (pairs.count === 0 || HORIZONS.some((horizon) => pairs.ofHorizon(horizon).length === 0))
    return `no load is known in the last 20 %, from hour ${pairs.firstTest + 1} on, at some horizon`;
  if (!(meanAbsoluteFrom(load, pairs.firstTest) > 0))
    return `the load is zero throughout the last 20 %, from hour ${pairs.firstTest + 1} on, so no error can be weighed by it`;
  const least = Math.min(...HORIZONS.map((horizon) => trainingOrigins(load, pairs.firstTest, horizon).length));
  if (least < LEAST_TRAINING_HOURS)
    return `${least} known hours to train on from the third week to the last 20 %, at least ${LEAST_TRAINING_HOURS} are needed`;
  return undefined;
}

function scoreOf(forecasts: PairForecasts, pairs: TestPairs, meanLoad: number): Score {
  const scorer = new Scorer();
  for (let i = 0; i < pairs.count; i++) {
    const [low, mid, high] = [forecasts.low[i]!, forecasts.mid[i]!, forecasts.high[i]!].sort((a, b) => a - b);
    scorer.add(pairs.actual[i]!, { low: low!, mid: mid!, high: high!, point: forecasts.point[i]! });
  }
  return scorer.score(meanLoad);
}

function daylightCoverage({ low, high }: PairForecasts, pairs: TestPairs, { weather }: HourlyData): number | null {
  const ghi = weather.find(({ name }) => name === 'ghi')?.values;
  if (ghi === undefined) return null;
  const lit = [...pairs.actual.keys()].filter((i) => ghi[pairs.origins[i]! + pairs.horizons[i]!]! > 0);
  return lit.filter((i) => pairs.actual[i]! >= low[i]! && pairs.actual[i]! <= high[i]!).length / lit.length;
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
