import { between, mixed } from '../../../shared/forecast/between.ts';
import type { Table } from '../../../shared/forecast/learn/table.ts';
import { quantilesOf } from '../../../shared/forecast/quantiles.ts';
import { quantileRidge } from './quantile-ridge.ts';

/**
 * A linear member for each hour of the local day and each group of leads, under the pinball loss. The drivers of a load differ between noon
 * and midnight (one model per hour: Ramanathan and others, 1997), and recent values count less the further away the target lies. Between
 * hours, and between the middles of groups, it interpolates linearly. Loads are relative to the mean of the last week, so the member
 * follows a shift in level.
 */
export interface HourFit {
  readonly kind: 'hours';
  readonly layout: HourLayout;
  /** Middle of each group of leads, hours, ascending. */
  readonly leads: readonly number[];
  /** By column of a row: the mean, and one over the deviation; 0 if the column does not vary. */
  readonly mean: Float32Array;
  readonly scale: Float32Array;
  /** [column][group x hour x level] */
  readonly matrix: Float32Array;
  /** [group x hour x level] */
  readonly bias: Float32Array;
}

/** Columns of the time of day, the lead in hours and the loads in a row. */
export interface HourLayout {
  readonly sin: number;
  readonly cos: number;
  /** This column and those after it describe the lead. They are no inputs, because they would be extrapolated beyond a group's leads. */
  readonly lead: number;
  /** Mean load of the last week, the reference of the answer, and the columns that hold a load. */
  readonly week: number;
  readonly loads: readonly number[];
}

/** Training data of one group of leads. */
export interface LeadSample {
  /** Middle of the group, hours. */
  readonly lead: number;
  readonly table: Table;
  readonly targets: Float64Array;
}

export const HOURS = 24;
/** Inputs are clipped to this many deviations from their mean. */
export const HOUR_REACH = 4;
/** Cosine of the angle from an hour beyond which that hour has no weight. */
export const HOUR_EDGE = Math.cos((2 * Math.PI) / HOURS);
/** A column's penalty equals this many rows. Tails see few errors, so their penalty is higher. */
const PENALTY_ROWS = 40;
const TAIL_PENALTY_ROWS = 120;
/** Share of a column's overall deviation. A column that varies less within one hour and lead gets a higher penalty. */
const LEAST_DEVIATION = 0.2;
const LEAST_ROWS = 100;

export function fitHours(
  samples: readonly LeadSample[],
  { layout, levels }: { readonly layout: HourLayout; readonly levels: readonly number[] },
): HourFit {
  const { mean, scale } = scalesOf(
    samples.map(({ table }) => table),
    layout,
  );
  const width = mean.length;
  const perGroup = HOURS * levels.length;
  const count = samples.length * perGroup;
  const matrix = new Float32Array(width * count);
  const bias = new Float32Array(count);
  for (const [group, { table, targets }] of samples.entries()) {
    for (const [hour, rows] of byHour(table, layout).entries()) {
      const to = group * perGroup + hour * levels.length;
      const own = Float64Array.from(rows, (row) => targets[row]!);
      if (rows.length < LEAST_ROWS) {
        // An hour that the data never shows gets the quantiles of the whole day.
        bias.set(quantilesOf(rows.length === 0 ? targets : own, levels), to);
        continue;
      }
      const values = new Float32Array(rows.length * width);
      for (const [i, row] of rows.entries())
        writeInputs({ mean, scale, layout }, { ...table, row }, { values, at: i * width });
      const model = quantileRidge({ rows: rows.length, columns: width, values }, own, {
        levels,
        penalty: PENALTY_ROWS / rows.length,
        tailPenalty: TAIL_PENALTY_ROWS / rows.length,
        leastDeviation: LEAST_DEVIATION,
      });
      for (const [q, weights] of model.weights.entries()) {
        let constant = weights[0]!;
        for (const [i, column] of model.columns.entries()) {
          const weight = weights[i + 1]! * model.scale[i]!;
          matrix[column * count + to + q] = weight;
          constant -= weight * model.mean[i]!;
        }
        bias[to + q] = constant;
      }
    }
  }
  return { kind: 'hours', layout, leads: samples.map(({ lead }) => lead), mean, scale, matrix, bias };
}

