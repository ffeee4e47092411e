import type { Compute } from '../../../../shared/ports/compute.ts';
import type { Score } from '../../../../shared/forecast/score.ts';
import { blended, recalibrated, type BlendSettings } from './blend.ts';
import { chosenBlend, type Candidate } from './choose.ts';
import type { HourlyData } from './hourly-data.ts';
import { completeOrigins } from './lag-ridge.ts';
import {
  assertScorable,
  baselinesOf,
  byHorizon,
  daylightCoverage,
  meanAbsoluteFrom,
  problemOf,
  scoreOf,
  type ProtocolScores,
} from './pair-scores.ts';
import { after, joined, TestPairs, type PairForecasts, type Pairs } from './pairs.ts';
import {
  leastHours,
  memberNames,
  type MemberName,
  type ProtocolTasks,
  type StageInput,
  type StageResult,
} from './stage.ts';

export interface BacktestResult extends ProtocolScores {
  /** What the same members reached on the last 20 % before the test part, where all was chosen; null where history is short. */
  readonly validation: (Omit<Score, 'n'> & BlendSettings) | null;
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
  assertScorable(data.load, pairs);
  const choice = await validated(data, pairs.firstTest, options);
  const stage = await fitted(data, options, choice?.lengths ?? {});
  // Too short to choose on, a history is too short for the ridge's hundred columns.
  const dropped: readonly string[] = choice?.dropped ?? (stage.forecasts.linear === undefined ? [] : ['ridge']);
  const names = memberNames.filter((name) => stage.forecasts[name] !== undefined && !dropped.includes(name));
  const settings: BlendSettings = { sharpness: choice?.settings.sharpness ?? 12 };
  const { final, weights } = goneOn(choice?.stage, { names, pairs, forecasts: stage.forecasts }, settings);
  const fitSeconds = (options.elapsed() - begin) / 1000;

  const meanLoad = meanAbsoluteFrom(data.load, pairs.firstTest);
  const { n, ...score } = scoreOf(final, pairs, meanLoad);
  return {
    ...score,
    weather: data.weather.length === 0 ? 'none' : options.weather,
    byHorizon: byHorizon(final, pairs, meanLoad),
    daylightCoverage80: daylightCoverage(final, pairs, input),
    baselines: baselinesOf(data.load, pairs, stage.forecasts.ridge!),
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
