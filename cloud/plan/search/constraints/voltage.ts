import type { LimitName } from '../../../../shared/sentences/limit-names.ts';
import { sayPlan } from '../../../../shared/sentences/plan-forms.ts';
import { voltageModel } from '../model.ts';
import type { Constraint, LimitRow } from './constraint.ts';
import { roomsOfRows } from './over-rows.ts';
import { peaks } from './peaks.ts';

/** One end of a bus's voltage band. */
export interface VoltageRow extends LimitRow {
  readonly node: number;
  readonly side: 'min' | 'max';
}

/** Breaches of an envelope up to here are numerical error, pu. */
const FREE_PU = 2e-5;
/** Weighs as much as a whole rating: one percent of voltage counts as ten percent of one. */
const WHOLE_PU = 0.1;

/** The voltage of a bus stays in its band, less the margin that plans keep at both ends. */
export const voltage: Constraint<VoltageRow> = {
  kind: 'voltage',
  unit: { shown: 'pu', scale: 1 },
  slack: {
    unit: '%',
    heldUpTo: 2e-3,
    worthARow: 1e-4,
    weight: 1,
    price: ({ voltagePct }) => voltagePct,
    per: () => 100,
  },

  inspect(look, [allowed = 0]) {
    const { layout, model, change, over, scenario, step } = look;
    const { vRe, vIm } = model.solved.workspace;
    const { dvRe, dvIm } = change.state;
    let worst = 0;
    const rows: VoltageRow[] = [];
    for (const side of ['max', 'min'] as const) {
      over.fill(-Infinity);
      for (let node = layout.grid.sourceCount; node < model.lin.nodes; node++) {
        const here = Math.sqrt(vRe[node]! ** 2 + vIm[node]! ** 2);
        const vm = here + (vRe[node]! * dvRe[node]! + vIm[node]! * dvIm[node]!) / here;
        const by = 100 * (side === 'max' ? vm - layout.bandHigh[node]! : layout.bandLow[node]! - vm);
        over[node] = by;
        if (by > worst) worst = by;
      }
      for (const node of peaks(look, allowed + voltage.slack.worthARow))
        rows.push({ kind: 'voltage', scenario, step, node, side });
    }
    return { worst: [worst], rows };
  },
  line(layout, { model }, { node, side }) {
    const atMost = side === 'max';
    const answers = voltageModel(model, node);
    return {
      value: 100 * volts(model.solved, node),
      bound: 100 * (atMost ? layout.bandHigh : layout.bandLow)[node]!,
      atMost,
      slope: ({ input }) => 100 * answers[input]!,
    };
  },
  place: ({ node, side }) => `${node} ${side}`,

  rows({ grid, bandLow, bandHigh, problem }, { scenario, step }) {
    const rows: VoltageRow[] = [];
    for (let node = grid.sourceCount; node < grid.parent.length; node++) {
      if (bandHigh[node]! < Infinity) rows.push({ kind: 'voltage', scenario, step, node, side: 'max' });
      if (bandLow[node]! > problem.limits.voltageMarginPu)
        rows.push({ kind: 'voltage', scenario, step, node, side: 'min' });
    }
    return rows;
  },
  reading(layout, { solved }, { node, side }) {
    const atMost = side === 'max';
    return { value: volts(solved, node), limit: (atMost ? layout.bandHigh : layout.bandLow)[node]!, atMost };
  },
  violation({ grid, bandLow, bandHigh }, { solved }) {
    const { vRe, vIm } = solved.workspace;
    let worst = 0;
    for (let node = grid.sourceCount; node < grid.parent.length; node++) {
      const vm = Math.sqrt(vRe[node]! ** 2 + vIm[node]! ** 2);
      worst = Math.max(worst, 100 * (bandLow[node]! - vm), 100 * (vm - bandHigh[node]!));
    }
    return [worst];
  },
  margin: ({ problem }) => problem.limits.voltageMarginPu,

  element: ({ grid }, { node }) => grid.busIds[grid.nodeBus[node]!]!,
  name: ({ side }) => (side === 'max' ? 'voltage maximum' : 'voltage minimum') satisfies LimitName,
  words: (layout, row, value) => [
    sayPlan('bus {bus}', { bus: voltage.element(layout, row) }),
    row.side === 'max' ? sayPlan('below {value} pu', { value }) : sayPlan('above {value} pu', { value }),
  ],
  passed: ({ value, limit }) => sayPlan('{value} pu beyond its band', { value: Math.abs(value - limit).toFixed(4) }),
  priced: 'voltage',

  sharedByAll: false,
  burdenedByCurves: false,
  rooms: (at) => roomsOfRows(voltage, at, { free: FREE_PU, whole: WHOLE_PU }),
};

const volts = ({ workspace: { vRe, vIm } }: { readonly workspace: Voltages }, node: number): number =>
  Math.hypot(vRe[node]!, vIm[node]!);

interface Voltages {
  readonly vRe: Float64Array;
  readonly vIm: Float64Array;
}
