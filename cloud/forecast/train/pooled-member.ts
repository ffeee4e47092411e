import { stepFeatures, type FeatureSource } from '../../../shared/forecast/features.ts';
import { quantilesOf } from '../../../shared/forecast/quantiles.ts';
import { SeededRandom } from '../../../shared/ports/random.ts';
import type { Table } from '../../../shared/forecast/learn/table.ts';
import { boostQuantile, predictBoosted, type BoostedQuantile } from './boosting.ts';
import { predictMlp, trainMlp, type FittedMlp } from '../../../shared/forecast/learn/mlp-train.ts';
import { NEAR_COLUMN, pooledSample } from '../../../shared/forecast/learn/pooled-rows.ts';
import { fitHours, predictHours, type HourFit, type HourLayout } from './hour-member.ts';
import { ridgePoint, type RidgeModel } from './ridge-member.ts';

/** The quantiles that a pooled member learns itself: P10, P50, P90 of what the linear point leaves over. */
export const POOLED_LEVELS: readonly number[] = [0.1, 0.5, 0.9];

export type PooledKind = 'boosting' | 'mlp' | 'hours';

/** What was fitted: three boosted quantiles, one network with three outputs, or three linear quantiles for each hour of the day. */
export type PooledFit =
  | { readonly kind: 'boosting'; readonly models: readonly BoostedQuantile[] }
  | { readonly kind: 'mlp'; readonly fitted: FittedMlp }
  | HourFit;

/**
 * How three quantiles become all published ones: below the median `shape` counts the distance from P50 down to P10, above it
 * the distance up to P90. Shapes ascend and the median's is 0, so quantiles cannot cross.
 */
export interface QuantileHead {
  /** Neither distance is taken to be smaller, kW. */
  readonly least: number;
  readonly shape: readonly number[];
}

/** Rows that are learnt from at the most. */
const MOST_ROWS: Readonly<Record<PooledKind, number>> = { boosting: 12_000, mlp: 40_000, hours: 60_000 };
const BOOST = { rounds: 60, rate: 0.1, leaves: 15, leastRows: 60, l2: 1, rowShare: 0.4, columnShare: 0.5 };
const MLP = { hidden: [48, 24], epochs: 5, rowsPerEpoch: 40_000, rate: 2e-3, decay: 0.01 };

/** Learns what the linear point leaves over, on targets before `end`. */
export function trainPooled(
  kind: PooledKind,
  source: FeatureSource,
  options: { readonly values: Float64Array; readonly end: number; readonly ridge: RidgeModel },
): PooledFit {
  const { values, end, ridge } = options;
  const { table, steps, targets } = pooledSample(source, values, { end, most: MOST_ROWS[kind] });
  const left = Float64Array.from(
    targets,
    (target, i) => values[target]! - ridgePoint(ridge, steps[i]!, table.values, i * table.columns),
  );
  if (kind === 'hours') return fitHours(table, left, { layout: hourLayout(source), levels: POOLED_LEVELS });
  if (kind === 'mlp') {
    const random = new SeededRandom(1, 'mlp');
    return { kind, fitted: trainMlp(table, left, { ...MLP, levels: POOLED_LEVELS, random }) };
  }
  const models = POOLED_LEVELS.map((level) =>
    boostQuantile(table, left, { ...BOOST, level, random: new SeededRandom(1, `boosting ${level}`) }),
  );
  return { kind, models };
}

function hourLayout({ schema, originCount, stepCount }: FeatureSource): HourLayout {
  const time = originCount + stepFeatures(schema).indexOf('sin1');
  return { sin: time, cos: time + 1, near: originCount + stepCount + NEAR_COLUMN, origin: originCount };
}

/** [row x 3]: P10, P50, P90 of what the linear point leaves over, kW. */
export function predictPooled(fit: PooledFit, table: Table): Float64Array {
  if (fit.kind === 'hours') return predictHours(fit, table);
  if (fit.kind === 'mlp') return predictMlp(fit.fitted, table);
  const columns = fit.models.map((model) => predictBoosted(model, table));
  return Float64Array.from({ length: table.rows * 3 }, (_, i) => columns[i % 3]![Math.floor(i / 3)]!);
}

/** The head from errors that the fit has not seen: `left` is what came less the linear point, `raw` what the fit said of it. */
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

/** Value of the head's quantile `q` over the linear point. */
export function headValue({ least, shape }: QuantileHead, raw: ArrayLike<number>, at: number, q: number): number {
  const mid = raw[at + 1]!;
  const ratio = shape[q]!;
  return mid + ratio * Math.max(least, ratio < 0 ? mid - raw[at]! : raw[at + 2]! - mid);
}