/** [row x level] */
export function predictHours(fit: HourFit, table: Table): Float64Array {
  const { matrix, bias, layout, leads } = fit;
  const count = bias.length;
  const levels = count / HOURS / leads.length;
  const width = matrix.length / count;
  const inputs = new Float32Array(width);
  const out = new Float64Array(table.rows * levels);
  const valueOf = (column: number): number => {
    let value = bias[column]!;
    for (let i = 0; i < width; i++) value += inputs[i]! * matrix[i * count + column]!;
    return value;
  };
  for (let row = 0; row < table.rows; row++) {
    writeInputs(fit, { ...table, row }, { values: inputs, at: 0 });
    const at = row * table.columns;
    const { low, high, share: further } = between(leads, table.values[at + layout.lead]!);
    const shares = sharesOf(table.values[at + layout.sin]!, table.values[at + layout.cos]!);
    for (const [hour, share] of shares.entries()) {
      if (share === 0) continue;
      for (let q = 0; q < levels; q++) {
        const of = (group: number): number => valueOf((group * HOURS + hour) * levels + q);
        out[row * levels + q]! += share * (low === high ? of(low) : mixed(of(low), of(high), further));
      }
    }
  }
  return out;
}

/** Weight of each hour for a time of day given as sine and cosine; they sum to 1. */
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

/** Rows by the hour nearest to their time of day. */
function byHour({ rows, columns, values }: Table, { sin, cos }: HourLayout): number[][] {
  const found: number[][] = Array.from({ length: HOURS }, () => []);
  for (let row = 0; row < rows; row++) {
    const angle = Math.atan2(values[row * columns + sin]!, values[row * columns + cos]!);
    found[(Math.round((angle * HOURS) / (2 * Math.PI)) + HOURS) % HOURS]!.push(row);
  }
  return found;
}

/** Writes the scaled columns from `at` on. */
function writeInputs(
  { mean, scale, layout }: Pick<HourFit, 'mean' | 'scale' | 'layout'>,
  { values, columns, row }: Table & { readonly row: number },
  out: { readonly values: Float32Array; readonly at: number },
): void {
  out.values.set(values.subarray(row * columns, (row + 1) * columns), out.at);
  centre(out.values, out.at, layout);
  for (let i = 0; i < columns; i++) {
    const value = (out.values[out.at + i]! - mean[i]!) * scale[i]!;
    out.values[out.at + i] = Math.max(-HOUR_REACH, Math.min(HOUR_REACH, value));
  }
}

/** Makes the loads of a row relative to its mean of the last week. */
function centre(values: Float32Array, at: number, { week, loads }: HourLayout): void {
  for (const column of loads) values[at + column]! -= values[at + week]!;
}

/** Mean and scale of each column over all rows of all tables. */
function scalesOf(tables: readonly Table[], layout: HourLayout): Pick<HourFit, 'mean' | 'scale'> {
  const { columns } = tables[0]!;
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  const [sum, squares] = [new Float64Array(columns), new Float64Array(columns)];
  const row = new Float32Array(columns);
  const eachRow = (visit: () => void): void => {
    for (const { values } of tables)
      for (let at = 0; at < values.length; at += columns) {
        row.set(values.subarray(at, at + columns));
        centre(row, 0, layout);
        visit();
      }
  };
  eachRow(() => row.forEach((value, i) => (sum[i]! += value)));
  const mean = Float32Array.from(sum, (each) => each / rows);
  eachRow(() => row.forEach((value, i) => (squares[i]! += (value - mean[i]!) ** 2)));
  const scale = Float32Array.from(squares, (each, i) => {
    const deviation = Math.sqrt(each / rows);
    return i < layout.lead && deviation > 1e-6 * (1 + Math.abs(mean[i]!)) ? 1 / deviation : 0;
  });
  return { mean, scale };
}
