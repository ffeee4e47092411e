import { indexOfLevel, pinball, quantileOfSorted } from '../../../shared/forecast/quantiles.ts';
import { skillOver } from '../../../shared/forecast/skill.ts';
import { SeededRandom } from '../../../shared/ports/random.ts';

/** One forecast step and its actual value. Power in kW; `day` is the local day of the step. */
export interface Pair {
  readonly start: number;
  readonly day: number;
  /** Forecasts of the same step are of different series, such as lead times. Absent: each step has one. */
  readonly series?: string | number;
  readonly actual: number;
  /** One value per level, ascending. */
  readonly values: readonly number[];
  readonly isFallback: boolean;
}

/** P99 minus P1 of a load, and P99 of |load|, kW. */
export interface Spread {
  readonly range: number;
  readonly high: number;
}

export interface Scale extends Spread {
  readonly levels: readonly number[];
  /** Mean |load| over the scored span, kW. */
  readonly meanAbsolute: number;
  /** The spread for the step that starts at `start`; default: the same for all. */
  readonly spreadAt?: (start: number) => Spread;
  readonly importLimitKw: number | undefined;
}

export interface ScoreRow {
  readonly n: number;
  readonly fallbackShare: number;
  readonly maeKw: number;
  readonly biasKw: number;
  readonly rmseKw: number;
  readonly nMae: number;
  readonly rMae: number;
  /** Mean of the losses of P10, P50 and P90 over the mean |load|. */
  readonly pinball: number;
  readonly rCrps: number;
  /** The same, with each step weighted by |load| over its P99, from 0.1 to 1, which emphasises peaks. */
  readonly rCrpsPeakWeighted: number;
  readonly coverage: Readonly<Record<string, number>>;
  readonly width80: number;
  readonly peak: PeakScore;
}

export interface PeakScore {
  readonly top5PctMaeKw: number;
  readonly dailyPeakErrorPct: number | null;
  readonly dailyPeakTimeErrorH: number | null;
  /** By day and series: whether median and load exceeded the import limit. */
  readonly limit: { readonly hits: number; readonly misses: number; readonly falseAlarms: number } | null;
}

const HOUR_MS = 3_600_000;
/** Weight of a step without load, relative to one at the peak. */
const LEAST_WEIGHT = 0.1;
const COVERAGES = [0.05, 0.1, 0.5, 0.9, 0.95];

const knownOf = (load: ArrayLike<number>): Float64Array =>
  Float64Array.from(load).filter((value) => !Number.isNaN(value));

/** Least range, relative to the highest load: the first hours of a target have hardly any. */
const LEAST_RANGE = 0.01;

/** The spread of a load, ignoring unknown values. */
export function spreadOf(load: ArrayLike<number>): Spread {
  const sorted = knownOf(load).sort();
  const sizes = sorted.map(Math.abs).sort();
  const high = Math.max(1e-9, quantileOfSorted(sizes, 0.99));
  const range = quantileOfSorted(sorted, 0.99) - quantileOfSorted(sorted, 0.01);
  return { high, range: Math.max(LEAST_RANGE * high, range) };
}

/** Mean |load| and the spread of the load, ignoring unknown values. */
export function scaleOf(load: ArrayLike<number>): Spread & Pick<Scale, 'meanAbsolute'> {
  const known = knownOf(load);
  const sum = known.reduce((total, value) => total + Math.abs(value), 0);
  return { ...spreadOf(known), meanAbsolute: Math.max(1e-9, sum / Math.max(1, known.length)) };
}

