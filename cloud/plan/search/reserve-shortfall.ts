import { sayPlan } from '../../../shared/sentences/plan-forms.ts';
import type { SaidShortfall } from './said-parts.ts';
import { overOf, type LimitRow } from './constraints/constraint.ts';
import { constraints } from './constraints/table.ts';
import { nameRow } from './elements.ts';
import { violationEur } from './evaluate.ts';
import type { Optimised } from './optimised.ts';
import { TAIL, Z_TAIL } from '../problem/series.ts';
import { timeOf } from '../problem/step-time.ts';

/** Quantile of the errors at the corners of the forecast. */
const PLANNED = 1 - TAIL;

/** A limit in a step: the room that the median leaves, and the reach of the error at the planned quantile, both in the limit's unit. */
interface Margin {
  readonly row: LimitRow;
  readonly left: number;
  readonly error: number;
  /** Counts as zero up to here. */
  readonly free: number;
  /** At the planned quantile, the limit holds or the guard can relieve it. */
  readonly isKept: boolean;
}

/**
 * How much room for errors a plan keeps if it cannot keep all of it, while every limit of the network holds at the median of the forecast.
 * Then only the forecast's width is in conflict, and the search has taken as little of the room as it could. Names the limit with the
 * highest probability of a breach before the guard acts; the error up to its quantile is taken as normal. Undefined if all room is kept, if
 * a limit is broken at the median, and if no power flow holds all of the load.
 */
export function reserveShortfall(optimised: Optimised): SaidShortfall | undefined {
  const { layout, best, prices, collapse } = optimised;
  if (collapse !== undefined || violationEur(layout, best, prices) === 0) return undefined;
  let worst: { readonly row: LimitRow; readonly z: number } | undefined;
  for (let step = 0; step < layout.steps; step++)
    for (const { row, left, error, free, isKept } of marginsOf(optimised, step)) {
      if (left < -free) return undefined;
      if (error <= free || isKept) continue;
      const z = (Z_TAIL * Math.max(0, left)) / error;
      if (worst === undefined || z < worst.z) worst = { row, z };
    }
  if (worst === undefined) return undefined;
  const { row, z } = worst;
  const { element, constraint } = nameRow(layout, best, row);
  const probability = Math.round(1000 * (1 - normalBelow(z))) / 1000;
  return {
    quantile: PLANNED,
    breachProbability: probability,
    element,
    constraint,
    step: row.step,
    text: sayPlan(
      'Holds at the median of the forecast, not at {quantile}: {element}, {constraint} at {time}, has a breach probability of {share} % before the guard.',
      {
        quantile: PLANNED,
        element,
        constraint,
        time: timeOf(layout, row.step),
        share: (100 * probability).toFixed(1),
      },
    ),
  };
}

function marginsOf({ layout, best }: Optimised, step: number): Margin[] {
  const corners = layout.scenarios.map((_, index) => index).slice(1);
  return constraints.flatMap((constraint) => {
    const margin = constraint.margin(layout);
    return constraint.rows(layout, { scenario: 0, step }).map((row): Margin => {
      const read = (scenario: number): { readonly over: number; readonly relief: number } => {
        const state = { x: best.x, solved: best.solved[scenario]![step]! };
        const reading = constraint.reading(layout, state, { ...row, scenario });
        return { over: overOf(reading), relief: reading.relief ?? 0 };
      };
      const median = read(0).over;
      const ends = corners.map(read);
      const free = constraint.slack.heldUpTo / constraint.slack.per(layout, row);
      return {
        row,
        left: margin - median,
        // From the median to the worst corner, before the guard; never negative.
        error: margin + ends.reduce((most, { over, relief }) => Math.max(most, over + relief - median), 0),
        free,
        isKept: ends.every(({ over }) => over <= free),
      };
    });
  });
}

/** Distribution function of the standard normal at z >= 0, to 1e-7: Abramowitz and Stegun, Handbook of Mathematical Functions, 26.2.17. */
function normalBelow(z: number): number {
  const t = 1 / (1 + 0.231_641_9 * z);
  const series =
    t * (0.319_381_53 + t * (-0.356_563_782 + t * (1.781_477_937 + t * (-1.821_255_978 + t * 1.330_274_429))));
  return 1 - (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * series;
}
