import { LocalCalendar } from '../../../shared/forecast/calendar.ts';
import { indexOfLevel, pinball, quantileOfSorted, QUANTILES } from '../../../shared/forecast/quantiles.ts';
import { drawnDays } from '../../../shared/forecast/skill.ts';
import { SeededRandom } from '../../../shared/ports/random.ts';
import { spreadsOf } from '../../forecast/serve/load-spread.ts';
import { WEATHER_KINDS, weatherKindOf, type WeatherKind } from '../../forecast/serve/weather-kind.ts';
import {
  errorsByDay,
  LEAD_HOURS,
  scaleOf,
  scoreOf,
  skillOf,
  type Pair,
  type ScoreRow,
} from '../../forecast/serve/scorecard.ts';
import { localDay } from '../../tables/local-time.ts';
import { parquetOf } from '../../tables/parquet.ts';
import type { Column } from '../../tables/table.ts';
import { isNaive } from './naive-names.ts';
import type { Predictions } from './predictions.ts';

export interface BacktestScoreInput {
  readonly target: string;
  readonly predictions: Predictions;
  /** The actual load, kW on a grid from `start`; NaN where unknown or not scored. */
  readonly load: Actual;
  /** The same over the longer span that scales the errors (`spreadSpan`); absent from an older owner: `load` scales them. */
  readonly history?: Actual;
  readonly zone: string;
  readonly importLimitKw: number | null;
  readonly excluded: Excluded;
  readonly seed: number;
}

interface Actual {
  readonly start: number;
  readonly stepMs: number;
  readonly values: Float64Array;
}

export interface BacktestRow extends ScoreRow {
  readonly target: string;
  readonly model: string;
  /** Lead time class; null: all. */
  readonly leadTime: string | null;
  /** What its forecasts knew of the weather; of several kinds, the most flattering. */
  readonly weather: WeatherKind;
  /** Skill against the backtest's naive model that does best on the common steps; null: there is none, or this is one. */
  readonly skill: Skill | null;
  readonly excluded: Excluded;
}

interface Skill {
  readonly bestNaive: number;
  readonly ci95: readonly [number, number];
  readonly naive: string;
}

/** Steps of the span that are not scored, by reason. */
export interface Excluded {
  readonly badQuality: number;
  readonly outage: number;
  readonly missing: number;
}

/** Errors of one model minus another's on their common steps; intervals by a bootstrap over whole local days. */
export interface BacktestDifference {
  readonly models: readonly [string, string];
  readonly leadTime: string | null;
  readonly n: number;
  readonly days: number;
  /** MAE of the first minus that of the second, kW. */
  readonly maeKw: number;
  readonly ci95: readonly [number, number] | null;
  /** Mean pinball loss of P10, P50 and P90, divided by mean |load|. */
  readonly pinball: number;
  readonly pinballCi95: readonly [number, number] | null;
  /** The model that the interval of the absolute error favours; null: undecided. */
  readonly better: string | null;
}

export interface BacktestScores {
  readonly rows: readonly BacktestRow[];
  readonly differences: readonly BacktestDifference[];
  readonly parquet: Uint8Array;
}

interface Scored extends Pair {
  readonly key: string;
  readonly weather: WeatherKind;
  readonly leadMs: number;
  readonly absolute: number;
  readonly loss: number;
}

const HOUR_MS = 3_600_000;
const RESAMPLES = 1000;
const LOSS_LEVELS = [0.1, 0.5, 0.9];
const rounded = (value: number): number => Math.round(value * 1e4) / 1e4;

