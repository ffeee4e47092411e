import type { LimitName } from '../../../../shared/sentences/limit-names.ts';
import { sayPlan } from '../../../../shared/sentences/plan-forms.ts';
import { flowOf, importOf, type Solved } from '../../problem/ac.ts';
import { headNode, type Layout } from '../../problem/layout.ts';
import { flowModel, type StepModel } from '../model.ts';
import type { At, Constraint, LimitRow, Reading, State } from './constraint.ts';
import { inspectRows, roomsOfRows, worstOf } from './over-rows.ts';
import { guardRelief, NO_RELIEF, type Relief, type Side } from './relief.ts';

export interface PowerRow extends LimitRow {
  readonly side: Side;
  /** Position among the limited heads of feeders; absent: the source. */
  readonly head?: number | undefined;
}

/** Breaches of an envelope up to here are numerical error, MW. */
const FREE_MW = 1e-3;

/**
 * Active power stays within its import and export limits: at the source those of the substation and of its share of the region's limit, at
 * the heads of feeders their own. At a corner of the forecast that is at the source the power that is left once the guard has taken all that
 * it can from batteries and plants: it measures this power, relieves it within seconds, and only if the corner comes true. At a head, which
 * may trip and has few devices behind it, the plan keeps the corner itself, as it does for ratings.
 */
export const power: Constraint<PowerRow> = {
  kind: 'power',
  unit: { shown: 'kW', scale: 1000 },
  slack: {
    unit: 'MW',
    heldUpTo: 2e-4,
    worthARow: 1e-5,
    weight: 10,
    price: ({ mw }) => mw,
    per: () => 1,
    own: { count: ({ limits: { heads = [] } }) => 1 + heads.length, of: ({ head = -1 }) => 1 + head },
  },

  inspect: (look, allowed) => inspectRows(power, look, allowed),
  line(layout, { model, x }, row) {
    const sign = signOf(row);
    const { mw, devices } = reliefOf(layout, { x, solved: model.solved }, row);
    const through = throughOf(layout, model, row);
    return {
      value: sign * through.mw - mw,
      bound: limitMw(layout, row),
      atMost: true,
      slope: ({ input, device, role }) =>
        device !== undefined && role !== 'reactive' && devices.has(device) ? 0 : sign * through.dMw[input]!,
    };
  },
  place: ({ side, head }) => (head === undefined ? side : `${head} ${side}`),

  rows: (layout, { scenario, step }) =>
    [undefined, ...(layout.problem.limits.heads ?? []).keys()].flatMap((head) =>
      nodeOf(layout, head) === -1
        ? []
        : (['imported', 'exported'] as const)
            .map((side): PowerRow => ({ kind: 'power', scenario, step, side, head }))
            .filter((row) => limitMw(layout, row) < Infinity),
    ),
  reading: (layout, state, row) => read(layout, state.solved, row, reliefOf(layout, state, row).mw),
  violation: (layout, state) => worstOf(power, layout, state),
  margin: () => 0,

  element: ({ problem }, { head }) => (head === undefined ? 'transformer' : problem.limits.heads![head]!.feeder),
  name: ({ side }) => `${side} power` satisfies LimitName,
  words: (layout, { side, head, ...row }, value) => [
    head === undefined
      ? sayPlan('transformer')
      : sayPlan('feeder {name}', { name: power.element(layout, { ...row, side, head }) }),
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
    roomsOfRows({ ...power, reading: (layout, { solved }, row) => read(layout, solved, row, 0) }, at, {
      free: FREE_MW,
    }),
};

/** The corner of the forecast at which a side is at its most. */
const corners = { imported: 'lowSun', exported: 'highSun' } as const;

const isCorner = ({ scenarios }: Layout, { scenario, side }: Pick<PowerRow, 'scenario' | 'side'>): boolean =>
  scenarios[scenario] === corners[side];

/** Node that a head feeds, -1 if nothing reaches it; undefined: the source. */
const nodeOf = (layout: Layout, head: number | undefined): number | undefined =>
  head === undefined ? undefined : headNode(layout, layout.problem.limits.heads![head]!.feeder);

function throughOf(
  layout: Layout,
  model: StepModel,
  { head }: PowerRow,
): { readonly mw: number; readonly dMw: Float64Array } {
  const node = nodeOf(layout, head);
  if (node === undefined) return { mw: model.importMw, dMw: model.dImport };
  const { flow, dMw } = flowModel(model, node, 'near');
  return { mw: flow.mw, dMw };
}

function reliefOf(layout: Layout, state: State, row: At & Pick<PowerRow, 'side' | 'head'>): Relief {
  if (row.head !== undefined || !isCorner(layout, row)) return NO_RELIEF;
  const spareMw = limitMw(layout, row) - signOf(row) * importOf(state.solved).mw;
  return guardRelief(layout, state, { ...row, spareMw });
}

const signOf = ({ side }: Pick<PowerRow, 'side'>): 1 | -1 => (side === 'imported' ? 1 : -1);

/** As a magnitude, MW. */
function limitMw(
  { problem: { limits } }: Layout,
  { step, side, head }: Pick<PowerRow, 'step' | 'side' | 'head'>,
): number {
  const key = side === 'imported' ? 'importKw' : 'exportKw';
  return (head === undefined ? limits[key][step]! : limits.heads![head]![key]) / 1000;
}

function read(layout: Layout, solved: Solved, row: PowerRow, reliefMw: number): Reading {
  const node = nodeOf(layout, row.head);
  const { mw } = node === undefined ? importOf(solved) : flowOf(solved, node, 'near');
  return {
    value: mw - signOf(row) * reliefMw,
    limit: signOf(row) * limitMw(layout, row),
    atMost: row.side === 'imported',
    relief: reliefMw,
  };
}