/** All scores of a set of at least one pair. */
export function scoreOf(pairs: readonly Pair[], scale: Scale): ScoreRow {
  const { levels } = scale;
  const n = pairs.length;
  const mean = (of: (pair: Pair) => number): number => pairs.reduce((sum, pair) => sum + of(pair), 0) / n;
  const at = (pair: Pair, level: number): number => pair.values[indexOfLevel(levels, level)]!;
  const error = (pair: Pair): number => at(pair, 0.5) - pair.actual;
  const maeKw = mean((pair) => Math.abs(error(pair)));
  const lossAt = (pair: Pair, of: readonly number[]): number =>
    of.reduce((sum, level) => sum + pinball(level, pair.actual, at(pair, level)), 0) / of.length;
  const spreadAt = ({ start }: Pair): Spread => scale.spreadAt?.(start) ?? scale;
  // The integral of twice the pinball loss over the levels.
  const crps = (pair: Pair): number => (2 * lossAt(pair, levels)) / spreadAt(pair).range;
  const weight = (pair: Pair): number =>
    Math.min(1, Math.max(LEAST_WEIGHT, Math.abs(pair.actual) / spreadAt(pair).high));
  return {
    n,
    fallbackShare: mean(({ isFallback }) => Number(isFallback)),
    maeKw,
    biasKw: mean(error),
    rmseKw: Math.sqrt(mean((pair) => error(pair) ** 2)),
    nMae: maeKw / scale.meanAbsolute,
    rMae: mean((pair) => Math.abs(error(pair)) / spreadAt(pair).range),
    pinball: mean((pair) => lossAt(pair, [0.1, 0.5, 0.9])) / scale.meanAbsolute,
    rCrps: mean(crps),
    rCrpsPeakWeighted: mean((pair) => weight(pair) * crps(pair)) / mean(weight),
    coverage: Object.fromEntries(
      COVERAGES.map((level) => [`P${Math.round(level * 100)}`, mean((pair) => Number(pair.actual <= at(pair, level)))]),
    ),
    width80: mean((pair) => at(pair, 0.9) - at(pair, 0.1)) / scale.meanAbsolute,
    peak: peaksOf(pairs, (pair) => at(pair, 0.5), scale),
  };
}

/** Share of the mean |load|. */
const LEAST_PEAK = 0.01;

function peaksOf(
  pairs: readonly Pair[],
  median: (pair: Pair) => number,
  { importLimitKw: limit, meanAbsolute }: Scale,
): PeakScore {
  const top = pairs.toSorted((a, b) => b.actual - a.actual).slice(0, Math.max(1, Math.round(pairs.length / 20)));
  // Each series has its own peak: the highest of several forecasts of a day is none of theirs.
  const days = [...Map.groupBy(pairs, ({ day, series }) => `${day} ${series}`).values()];
  const most = Math.max(...days.map((each) => each.length));
  const highest = (list: readonly Pair[], of: (pair: Pair) => number): Pair =>
    list.reduce((best, pair) => (of(pair) > of(best) ? pair : best));
  // A partly scored day has no peak to compare.
  const whole = days.filter((each) => each.length >= 0.9 * most);
  const peaks = whole.map((each) => ({ came: highest(each, (pair) => pair.actual), said: highest(each, median) }));
  const mean = (list: typeof peaks, of: (peak: (typeof peaks)[number]) => number): number | null =>
    list.length === 0 ? null : list.reduce((sum, peak) => sum + of(peak), 0) / list.length;
  // A peak near zero has no meaningful relative error.
  const sizeable = peaks.filter(({ came }) => Math.abs(came.actual) >= LEAST_PEAK * meanAbsolute);
  const passes = (power: number): boolean => limit !== undefined && power > limit;
  const count = (said: boolean, came: boolean): number =>
    peaks.filter((peak) => passes(median(peak.said)) === said && passes(peak.came.actual) === came).length;
  return {
    top5PctMaeKw: top.reduce((sum, pair) => sum + Math.abs(median(pair) - pair.actual), 0) / top.length,
    dailyPeakErrorPct: mean(
      sizeable,
      ({ came, said }) => (100 * Math.abs(median(said) - came.actual)) / Math.abs(came.actual),
    ),
    dailyPeakTimeErrorH: mean(peaks, ({ came, said }) => Math.abs(came.start - said.start) / HOUR_MS),
    limit:
      limit === undefined
        ? null
        : { hits: count(true, true), misses: count(false, true), falseAlarms: count(true, false) },
  };
}

/**
 * Upper ends of the classes of lead times, h; each begins where the one before ends. The models reach 48 h; beyond, each day is a class.
 */
export const LEAD_HOURS: readonly number[] = [1, 6, 12, 24, 48, 72, 96, 120, 144, 168];

/** Absolute errors of one day, of a forecaster and its reference, in the given unit. */
export interface DayErrors {
  own: number;
  other: number;
}

const medianOf = ({ values }: Pair, levels: readonly number[]): number => values[indexOfLevel(levels, 0.5)]!;

