import { originFeatures, stepFeatures, type FeatureSource } from '../../../shared/forecast/features.ts';
import { quantilesOf } from '../../../shared/forecast/quantiles.ts';
import { SeededRandom } from '../../../shared/ports/random.ts';
import type { Table } from '../../../shared/forecast/learn/table.ts';
import { boostQuantile, predictBoosted, sortedIntoBins, type BoostedQuantile } from './boosting.ts';
import { predictMlp, trainMlp, type FittedMlp } from '../../../shared/forecast/learn/mlp-train.ts';
import { pooledSample } from '../../../shared/forecast/learn/pooled-rows.ts';
import { predictDayBefore, type DayBeforeFit } from './day-before.ts';
import { featureColumn } from './feature-column.ts';
import { fitHours, predictHours, type HourFit, type HourLayout } from './hour-member.ts';
import { leadRows } from './lead-samples.ts';
import { ridgePoint, type RidgeModel } from './ridge-member.ts';

/** The quantiles that a pooled member learns itself: P10, P50, P90 of the residual. */
export const POOLED_LEVELS: readonly number[] = [0.1, 0.5, 0.9];

/** In training order: the members after the hourly one may build on it. */
export const POOLED_KINDS = ['hours', 'boosting', 'mlp', 'dayBefore'] as const;
export type PooledKind = (typeof POOLED_KINDS)[number];

/**
 * A fitted member: three boosted quantiles, one network with three outputs, three linear quantiles for each hour of the day and group of
 * leads, or nothing.
 */
export type PooledFit =
  | { readonly kind: 'boosting'; readonly models: readonly BoostedQuantile[] }
  | { readonly kind: 'mlp'; readonly fitted: FittedMlp }
  | HourFit
  | DayBeforeFit;

/**
 * Maps three quantiles to all published ones. Below the median `shape` is a multiple of the distance from P50 down to P10, above it of the
 * distance up to P90. Shapes ascend and the median's is 0, so quantiles cannot cross.
 */
export interface QuantileHead {
  /** Lower bound of either distance, kW. */
  readonly least: number;
  readonly shape: readonly number[];
}

/** Most rows to train on. */
const MOST_ROWS = { boosting: 24_000, mlp: 40_000 };
const BOOST = { rounds: 120, rate: 0.1, leaves: 15, leastRows: 60, l2: 1, rowShare: 0.4, columnShare: 0.5 };
const MLP = { hidden: [48, 24], epochs: 5, rowsPerEpoch: 40_000, rate: 2e-3, decay: 0.01 };

/** What the other members start from: the linear member, and the hourly member if there is one. */
export interface Begun {
  readonly ridge: RidgeModel;
  readonly hours?: HourFit | undefined;
}

/**
 * Trains on targets before `end`. The hourly member and the network learn the difference from the mean of the last week; trees learn the
 * residual of the hourly member's median. Without an hourly member, trees and network learn the residual of the linear point. So the errors
 * of the network differ from those of the others. The day-before member learns nothing.
 */
export function trainPooled(
  kind: PooledKind,
  source: FeatureSource,
  { values, end, ridge, hours }: Begun & { readonly values: Float64Array; readonly end: number },
): PooledFit {
  if (kind === 'dayBefore') {
    const names = namesOf(source);
    return { kind, day: featureColumn(names, 'day1'), spread: featureColumn(names, 'spread7') };
  }
  const layout = hourLayout(source);
  const weekOf = ({ values: rows, columns }: Table, i: number): number => rows[i * columns + layout.week]!;
  if (kind === 'hours') {
    const samples = leadRows(source, values, end).map(({ lead, table, targets }) => {
      const over = (target: number, i: number): number => values[target]! - weekOf(table, i);
      return { lead, table, targets: Float64Array.from(targets, over) };
    });
    return fitHours(samples, { layout, levels: POOLED_LEVELS });
  }
  const { table, steps, targets } = pooledSample(source, values, { end, most: MOST_ROWS[kind] });
  const medians = hours && kind === 'boosting' ? predictHours(hours, table) : undefined;
  const left = Float64Array.from(targets, (target, i) => {
    const begin =
      hours === undefined
        ? ridgePoint(ridge, steps[i]!, table.values, i * table.columns)
        : weekOf(table, i) + (medians?.[3 * i + 1] ?? 0);
    return values[target]! - begin;
  });
  if (kind === 'mlp') {
    const random = new SeededRandom(1, 'mlp');
    return { kind, fitted: trainMlp(table, left, { ...MLP, levels: POOLED_LEVELS, random }) };
  }
  const sorted = sortedIntoBins(table);
  const models = POOLED_LEVELS.map((level) =>
    boostQuantile(table, left, { ...BOOST, sorted, level, random: new SeededRandom(1, `boosting ${level}`) }),
  );
  return { kind, models };
}