/** Scores every model of a backtest, compares each pair of them, and writes all predictions as Parquet. */
export function scoreBacktest(input: BacktestScoreInput): BacktestScores {
  const { predictions, load, history, target } = input;
  const scale = {
    levels: QUANTILES,
    ...scaleOf(load.values),
    ...(history && { spreadAt: spreadsOf(history) }),
    importLimitKw: input.importLimitKw ?? undefined,
  };
  const byModel = predictions.models.map((_, model) => scoredOf(input, model));
  const rows: BacktestRow[] = [];
  const differences: BacktestDifference[] = [];
  const classes = [null, ...LEAD_HOURS];
  for (const [index, hours] of classes.entries()) {
    const above = hours === null ? Number.NEGATIVE_INFINITY : index === 1 ? -1 : LEAD_HOURS[index - 2]! * HOUR_MS;
    const within = ({ leadMs }: Scored): boolean => hours === null || (leadMs > above && leadMs <= hours * HOUR_MS);
    const leadTime = hours === null ? null : `PT${hours}H`;
    const own = byModel.map((pairs) => inSeries(pairs.filter(within)));
    for (const [model, pairs] of own.entries()) {
      if (pairs.length === 0) continue;
      const row = JSON.parse(
        JSON.stringify(scoreOf(pairs, scale), (_, value: unknown) =>
          typeof value === 'number' ? rounded(value) : value,
        ),
      ) as ScoreRow;
      rows.push({
        target,
        model: predictions.models[model]!,
        leadTime,
        ...row,
        weather: weatherKindOf(new Set(pairs.map((pair) => pair.weather))),
        skill: skillOver(own, model, predictions.models),
        excluded: input.excluded,
      });
    }
    for (let a = 0; a < own.length; a++)
      for (let b = a + 1; b < own.length; b++) {
        const models = [predictions.models[a]!, predictions.models[b]!] as const;
        const difference = differenceOf([own[a]!, own[b]!], {
          models,
          leadTime,
          seed: input.seed,
          mean: scale.meanAbsolute,
        });
        if (difference !== null) differences.push(difference);
      }
  }
  return { rows, differences, parquet: predictionsParquet(input) };
}

/** 1 minus the ratio of the MAE to that of the best naive model, on the common steps. */
function skillOver(scored: readonly (readonly Scored[])[], model: number, models: readonly string[]): Skill | null {
  if (isNaive(models[model]!)) return null;
  const byKey = (pairs: readonly Scored[]) => new Map(pairs.map((pair) => [pair.key, pair]));
  const own = byKey(scored[model]!);
  const skills = models.flatMap((naive, at): Skill[] => {
    if (!isNaive(naive)) return [];
    const found = skillOf(errorsByDay(own, byKey(scored[at]!), { levels: QUANTILES, unit: 1 }));
    if (found === null) return [];
    const [least, most] = found.ci95;
    return [{ bestNaive: rounded(found.skill), ci95: [rounded(least), rounded(most)], naive }];
  });
  return skills.toSorted((a, b) => a.bestNaive - b.bestNaive)[0] ?? null;
}

function scoredOf({ predictions, load, zone }: BacktestScoreInput, model: number): Scored[] {
  const calendar = new LocalCalendar(zone);
  const scored: Scored[] = [];
  const width = QUANTILES.length;
  for (let row = 0; row < predictions.count; row++) {
    if (predictions.model[row] !== model) continue;
    const [start, issuedAt] = [predictions.start[row]!, predictions.issuedAt[row]!];
    const actual = load.values[Math.round((start - load.start) / load.stepMs)] ?? Number.NaN;
    if (Number.isNaN(actual)) continue;
    const values = [...predictions.values.subarray(row * width, (row + 1) * width)];
    const at = (level: number): number => values[indexOfLevel(QUANTILES, level)]!;
    scored.push({
      key: `${issuedAt}/${start}`,
      leadMs: start - issuedAt,
      start,
      day: localDay(calendar, start),
      actual,
      values,
      isFallback: predictions.isFallback[row] === 1,
      weather: WEATHER_KINDS[predictions.weather[row]!]!,
      absolute: Math.abs(at(0.5) - actual),
      loss: LOSS_LEVELS.reduce((sum, level) => sum + pinball(level, actual, at(level)), 0) / LOSS_LEVELS.length,
    });
  }
  return scored;
}

