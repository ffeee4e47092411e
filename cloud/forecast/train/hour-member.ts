import type { Table } from '../../../shared/forecast/learn/table.ts';
import { quantilesOf } from '../../../shared/forecast/quantiles.ts';
import { quantileRidge } from './quantile-ridge.ts';

/**
 * A linear member for each hour of the local day, under the pinball loss: what drives a load at noon does not at midnight (one model an
 * hour: Ramanathan and others, 1997). What is known at the origin counts by how near the target lies too. Between hours it goes straight.
 */
export interface HourFit {
  readonly kind: 'hours';
  readonly layout: HourLayout;
  /** By column of a row: the mean, and one over the deviation; 0 where it does not vary. */
  readonly mean: Float32Array;
  readonly scale: Float32Array;
  /** [column, then origin column again][hour x level] */
  readonly matrix: Float32Array;
  /** [hour x level] */
  readonly bias: Float32Array;
}

/** Where in a row the time of day and the lead stand, and how many columns from its start are the origin's. */
export interface HourLayout {
  readonly sin: number;
  readonly cos: number;
  readonly near: number;
  readonly origin: number;
}

export const HOURS = 24;
/** Inputs further from their mean than this many deviations count as that. */
export const HOUR_REACH = 4;
/** Of the cosine of the angle to an hour, below which that hour has no say. */
export const HOUR_EDGE = Math.cos((2 * Math.PI) / HOURS);
/** Rows whose worth a column's penalty is; tails see few errors beyond them, so they are held tighter. */
const PENALTY_ROWS = 150;
const TAIL_PENALTY_ROWS = 450;
const LEAST_ROWS = 200;

export function fitHours(
  table: Table,
  targets: Float64Array,
  { layout, levels }: { readonly layout: HourLayout; readonly levels: readonly number[] },
): HourFit {
  const { mean, scale } = scalesOf(table);
  const width = table.columns + layout.origin;
  const count = HOURS * levels.length;
  const matrix = new Float32Array(width * count);
  const bias = new Float32Array(count);
  const byHour: number[][] = Array.from({ length: HOURS }, () => []);
  for (let row = 0; row < table.rows; row++) byHour[hourOf(table.values, row * table.columns, layout)]!.push(row);
  for (const [hour, rows] of byHour.entries()) {
    const values = new Float32Array(rows.length * width);
    for (const [i, row] of rows.entries())
      writeInputs({ mean, scale, layout }, { ...table, row }, { values, at: i * width });
    const own = Float64Array.from(rows, (row) => targets[row]!);
    if (rows.length < LEAST_ROWS) {
      bias.set(quantilesOf(own, levels), hour * levels.length);
      continue;
    }
    const model = quantileRidge({ rows: rows.length, columns: width, values }, own, {
      levels,
      penalty: PENALTY_ROWS / rows.length,
      tailPenalty: TAIL_PENALTY_ROWS / rows.length,
    });
    for (const [q, weights] of model.weights.entries()) {
      const at = hour * levels.length + q;
      let constant = weights[0]!;
      for (const [i, column] of model.columns.entries()) {
        const weight = weights[i + 1]! * model.scale[i]!;
        matrix[column * count + at] = weight;
        constant -= weight * model.mean[i]!;
      }
      bias[at] = constant;
    }
  }
  return { kind: 'hours', layout, mean, scale, matrix, bias };
}

/** [row x level] */
export function predictHours(fit: HourFit, table: Table): Float64Array {
  const { matrix, bias, layout } = fit;
  const count = bias.length;
  const levels = count / HOURS;
  const width = matrix.length / count;
  const inputs = new Float32Array(width);
  const out = new Float64Array(table.rows * levels);
  for (let row = 0; row < table.rows; row++) {
    writeInputs(fit, { ...table, row }, { values: inputs, at: 0 });
    const at = row * table.columns;
    const shares = sharesOf(table.values[at + layout.sin]!, table.values[at + layout.cos]!);
    for (const [hour, share] of shares.entries()) {
      if (share === 0) continue;
      for (let q = 0; q < levels; q++) {
        const column = hour * levels + q;
        let value = bias[column]!;
        for (let i = 0; i < width; i++) value += inputs[i]! * matrix[i * count + column]!;
        out[row * levels + q]! += share * value;
      }
    }
  }
  return out;
}

/** How far each hour answers for a time of day, given as sine and cosine; their sum is 1. */
function sharesOf(sin: number, cos: number): number[] {
  const raw = Array.from({ length: HOURS }, (_, hour) =>
    Math.max(0, sin * HOUR_SIN[hour]! + cos * HOUR_COS[hour]! - HOUR_EDGE),
  );
  const sum = raw.reduce((total, each) => total + each, 0);
  return raw.map((each) => each / sum);
}

export const HOUR_SIN: readonly number[] = Array.from({ length: HOURS }, (_, hour) =>
  Math.sin((2 * Math.PI * hour) / HOURS),
);
export const HOUR_COS: readonly number[] = Array.from({ length: HOURS }, (_, hour) =>
  Math.cos((2 * Math.PI * hour) / HOURS),
);

function hourOf(values: Float32Array, at: number, { sin, cos }: HourLayout): number {
  const angle = Math.atan2(values[at + sin]!, values[at + cos]!);
  return (Math.round((angle * HOURS) / (2 * Math.PI)) + HOURS) % HOURS;
}

type Inputs = Pick<HourFit, 'mean' | 'scale' | 'layout'>;

/** The columns in their scale from `at` on, then those of the origin times how near the target lies. */
function writeInputs(
  { mean, scale, layout }: Inputs,
  { values, columns, row }: Table & { readonly row: number },
  out: { readonly values: Float32Array; readonly at: number },
): void {
  const from = row * columns;
  const near = values[from + layout.near]!;
  for (let i = 0; i < columns; i++) {
    const value = (values[from + i]! - mean[i]!) * scale[i]!;
    out.values[out.at + i] = Math.max(-HOUR_REACH, Math.min(HOUR_REACH, value));
  }
  for (let i = 0; i < layout.origin; i++) out.values[out.at + columns + i] = near * out.values[out.at + i]!;
}

function scalesOf({ rows, columns, values }: Table): { mean: Float32Array; scale: Float32Array } {
  const mean = new Float32Array(columns);
  const scale = new Float32Array(columns);
  for (let column = 0; column < columns; column++) {
    let [sum, squares] = [0, 0];
    for (let at = column; at < values.length; at += columns) sum += values[at]!;
    const middle = sum / rows;
    for (let at = column; at < values.length; at += columns) squares += (values[at]! - middle) ** 2;
    const deviation = Math.sqrt(squares / rows);
    mean[column] = middle;
    scale[column] = deviation > 1e-6 * (1 + Math.abs(middle)) ? 1 / deviation : 0;
  }
  return { mean, scale };
}
