import type { LimitName } from '../../../../shared/sentences/limit-names.ts';
import { sayPlan } from '../../../../shared/sentences/plan-forms.ts';
import { flowInto, flowOf, type BranchEnd, type Solved } from '../../problem/ac.ts';
import { flowDerivativeInto } from '../linearise.ts';
import { flowModel, ratedNodes } from '../model.ts';
import type { Constraint, LimitRow, Room } from './constraint.ts';
import { peaks } from './peaks.ts';

/** The rating of the branch that feeds a node, at one of its ends. */
export interface RatingRow extends LimitRow {
  readonly node: number;
  readonly end: BranchEnd;
  /** Tangent of the rating's circle: cos P + sin Q <= rating. */
  readonly cos: number;
  readonly sin: number;
}

/**
 * A branch's own consumption and losses are small beside its rating: below half of it the other end needs no look. In percent beyond the
 * rating.
 */
const HALF = -50;
/** Breaches of an envelope up to here are numerical error, MVA. */
const FREE_MVA = 1e-3;
/** A limit cannot bind if its room is this many times what could move behind it. */
const FAR = 3;
/**
 * One MW behind a branch moves its flow by no more than the first, losses included; everything elsewhere moves it by less than the second.
 */
const MOST_PER_MW = 1.5;
const ELSEWHERE_MVA = 0.05;

const flow = new Float64Array(2);
const by = new Float64Array(2);

/** The apparent power through a branch stays within its rating: lines, transformers, and so the heads of feeders. */
export const rating: Constraint<RatingRow> = {
  kind: 'flow',
  unit: { shown: 'kVA', scale: 1000 },
  slack: {
    unit: '%',
    heldUpTo: 1e-2,
    worthARow: 5e-4,
    weight: 0.1,
    price: ({ ratingPct }) => ratingPct,
    per: ({ ratings }, { node }) => 100 / ratings[node]!,
  },

  inspect(look, [allowed = 0]) {
    const { layout, model, change, over, scenario, step } = look;
    const least = allowed + rating.slack.worthARow;
    over.fill(-Infinity);
    const ends = new Map<number, Pick<RatingRow, 'end' | 'cos' | 'sin'>>();
    let worst = 0;
    for (const node of ratedNodes(layout)) {
      for (const end of ['near', 'far'] as const) {
        flowInto(model.solved, node, end, flow);
        flowDerivativeInto(model.solved, change.state, { node, end }, by);
        const mw = flow[0]! + by[0]!;
        const mvar = flow[1]! + by[1]!;
        const size = Math.sqrt(mw * mw + mvar * mvar);
        const pct = (100 * size) / layout.ratings[node]! - 100;
        if (end === 'near' && pct < HALF) break;
        if (pct <= over[node]!) continue;
        over[node] = pct;
        if (pct > worst) worst = pct;
        if (pct > least) ends.set(node, { end, cos: mw / size, sin: mvar / size });
      }
    }
    const rows = peaks(look, least).map((node): RatingRow => ({
      kind: 'flow',
      scenario,
      step,
      node,
      ...ends.get(node)!,
    }));
    return { worst: [worst], rows };
  },
  line(layout, { model }, { node, end, cos, sin }) {
    const { flow: through, dMw, dMvar } = flowModel(model, node, end);
    const pct = 100 / layout.ratings[node]!;
    return {
      value: pct * (cos * through.mw + sin * through.mvar),
      bound: 100,
      atMost: true,
      slope: ({ input }) => pct * (cos * dMw[input]! + sin * dMvar[input]!),
    };
  },
  place: ({ node }) => `${node}`,
  tangent: ({ end, cos, sin }) => `${end} ${cos.toFixed(3)} ${sin.toFixed(3)}`,

  rows: (layout, { scenario, step }) =>
    ratedNodes(layout).flatMap((node) =>
      (['near', 'far'] as const).map((end): RatingRow => ({ kind: 'flow', scenario, step, node, end, cos: 1, sin: 0 })),
    ),
  reading(layout, { solved }, { node, end }) {
    const { mw, mvar } = flowOf(solved, node, end);
    return { value: Math.hypot(mw, mvar), limit: layout.ratings[node]!, atMost: true };
  },
  violation({ grid, ratings }, { solved }) {
    let worst = 0;
    for (let node = grid.sourceCount; node < grid.parent.length; node++) {
      const rated = ratings[node]!;
      if (rated === Infinity) continue;
      flowInto(solved, node, 'near', flow);
      const near = flow[0]! * flow[0]! + flow[1]! * flow[1]!;
      flowInto(solved, node, 'far', flow);
      const far = flow[0]! * flow[0]! + flow[1]! * flow[1]!;
      worst = Math.max(worst, (100 * Math.sqrt(Math.max(near, far))) / rated - 100);
    }
    return [worst];
  },
  margin: () => 0,

  element: ({ grid }, { node }) => grid.branchIds[grid.nodeBranch[node]!]!,
  name: () => 'rating' satisfies LimitName,
  words(layout, row, value) {
    const isLine = layout.grid.nodeBranch[row.node]! < layout.problem.network.lines.length;
    const name = rating.element(layout, row);
    return [
      isLine ? sayPlan('line {line}', { line: name }) : sayPlan('transformer {name}', { name }),
      sayPlan('within its rating of {value} kVA', { value }),
    ];
  },
  passed: ({ value, limit }) => sayPlan('at {value} % of its rating', { value: ((100 * value) / limit).toFixed(0) }),
  priced: 'congestion',

  sharedByAll: true,
  burdenedByCurves: true,
  rooms({ layout, model, behind }) {
    const { grid, ratings } = layout;
    return ratedNodes(layout).flatMap((node): Room[] => {
      const rated = ratings[node]!;
      if (rated - sizeOf(model.solved, node) > FAR * MOST_PER_MW * behind[node]! + ELSEWHERE_MVA) return [];
      const { flow: through } = flowModel(model, node, 'near');
      const whole = Math.hypot(through.mw, through.mvar);
      // Active power for which reactive power leaves room in the circle, towards the leaves and back.
      const left = Math.sqrt(Math.max(0, rated ** 2 - through.mvar ** 2));
      return [1, -1].map((sign) => ({
        element: grid.branchIds[grid.nodeBranch[node]!]!,
        constraint: 'rating',
        room: left - sign * through.mw,
        whole: rated,
        per(at) {
          const { flow: there, dMw, dMvar } = flowModel(at, node, 'near');
          const size = Math.hypot(there.mw, there.mvar);
          if (at === model || size < 1e-9) return (input) => sign * dMw[input]!;
          return (input) => (there.mw * dMw[input]! + there.mvar * dMvar[input]!) / size;
        },
        broken: (solved) => sizeOf(solved, node) - Math.max(rated, whole) - FREE_MVA,
      }));
    });
  },
};

function sizeOf(solved: Solved, node: number): number {
  flowInto(solved, node, 'near', flow);
  return Math.sqrt(flow[0]! * flow[0]! + flow[1]! * flow[1]!);
}