/** Tells forecasts of the same step apart: series 0 has the newest, series 1 the one before, and so on. */
function inSeries(pairs: readonly Scored[]): Scored[] {
  const counts = new Map<number, number>();
  const series = new Map<Scored, number>();
  for (const pair of pairs.toSorted((a, b) => a.leadMs - b.leadMs)) {
    const newer = counts.get(pair.start) ?? 0;
    series.set(pair, newer);
    counts.set(pair.start, newer + 1);
  }
  return pairs.map((pair) => ({ ...pair, series: series.get(pair)! }));
}

function differenceOf(
  [first, second]: readonly [readonly Scored[], readonly Scored[]],
  of: {
    readonly models: readonly [string, string];
    readonly leadTime: string | null;
    readonly seed: number;
    readonly mean: number;
  },
): BacktestDifference | null {
  const beside = new Map(second.map((pair) => [pair.key, pair]));
  const days = new Map<number, { n: number; absolute: number; loss: number }>();
  for (const pair of first) {
    const other = beside.get(pair.key);
    if (other === undefined) continue;
    const sum = days.get(pair.day) ?? { n: 0, absolute: 0, loss: 0 };
    days.set(pair.day, sum);
    sum.n++;
    sum.absolute += pair.absolute - other.absolute;
    sum.loss += (pair.loss - other.loss) / of.mean;
  }
  const list = [...days.values()];
  const n = list.reduce((sum, day) => sum + day.n, 0);
  if (n === 0) return null;
  const mean = (drawn: readonly (typeof list)[number][], pick: 'absolute' | 'loss'): number =>
    drawn.reduce((sum, day) => sum + day[pick], 0) / drawn.reduce((sum, day) => sum + day.n, 0);
  const random = new SeededRandom(of.seed, `backtest ${of.models.join(' ')} ${of.leadTime}`);
  const draws = Array.from({ length: list.length < 2 ? 0 : RESAMPLES }, () =>
    drawnDays(list, { random, blockDays: 1 }),
  );
  const interval = (pick: 'absolute' | 'loss'): [number, number] | null => {
    if (draws.length === 0) return null;
    const sorted = Float64Array.from(draws, (drawn) => mean(drawn, pick)).sort();
    return [rounded(quantileOfSorted(sorted, 0.025)), rounded(quantileOfSorted(sorted, 0.975))];
  };
  const ci95 = interval('absolute');
  return {
    models: of.models,
    leadTime: of.leadTime,
    n,
    days: list.length,
    maeKw: rounded(mean(list, 'absolute')),
    ci95,
    pinball: rounded(mean(list, 'loss')),
    pinballCi95: interval('loss'),
    better: ci95 === null || (ci95[0] <= 0 && ci95[1] >= 0) ? null : of.models[ci95[1] < 0 ? 0 : 1],
  };
}

/** One row per prediction: target, model, issuedAt, start, leadTimeS, quantiles, actual load, isFallback, weather. */
function predictionsParquet({ target, predictions, load }: BacktestScoreInput): Uint8Array {
  const { count, models, model, issuedAt, start, isFallback, weather, values } = predictions;
  const rows = Array.from({ length: count }, (_, row) => row);
  const column = (name: string, kind: Column['kind'], of: (row: number) => Column['values'][number]): Column => ({
    name,
    kind,
    values: rows.map(of),
  });
  return parquetOf({
    columns: [
      column('target', 'text', () => target),
      column('model', 'text', (row) => models[model[row]!]!),
      column('issuedAt', 'time', (row) => issuedAt[row]!),
      column('start', 'time', (row) => start[row]!),
      column('leadTimeS', 'integer', (row) => Math.round((start[row]! - issuedAt[row]!) / 1000)),
      ...QUANTILES.map((level, at) =>
        column(`quantile_P${Math.round(level * 1000) / 10}`, 'number', (row) => values[row * QUANTILES.length + at]!),
      ),
      column('actual', 'number', (row) => {
        const actual = load.values[Math.round((start[row]! - load.start) / load.stepMs)] ?? Number.NaN;
        return Number.isNaN(actual) ? null : actual;
      }),
      column('isFallback', 'flag', (row) => isFallback[row] === 1),
      column('weather', 'text', (row) => WEATHER_KINDS[weather[row]!]!),
    ],
  });
}
