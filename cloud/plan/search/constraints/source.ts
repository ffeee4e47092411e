import type { LimitName } from '../../../../shared/sentences/limit-names.ts';
import { sayPlan } from '../../../../shared/sentences/plan-forms.ts';
import { importOf } from '../../problem/ac.ts';
import type { Layout } from '../../problem/layout.ts';
import type { At, Constraint, LimitRow } from './constraint.ts';
import { inspectRows, roomsOfRows, worstOf } from './over-rows.ts';

export interface SourceRow extends LimitRow {
  readonly side: 'imported' | 'exported';
}

/** Breaches of an envelope up to here are numerical error, MW. */
const FREE_MW = 1e-3;

/** Active power at the source stays within the import and export limits of the substation and of its share of the region's limit. */
export const source: Constraint<SourceRow> = {
  kind: 'source',
  unit: { shown: 'kW', scale: 1000 },
  slack: { unit: 'MW', heldUpTo: 2e-4, worthARow: 1e-5, weight: 10, price: ({ mw }) => mw, per: () => 1 },

  inspect: (look, allowed) => inspectRows(source, look, allowed),
  line(layout, { model }, row) {
    const sign = row.side === 'imported' ? 1 : -1;
    return {
      value: sign * model.importMw,
      bound: limitMw(layout, row),
      atMost: true,
      slope: ({ input }) => sign * model.dImport[input]!,
    };
  },
  place: ({ side }) => side,

  rows: (layout, { scenario, step }) =>
    (['imported', 'exported'] as const)
      .map((side): SourceRow => ({ kind: 'source', scenario, step, side }))
      .filter((row) => limitMw(layout, row) < Infinity),
  reading(layout, { solved }, row) {
    const atMost = row.side === 'imported';
    return { value: importOf(solved).mw, limit: (atMost ? 1 : -1) * limitMw(layout, row), atMost };
  },
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
  rooms: (at) => roomsOfRows(source, at, { free: FREE_MW }),
};

/** As a magnitude, MW. At a corner the limit is raised by the excess of the feeders' added corners over their joint error. */
function limitMw(
  { problem: { limits }, scenarios }: Layout,
  { scenario, step, side }: At & Pick<SourceRow, 'side'>,
): number {
  const [kw, relief, corner] =
    side === 'imported'
      ? ([limits.importKw, limits.importReliefKw, 'lowSun'] as const)
      : ([limits.exportKw, limits.exportReliefKw, 'highSun'] as const);
  return kw[step]! / 1000 + (scenarios[scenario] === corner ? (relief?.[step] ?? 0) / 1000 : 0);
}
