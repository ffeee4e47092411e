import type { LimitName } from '../../../../shared/sentences/limit-names.ts';
import { sayPlan } from '../../../../shared/sentences/plan-forms.ts';
import { importOf, type Solved } from '../../problem/ac.ts';
import type { Layout } from '../../problem/layout.ts';
import type { At, Constraint, LimitRow, Reading, State } from './constraint.ts';
import { inspectRows, roomsOfRows, worstOf } from './over-rows.ts';
import { guardRelief, NO_RELIEF, type Relief, type Side } from './relief.ts';

export interface SourceRow extends LimitRow {
  readonly side: Side;
}

/** Breaches of an envelope up to here are numerical error, MW. */
const FREE_MW = 1e-3;

/**
 * Active power at the source stays within the import and export limits of the substation and of its share of the region's limit. At a corner
 * of the forecast that is the power that is left once the guard has taken all that it can from batteries and plants: it measures this
 * power, relieves it within seconds, and only if the corner comes true.
 */
export const source: Constraint<SourceRow> = {
  kind: 'source',
  unit: { shown: 'kW', scale: 1000 },
  slack: { unit: 'MW', heldUpTo: 2e-4, worthARow: 1e-5, weight: 10, price: ({ mw }) => mw, per: () => 1 },

  inspect: (look, allowed) => inspectRows(source, look, allowed),
  line(layout, { model, x }, row) {
    const sign = signOf(row);
    const { mw, devices } = reliefOf(layout, { x, solved: model.solved }, row);
    return {
      value: sign * model.importMw - mw,
      bound: limitMw(layout, row),
      atMost: true,
      slope: ({ input, device, role }) =>
        device !== undefined && role !== 'reactive' && devices.has(device) ? 0 : sign * model.dImport[input]!,
    };
  },
  place: ({ side }) => side,

  rows: (layout, { scenario, step }) =>
    (['imported', 'exported'] as const)
      .map((side): SourceRow => ({ kind: 'source', scenario, step, side }))
      .filter((row) => limitMw(layout, row) < Infinity),
  reading: (layout, state, row) => read(layout, state.solved, row, reliefOf(layout, state, row).mw),
  violation: (layout, state) => worstOf(source, layout, state),
  margin: () => 0,

  element: () => 'transformer',
  name: ({ side }) => `${side} power` satisfies LimitName,
  words: (_, { side }, value) => [
    sayPlan('transformer'),
    side === 'imported'
      ? sayPlan('within {value} kW of import', { value })
      : sayPlan('within {value} kW of export', { value }),
  ],
  passed: ({ value, limit }) =>
    sayPlan('{value} kW beyond its limit', { value: (1000 * Math.abs(value - limit)).toFixed(0) }),
  priced: 'congestion',

  sharedByAll: true,
  burdenedByCurves: false,
  // What devices may do by themselves does not count on the guard.
  rooms: (at) =>
    roomsOfRows({ ...source, reading: (layout, { solved }, row) => read(layout, solved, row, 0) }, at, {
      free: FREE_MW,
    }),
};

/** The corner of the forecast at which a side is at its most. */
const corners = { imported: 'lowSun', exported: 'highSun' } as const;

const isCorner = ({ scenarios }: Layout, { scenario, side }: Pick<SourceRow, 'scenario' | 'side'>): boolean =>
  scenarios[scenario] === corners[side];

function reliefOf(layout: Layout, state: State, row: At & Pick<SourceRow, 'side'>): Relief {
  if (!isCorner(layout, row)) return NO_RELIEF;
  const spareMw = limitMw(layout, row) - signOf(row) * importOf(state.solved).mw;
  return guardRelief(layout, state, { ...row, spareMw });
}

const signOf = ({ side }: Pick<SourceRow, 'side'>): 1 | -1 => (side === 'imported' ? 1 : -1);

/** As a magnitude, MW. At a corner the limit is raised by the excess of the feeders' added corners over their joint error. */
function limitMw(layout: Layout, row: At & Pick<SourceRow, 'side'>): number {
  const { importKw, exportKw, importReliefKw, exportReliefKw } = layout.problem.limits;
  const [kw, joint] = row.side === 'imported' ? [importKw, importReliefKw] : [exportKw, exportReliefKw];
  return (kw[row.step]! + (isCorner(layout, row) ? (joint?.[row.step] ?? 0) : 0)) / 1000;
}

const read = (layout: Layout, solved: Solved, row: SourceRow, reliefMw: number): Reading => ({
  value: importOf(solved).mw - signOf(row) * reliefMw,
  limit: signOf(row) * limitMw(layout, row),
  atMost: row.side === 'imported',
  relief: reliefMw,
});