/** Absolute errors by day over the steps that both have, divided by `unit`, kW. */
export function errorsByDay<Key>(
  own: ReadonlyMap<Key, Pair>,
  other: ReadonlyMap<Key, Pair>,
  { levels, unit }: { readonly levels: readonly number[]; readonly unit: number },
): Map<number, DayErrors> {
  const sums = new Map<number, DayErrors>();
  for (const [start, pair] of own) {
    const beside = other.get(start);
    if (beside === undefined) continue;
    const sum = sums.get(pair.day) ?? { own: 0, other: 0 };
    sums.set(pair.day, sum);
    sum.own += Math.abs(medianOf(pair, levels) - pair.actual) / unit;
    sum.other += Math.abs(medianOf(beside, levels) - beside.actual) / unit;
  }
  return sums;
}

/**
 * 1 - MAE / MAE of the reference, and its 95 % interval by a bootstrap over whole days, because errors of one day are correlated. Null if
 * they share fewer than two days.
 */
export function skillOf(
  sums: ReadonlyMap<number, DayErrors>,
): { readonly skill: number; readonly ci95: readonly [number, number] } | null {
  const days = [...sums.values()];
  return days.length < 2 ? null : skillOver(days, { random: new SeededRandom(1, 'skill'), blockDays: 1 });
}

/** Mean of the scores of several targets, each with equal weight; steps, hits, misses and false alarms are summed. */
export function meanScore(rows: readonly ScoreRow[]): ScoreRow {
  const mean = (of: (row: ScoreRow) => number): number => rows.reduce((sum, row) => sum + of(row), 0) / rows.length;
  const sum = (of: (row: ScoreRow) => number): number => rows.reduce((total, row) => total + of(row), 0);
  const known = (of: (peak: PeakScore) => number | null): number | null => {
    const values = rows.map(({ peak }) => of(peak)).filter((value) => value !== null);
    return values.length === 0 ? null : values.reduce((total, value) => total + value, 0) / values.length;
  };
  const limits = rows.flatMap(({ peak }) => (peak.limit === null ? [] : [peak.limit]));
  const added = (of: (limit: (typeof limits)[number]) => number): number =>
    limits.reduce((total, limit) => total + of(limit), 0);
  return {
    n: sum(({ n }) => n),
    fallbackShare: mean((row) => row.fallbackShare),
    maeKw: mean((row) => row.maeKw),
    biasKw: mean((row) => row.biasKw),
    rmseKw: mean((row) => row.rmseKw),
    nMae: mean((row) => row.nMae),
    rMae: mean((row) => row.rMae),
    pinball: mean((row) => row.pinball),
    rCrps: mean((row) => row.rCrps),
    rCrpsPeakWeighted: mean((row) => row.rCrpsPeakWeighted),
    coverage: Object.fromEntries(
      Object.keys(rows[0]?.coverage ?? {}).map((level) => [level, mean(({ coverage }) => coverage[level]!)]),
    ),
    width80: mean((row) => row.width80),
    peak: {
      top5PctMaeKw: mean(({ peak }) => peak.top5PctMaeKw),
      dailyPeakErrorPct: known((peak) => peak.dailyPeakErrorPct),
      dailyPeakTimeErrorH: known((peak) => peak.dailyPeakTimeErrorH),
      limit:
        limits.length === 0
          ? null
          : {
              hits: added(({ hits }) => hits),
              misses: added(({ misses }) => misses),
              falseAlarms: added(({ falseAlarms }) => falseAlarms),
            },
    },
  };
}

export const BASELINES = ['seasonalNaive24', 'seasonalNaive168', 'persistence', 'sameHourMean7'] as const;
export type BaselineName = (typeof BASELINES)[number];

const DAY_STEPS = 96;

/** A naive forecast of step `index` from what was known `lead` steps before; NaN if nothing was. */
export function naiveAt(name: BaselineName, load: ArrayLike<number>, index: number, lead: number): number {
  const known = (at: number): number => load[at] ?? Number.NaN;
  const days = Math.max(1, Math.ceil(lead / DAY_STEPS));
  switch (name) {
    case 'seasonalNaive24':
      return known(index - days * DAY_STEPS);
    case 'seasonalNaive168':
      return known(index - Math.ceil(days / 7) * 7 * DAY_STEPS);
    case 'persistence':
      return known(index - Math.max(1, lead));
    case 'sameHourMean7': {
      const values = Array.from({ length: 7 }, (_, day) => known(index - (days + day) * DAY_STEPS)).filter(
        (value) => !Number.isNaN(value),
      );
      return values.length === 0 ? Number.NaN : values.reduce((sum, value) => sum + value, 0) / values.length;
    }
  }
}
