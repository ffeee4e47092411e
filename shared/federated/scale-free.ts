import { originFeatures, stepFeatures, type FeatureSource } from '../forecast/features.ts';
import type { Table } from '../forecast/learn/table.ts';
import { pooledTable, pooledWidth } from '../forecast/learn/pooled-rows.ts';
import { stepsPerDay } from '../forecast/series.ts';

/**
 * Rows that look alike at every substation, so that one network serves all and no site's constants leave it. Powers are taken relative to
 * the mean of the last seven days and divided by their variation (instance normalisation; Kim et al., ICLR 2022). Level and scale both come
 * from the feature row itself.
 */

/** Kind of a column: a power relative to the level, a difference of powers, or another quantity times a fixed factor. */
type ColumnKind = 'power' | 'difference' | { readonly times: number };

/** A row of version 1 without weather. */
export const PLAIN_ROW = { version: 1, weather: false } as const;

const HOURS_OF_A_DAY = 24;
const LEAD: readonly ColumnKind[] = [{ times: 1 / HOURS_OF_A_DAY }, { times: 1 }, { times: 1 }];
const PLAIN = new Set(['sin1', 'cos1', 'sin2', 'cos2', 'free', 'freeChange']);

const kindOf = (name: string): ColumnKind => {
  if (PLAIN.has(name)) return { times: 1 };
  return name.startsWith('anomaly') || name === 'spread7' ? 'difference' : 'power';
};

/** Kinds of the columns of a row without weather, in the order origin, step, lead. */
export const columnKinds: readonly ColumnKind[] = [
  ...originFeatures(PLAIN_ROW).map(kindOf),
  ...stepFeatures(PLAIN_ROW).map(kindOf),
  ...LEAD,
];

/** Columns of a row of the network. */
export const COLUMNS = columnKinds.length;

const LEVEL = originFeatures(PLAIN_ROW).indexOf('mean7d');
const MEAN = stepFeatures(PLAIN_ROW).indexOf('mean7');
const SPREAD = stepFeatures(PLAIN_ROW).indexOf('spread7');

/** Columns of the level, and of the base and the spread of a target, in a row of the network. */
export const LEVEL_COLUMN = LEVEL;
export const BASE_COLUMN = originFeatures(PLAIN_ROW).length + MEAN;
export const SPREAD_COLUMN = originFeatures(PLAIN_ROW).length + SPREAD;

/** Lower bounds of the scale: this share of the level, and this many kW. They avoid a division by zero for a flat load. */
export const LEAST_SHARE = 1e-3;
export const LEAST_KW = 1e-2;

/** Level and scale of one origin, kW. The scale is the mean over the steps of their distance from the level plus their own spread. */
export interface OriginScale {
  readonly levelKw: number;
  readonly scaleKw: number;
}

/** `row`: a whole feature row without weather. */
export function scaleOf(row: Float32Array, { steps }: { readonly steps: number }): OriginScale {
  const origin = originFeatures(PLAIN_ROW).length;
  const width = stepFeatures(PLAIN_ROW).length;
  const levelKw = row[LEVEL]!;
  let sum = 0;
  for (let step = 0; step < steps; step++) {
    const at = origin + step * width;
    sum += Math.abs(row[at + MEAN]! - levelKw) + row[at + SPREAD]!;
  }
  return { levelKw, scaleKw: Math.max(sum / steps, LEAST_SHARE * Math.abs(levelKw), LEAST_KW) };
}

/** Converts the rows [first, last) of one origin to scale-free form, in place. */
function normalise(table: Table, { levelKw, scaleKw }: OriginScale, first: number, last: number): void {
  const { values } = table;
  for (let row = first, i = first * COLUMNS; row < last; row++)
    for (const kind of columnKinds) {
      const value = values[i]!;
      values[i++] =
        kind === 'power' ? (value - levelKw) / scaleKw : kind === 'difference' ? value / scaleKw : value * kind.times;
    }
}

/** The scale-free rows of a whole feature row, one per step, with the scale and base that convert an answer back to kW. */
export function scaleFreeTable(
  row: Float32Array,
  schema: { readonly steps: number; readonly stepS: number },
): { readonly table: Table; readonly scale: OriginScale; readonly baseKw: Float64Array } {
  const layout = { originCount: originFeatures(PLAIN_ROW).length, stepCount: stepFeatures(PLAIN_ROW).length };
  const table = pooledTable(row, layout, schema);
  const scale = scaleOf(row, schema);
  const baseKw = Float64Array.from({ length: schema.steps }, (_, step) => table.values[step * COLUMNS + BASE_COLUMN]!);
  normalise(table, scale, 0, schema.steps);
  return { table, scale, baseKw };
}

export interface ScaleFreeSample {
  readonly table: Table;
  /** The actual load less the mean of seven days at that time of day, over the scale. */
  readonly targets: Float64Array;
}

/** Most steps sampled per origin, and most rows in all. */
const STEPS_PER_ORIGIN = 8;
const MOST_ROWS = 40_000;
const GOLDEN = 0.618_033_988_75;

/**
 * Training rows and targets: origins and targets lie in [from, end) of the series; near steps are sampled more often than far ones. An
 * origin needs eight days before it. Empty if there are none.
 */
export function scaleFreeSample(
  source: FeatureSource,
  values: Float64Array,
  { from = 0, end }: { readonly from?: number; readonly end: number },
): ScaleFreeSample {
  const { schema } = source;
  const first = Math.max(from, 8 * stepsPerDay(schema.stepS));
  // More history means fewer steps per origin. A stride over the origins would instead leave out most of it or some times of day.
  const count = Math.min(STEPS_PER_ORIGIN, Math.max(1, Math.floor(MOST_ROWS / Math.max(1, end - first))));
  const rows: Float32Array[] = [];
  const targets: number[] = [];
  const width = pooledWidth(source);
  const whole = new Float32Array(source.originCount + schema.steps * source.stepCount);
  for (let origin = first; origin < end; origin++) {
    const { table, scale, baseKw } = scaleFreeTable(source.row(origin, whole), schema);
    for (let k = 0; k < count; k++) {
      const share = (k + (((origin - first) * GOLDEN) % 1)) / count;
      const step = Math.min(schema.steps - 1, Math.floor(schema.steps * share ** 1.7));
      const actual = values[origin + step]!;
      if (origin + step >= end || Number.isNaN(actual)) continue;
      rows.push(table.values.slice(step * width, (step + 1) * width));
      targets.push((actual - baseKw[step]!) / scale.scaleKw);
    }
  }
  const table = { rows: rows.length, columns: width, values: new Float32Array(rows.length * width) };
  for (const [i, row] of rows.entries()) table.values.set(row, i * width);
  return { table, targets: Float64Array.from(targets) };
}
