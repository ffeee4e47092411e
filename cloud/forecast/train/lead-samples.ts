import type { FeatureSource } from '../../../shared/forecast/features.ts';
import { leadColumns, pooledWidth } from '../../../shared/forecast/learn/pooled-rows.ts';
import type { Table } from '../../../shared/forecast/learn/table.ts';
import { stepsPerDay } from '../../../shared/forecast/series.ts';
import { horizonGroups, type HorizonGroup } from './horizon-groups.ts';

/** Pairs of origin and step of one group of leads: the rows, with the step and target index of each. */
export interface LeadRows {
  /** Middle of the group, hours. */
  readonly lead: number;
  readonly table: Table;
  readonly steps: Int32Array;
  readonly targets: Int32Array;
}

/** Last hour of each group. A group ends at each whole day, because the newest known day at the same time of day changes there. */
const GROUP_HOURS = [1, 3, 6, 12, 18, 24, 36, 48];
/** Most rows of a group. */
const MOST_ROWS = 20_000;
const GOLDEN = 0.618_033_988_75;

/** Samples targets before `end` at all times of day, each with one step of the group, thinned over the days if there are too many. */
export function leadRows(source: FeatureSource, values: Float64Array, end: number): LeadRows[] {
  const { steps, stepS } = source.schema;
  return horizonGroups(steps, stepS, GROUP_HOURS).map((group) => rowsOf(source, { values, end, group }));
}

function rowsOf(
  source: FeatureSource,
  { values, end, group }: { readonly values: Float64Array; readonly end: number; readonly group: HorizonGroup },
): LeadRows {
  const { stepS } = source.schema;
  const day = stepsPerDay(stepS);
  const first = Math.min(8 * day, Math.max(2 * day, end - 14 * day)) + group.to - 1;
  const thin = Math.max(1, Math.ceil((end - first) / MOST_ROWS));
  const pairs: { step: number; target: number }[] = [];
  for (let target = first, turn = 0; target < end; target++) {
    if ((target + Math.floor(target / day)) % thin !== 0 || Number.isNaN(values[target]!)) continue;
    const step = group.from + Math.floor(((turn++ * GOLDEN) % 1) * (group.to - group.from));
    pairs.push({ step, target });
  }
  const columns = pooledWidth(source);
  const table = { rows: pairs.length, columns, values: new Float32Array(pairs.length * columns) };
  for (const [i, { step, target }] of pairs.entries()) {
    const at = i * columns;
    source.origin(target - step, table.values, at);
    source.step(target - step, step, table.values, at + source.originCount);
    table.values.set(leadColumns(step, stepS), at + source.originCount + source.stepCount);
  }
  return {
    lead: (((group.from + group.to + 1) / 2) * stepS) / 3600,
    table,
    steps: Int32Array.from(pairs, ({ step }) => step),
    targets: Int32Array.from(pairs, ({ target }) => target),
  };
}
