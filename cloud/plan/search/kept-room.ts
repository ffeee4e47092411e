import type { KeptRoom } from '../../../shared/contracts/plan.ts';
import { flowOf, importOf } from '../problem/ac.ts';
import { pointLimits, pointMw } from '../problem/connection-point.ts';
import { nameRow, type LimitRow } from './elements.ts';
import { HELD_UP_TO, ratingMva, sourceLimits, violationEur, voltageBand } from './evaluate.ts';
import type { Optimised } from './optimise.ts';
import { timeOf } from '../problem/step-time.ts';

/** Quantile of the errors at which the corners of the forecast stand. */
const PLANNED = 0.95;
/** Standard normal quantile of it. */
const Z_PLANNED = 1.644_853_627;

/** A limit in a step: what the median leaves of it, and how far the error goes at the planned quantile, both in the limit's unit. */
interface Margin {
  readonly row: LimitRow;
  readonly left: number;
  readonly error: number;
  /** What counts as nothing. */
  readonly free: number;
}

/**
 * How much of the room for errors a plan keeps where it cannot keep all of it and yet every limit of the network holds at the median of
 * the forecast: then nothing is in conflict but the width of the forecast, and the search has taken as little of the room as it could.
 * Told is the limit that is passed with the highest probability before the guard, the error up to its quantile taken as normal.
 * Undefined where all room is kept, where a limit is broken at the median, and where there is no power flow for all of the load.
 */
export function keptRoom(optimised: Optimised): KeptRoom | undefined {
  const { layout, best, prices, collapse } = optimised;
  if (collapse !== undefined || violationEur(layout, best, prices) === 0) return undefined;
  let worst: { readonly row: LimitRow; readonly z: number } | undefined;
  for (let step = 0; step < layout.steps; step++)
    for (const { row, left, error, free } of marginsOf(optimised, step)) {
      if (left < -free) return undefined;
      if (error <= free) continue;
      const z = (Z_PLANNED * Math.max(0, left)) / error;
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
    step: row.step,
    text:
      `Holds at the median of the forecast, not at ${PLANNED}: ${element}, ${constraint} at ${timeOf(layout, row.step)}, ` +
      `has a breach probability of ${(100 * probability).toFixed(1)} % before the guard.`,
  };
}

function marginsOf({ layout, best }: Optimised, step: number): Margin[] {
  const { grid, problem, scenarios } = layout;
  const margins: Margin[] = [];
  const corners = scenarios.map((_, index) => index).slice(1);
  const solved = best.solved.map((steps) => steps[step]!);
  const kept = problem.limits.voltageMarginPu;
  /** By how much a reading of a state rises from the median to the worst corner; never less than nothing. */
  const rise = (read: (scenario: number) => number): number =>
    corners.reduce((most, scenario) => Math.max(most, read(scenario) - read(0)), 0);
  for (let node = grid.sourceCount; node < grid.parent.length; node++) {
    const volts = (scenario: number): number => {
      const { vRe, vIm } = solved[scenario]!.workspace;
      return Math.sqrt(vRe[node]! ** 2 + vIm[node]! ** 2);
    };
    const [least, most] = voltageBand(layout, node);
    const voltage = (side: 'min' | 'max', left: number, error: number): void => {
      if (Number.isFinite(left))
        margins.push({
          row: { kind: 'voltage', scenario: 0, step, node, side },
          left: left + kept,
          error: error + kept,
          free: HELD_UP_TO.voltagePct / 100,
        });
    };
    voltage('max', most - volts(0), rise(volts));
    if (least > kept)
      voltage(
        'min',
        volts(0) - least,
        rise((scenario) => -volts(scenario)),
      );
    const rated = ratingMva(layout, node);
    if (rated === Infinity) continue;
    for (const end of ['near', 'far'] as const) {
      const size = (scenario: number): number => {
        const { mw, mvar } = flowOf(solved[scenario]!, node, end);
        return Math.sqrt(mw * mw + mvar * mvar);
      };
      margins.push({
        row: { kind: 'flow', scenario: 0, step, node, end, cos: 1, sin: 0 },
        left: rated - size(0),
        error: rise(size),
        free: (HELD_UP_TO.flowPct / 100) * rated,
      });
    }
  }
  for (const [side, sign, at] of [
    ['imported', 1, 0],
    ['exported', -1, 1],
  ] as const) {
    const limit = (scenario: number): number => sourceLimits(layout, scenarios[scenario]!, step)[at];
    const through = (scenario: number): number => sign * importOf(solved[scenario]!).mw;
    if (Number.isFinite(limit(0)))
      margins.push({
        row: { kind: 'source', scenario: 0, step, side },
        left: limit(0) - through(0),
        // Where feeders' errors do not come together the limit is relieved of what they have too much.
        error: rise((scenario) => through(scenario) - limit(scenario)),
        free: HELD_UP_TO.sourceMw,
      });
    for (const point of layout.points.keys()) {
      const most = pointLimits(layout, { step, point })[at];
      const metered = (scenario: number): number =>
        sign * pointMw(layout, best.x, { scenario: scenarios[scenario]!, step, point });
      if (Number.isFinite(most))
        margins.push({
          row: { kind: 'point', scenario: 0, step, point, side },
          left: most - metered(0),
          error: rise(metered),
          free: HELD_UP_TO.pointMw,
        });
    }
  }
  return margins;
}

/** Distribution function of the standard normal at z >= 0, to 1e-7: Abramowitz and Stegun, Handbook of Mathematical Functions, 26.2.17. */
function normalBelow(z: number): number {
  const t = 1 / (1 + 0.231_641_9 * z);
  const series =
    t * (0.319_381_53 + t * (-0.356_563_782 + t * (1.781_477_937 + t * (-1.821_255_978 + t * 1.330_274_429))));
  return 1 - (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * series;
}