export function pooledFits(
  kinds: readonly PooledKind[],
  source: FeatureSource,
  known: Omit<Begun, 'hours'> & { readonly values: Float64Array; readonly end: number },
): PooledFit[] {
  const fits: PooledFit[] = [];
  for (const kind of kinds) {
    const hours = fits.find((fit) => fit.kind === 'hours');
    fits.push(trainPooled(kind, source, { ...known, hours }));
  }
  return fits;
}

const namesOf = ({ schema }: Pick<FeatureSource, 'schema'>): string[] => [
  ...originFeatures(schema),
  ...stepFeatures(schema),
];

/** Columns that hold a load. */
const LOADS = /^(last\d|mean4h|mean24h|hour\d+|day\d|day1(Before|After)|week1(Before|After)?|mean7)$/;

export function hourLayout({
  schema,
  originCount,
  stepCount,
}: Pick<FeatureSource, 'schema' | 'originCount' | 'stepCount'>): HourLayout {
  const names = namesOf({ schema });
  const loads = [...names.keys()].filter((column) => LOADS.test(names[column]!));
  return {
    sin: featureColumn(names, 'sin1'),
    cos: featureColumn(names, 'cos1'),
    week: featureColumn(names, 'mean7d'),
    loads,
    lead: originCount + stepCount,
  };
}

/** [row x 3]: P10, P50, P90 of the residual of the member's start, kW. */
export function predictPooled(fit: PooledFit, table: Table): Float64Array {
  if (fit.kind === 'hours') return predictHours(fit, table);
  if (fit.kind === 'dayBefore') return predictDayBefore(fit, table);
  if (fit.kind === 'mlp') return predictMlp(fit.fitted, table);
  const columns = fit.models.map((model) => predictBoosted(model, table));
  return Float64Array.from({ length: table.rows * 3 }, (_, i) => columns[i % 3]![Math.floor(i / 3)]!);
}

/** Fits the head to errors outside the training data. `left`: actual less the linear point; `raw`: the fit's forecast of it. */
export function headOf(raw: ArrayLike<number>, left: ArrayLike<number>, levels: readonly number[]): QuantileHead {
  let spread = 0;
  for (let i = 0; i < left.length; i++) spread += Math.abs(left[i]!);
  const least = Math.max(1e-6, (0.1 * spread) / Math.max(1, left.length));
  const ratios = Float64Array.from(left, (value, i) => {
    const [low, mid, high] = [raw[3 * i]!, raw[3 * i + 1]!, raw[3 * i + 2]!];
    return value < mid ? (value - mid) / Math.max(least, mid - low) : (value - mid) / Math.max(least, high - mid);
  });
  const shape = quantilesOf(ratios, levels).map((ratio, q) => {
    const level = levels[q]!;
    if (Math.abs(level - 0.5) < 1e-9) return 0;
    return level < 0.5 ? Math.min(0, ratio) : Math.max(0, ratio);
  });
  return { least, shape };
}

/** Value of the head's quantile `q`, relative to the linear point. */
export function headValue({ least, shape }: QuantileHead, raw: ArrayLike<number>, at: number, q: number): number {
  const mid = raw[at + 1]!;
  const ratio = shape[q]!;
  return mid + ratio * Math.max(least, ratio < 0 ? mid - raw[at]! : raw[at + 2]! - mid);
}
