import type { LimitName } from '../../../../shared/sentences/limit-names.ts';
import { sayPlan } from '../../../../shared/sentences/plan-forms.ts';
import { pointMw } from '../../problem/connection-point.ts';
import { isActive, type Layout } from '../../problem/layout.ts';
import { overOf, type At, type Constraint, type LimitRow, type MeterEnd } from './constraint.ts';
import { worstOf } from './over-rows.ts';

/** Limit at the meter of a connection point. */
export interface PointRow extends LimitRow {
  /** Position in the problem. */
  readonly point: number;
  readonly side: 'imported' | 'exported';
}

/** Active power at a customer's meter stays within the contract: the load there and all devices behind it together. */
export const connectionPoint: Constraint<PointRow> = {
  kind: 'point',
  unit: { shown: 'kW', scale: 1000 },
  slack: {
    unit: 'MW',
    heldUpTo: 2e-5,
    worthARow: 1e-5,
    weight: 10,
    price: ({ contractMw }) => contractMw,
    per: () => 1,
    own: { count: ({ connectionPoints }) => connectionPoints?.length ?? 0, of: ({ point }) => point },
  },

  // The power at a meter is known without a power flow.
  inspect({ layout, model, proposed, scenario, step }, allowed) {
    const state = { x: proposed, solved: model.solved, scenario, step };
    const rows = connectionPoint
      .rows(layout, state)
      .filter(
        (row) =>
          overOf(connectionPoint.reading(layout, state, row)) > allowed[row.point]! + connectionPoint.slack.worthARow,
      );
    return { worst: worstOf(connectionPoint, layout, state), rows };
  },
  line(layout, { x }, row) {
    const sign = row.side === 'imported' ? 1 : -1;
    const members = layout.points[row.point]!.devices;
    return {
      value: sign * metered(layout, x, row),
      bound: limitMw(layout, row),
      atMost: true,
      // Not everything at its bus is behind the meter, and only active power counts there.
      slope: ({ device, role }) =>
        device !== undefined && role !== undefined && isActive(role) && members.includes(device) ? sign : 0,
    };
  },
  place: ({ point, side }) => `${point} ${side}`,

  rows: (layout, { scenario, step }) =>
    sidesAt(layout, scenario).flatMap((side) =>
      layout.points
        .map((_, point): PointRow => ({ kind: 'point', scenario, step, point, side }))
        .filter((row) => limitMw(layout, row) < Infinity),
    ),
  reading(layout, { x }, row) {
    const atMost = row.side === 'imported';
    return { value: metered(layout, x, row), limit: (atMost ? 1 : -1) * limitMw(layout, row), atMost };
  },
  violation: (layout, state) => worstOf(connectionPoint, layout, state),
  margin: () => 0,

  element: ({ points }, { point }) => points[point]!.id,
  name: ({ side }) => `${side} power at the meter` satisfies LimitName,
  words: (layout, row, value) => [
    sayPlan('connection point {name}', { name: connectionPoint.element(layout, row) }),
    row.side === 'imported'
      ? sayPlan('within {value} kW of import', { value })
      : sayPlan('within {value} kW of export', { value }),
  ],
  passed: ({ value, limit }) =>
    sayPlan('{value} kW beyond its contract', { value: (1000 * Math.abs(value - limit)).toFixed(0) }),
  priced: 'congestion',

  sharedByAll: false,
  burdenedByCurves: false,
  rooms: () => [],
  meter(layout, at) {
    const [exported, imported] = (['exported', 'imported'] as const).map((side): MeterEnd => {
      const row: PointRow = { kind: 'point', scenario: 0, side, ...at };
      return {
        mw: (side === 'imported' ? 1 : -1) * limitMw(layout, row),
        by: { element: connectionPoint.element(layout, row), constraint: connectionPoint.name(row) },
      };
    });
    return [exported!, imported!];
  },
};

const SIDES = ['imported', 'exported'] as const;

/**
 * Import is worst where load is high, export where sun is high. In the other corner there is less of it, but a model that takes the low sun
 * there as given would treat it as unavoidable.
 */
function sidesAt({ scenarios }: Layout, scenario: number): readonly PointRow['side'][] {
  const name = scenarios[scenario]!;
  if (name === 'lowSun' && scenarios.includes('highSun')) return ['imported'];
  return name === 'highSun' && scenarios.includes('lowSun') ? ['exported'] : SIDES;
}

/** As a magnitude, MW. */
function limitMw({ problem }: Layout, { step, point, side }: Pick<PointRow, 'step' | 'point' | 'side'>): number {
  const { importKw, exportKw } = problem.connectionPoints![point]!;
  return (side === 'imported' ? importKw : exportKw)[step]! / 1000;
}

const metered = (layout: Layout, x: Float64Array, { scenario, step, point }: At & Pick<PointRow, 'point'>): number =>
  pointMw(layout, x, { scenario: layout.scenarios[scenario]!, step, point });
