import type { FeatureSource } from '../features.ts';
import { stepsPerDay } from '../series.ts';
import type { Table } from './table.ts';

/**
 * Rows of members that learn all steps at once: the origin features, the features of the target step, and its lead. An exported graph uses
 * the same float32 values.
 */
export interface PooledLayout {
  readonly originCount: number;
  readonly stepCount: number;
}

const LEAD_COLUMNS = 3;

export const pooledWidth = ({ originCount, stepCount }: PooledLayout): number => originCount + stepCount + LEAD_COLUMNS;

/** Hours ahead, and its exponential decay over one and over four hours. */
export function leadColumns(step: number, stepS: number): Float32Array {
  const hours = ((step + 1) * stepS) / 3600;
  return Float32Array.of(hours, Math.exp(-hours), Math.exp(-hours / 4));
}

/** One row per step of a whole feature row. */
export function pooledTable(
  row: Float32Array,
  layout: PooledLayout,
  { steps, stepS }: { steps: number; stepS: number },
): Table {
  const { originCount, stepCount } = layout;
  const columns = pooledWidth(layout);
  const values = new Float32Array(steps * columns);
  for (let step = 0; step < steps; step++) {
    const at = step * columns;
    const from = originCount + step * stepCount;
    values.set(row.subarray(0, originCount), at);
    values.set(row.subarray(from, from + stepCount), at + originCount);
    values.set(leadColumns(step, stepS), at + originCount + stepCount);
  }
  return { rows: steps, columns, values };
}

export interface PooledSample {
  readonly table: Table;
  readonly steps: Int32Array;
  /** Index of each row's target. */
  readonly targets: Int32Array;
}

/** Most and fewest steps sampled per origin. Many origins with few steps each carry more information than few with many. */
const STEPS_PER_ORIGIN = 8;
const LEAST_PER_ORIGIN = 2;
const GOLDEN = 0.618_033_988_75;

/** At most `most` pairs of origin and step whose target lies before `end`; near steps are sampled more often than far ones. */
export function pooledSample(
  source: FeatureSource,
  values: Float64Array,
  { end, most }: { readonly end: number; readonly most: number },
): PooledSample {
  const { steps, stepS } = source.schema;
  const day = stepsPerDay(stepS);
  const first = Math.min(8 * day, Math.max(2 * day, end - 14 * day));
  // Coprime with the steps of a day, so that each time of day is an origin equally often.
  const each = (stride: number): number => Math.floor((most * stride) / Math.max(1, end - first));
  let stride = 1;
  while (each(stride) < LEAST_PER_ORIGIN || (stride > 1 && (stride % 2 === 0 || stride % 3 === 0))) stride++;
  const perOrigin = Math.min(STEPS_PER_ORIGIN, each(stride));
  const pairs: { origin: number; step: number }[] = [];
  for (let origin = first, turn = 0; origin < end; origin += stride, turn++) {
    for (let k = 0; k < perOrigin; k++) {
      const share = (k + ((turn * GOLDEN) % 1)) / perOrigin;
      const step = Math.min(steps - 1, Math.floor(steps * share ** 1.7));
      if (origin + step < end && !Number.isNaN(values[origin + step]!)) pairs.push({ origin, step });
    }
  }
  const columns = pooledWidth(source);
  const table = { rows: pairs.length, columns, values: new Float32Array(pairs.length * columns) };
  let previous = -1;
  for (const [i, { origin, step }] of pairs.entries()) {
    const at = i * columns;
    if (origin === previous) table.values.copyWithin(at, at - columns, at - columns + source.originCount);
    else source.origin(origin, table.values, at);
    previous = origin;
    source.step(origin, step, table.values, at + source.originCount);
    table.values.set(leadColumns(step, stepS), at + source.originCount + source.stepCount);
  }
  return {
    table,
    steps: Int32Array.from(pairs, ({ step }) => step),
    targets: Int32Array.from(pairs, ({ origin, step }) => origin + step),
  };
}
