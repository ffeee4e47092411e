import type { Billed, Layout, StepColumns } from './layout.ts';
import type { LpBuilder } from './lp.ts';
import type { DispatchProblem } from './problem.ts';
import { stepTimes } from './series.ts';

/**
 * The intervals of the capacity tariff; none without one. A longer step stands for its intervals, and of an interval that has begun only
 * the rest counts.
 */
export function billedIntervals({ prices: { capacity }, horizon: { start, stepsS } }: DispatchProblem): Billed[] {
  if (capacity === undefined) return [];
  const { intervalS, laterMonths = [] } = capacity;
  const groups = Map.groupBy(stepTimes(start, stepsS).entries(), ([step, time]) => {
    const month = laterMonths.filter((first) => first <= step).length;
    return `${month} ${stepsS[step]! >= intervalS ? time : Math.floor(time / (1000 * intervalS)) * 1000 * intervalS}`;
  });
  return [...groups].map(([key, members]) => {
    const steps = members.map(([step]) => step);
    const hours = steps.reduce((sum, step) => sum + stepsS[step]! / 3600, 0);
    return { steps, hours, month: Number(key.split(' ')[0]) };
  });
}

/** What the peak of a month starts from, MW. */
const standsAt = ({ prices: { capacity } }: DispatchProblem, month: number): number =>
  month === 0 ? (capacity?.peakSoFarKw ?? 0) / 1000 : 0;

interface PeakContext {
  readonly problem: DispatchProblem;
  readonly builder: LpBuilder;
  readonly hours: Float64Array;
  readonly billed: readonly Billed[];
}

/** The horizon's peak is no less than any import; each month's excess no less than any billed mean beyond what stands already. */
export function addPeaks(
  { problem, builder, hours, billed }: PeakContext,
  step: readonly Pick<StepColumns, 'imported'>[],
): void {
  const { peakEurPerKw, capacity } = problem.prices;
  if (peakEurPerKw > 0) {
    const peak = builder.column(0, Infinity, peakEurPerKw * 1000);
    for (const { imported } of step) {
      builder.row(0, Infinity);
      builder.entry(peak, 1);
      builder.entry(imported, -1);
    }
  }
  for (const [month, intervals] of Map.groupBy(billed, (each) => each.month)) {
    const excess = builder.column(0, Infinity, capacity!.eurPerKw * 1000);
    for (const interval of intervals) {
      builder.row(-standsAt(problem, month), Infinity);
      builder.entry(excess, 1);
      for (const at of interval.steps) builder.entry(step[at]!.imported, -hours[at]! / interval.hours);
    }
  }
}

const meanOf = ({ hours }: Layout, { steps, hours: all }: Billed, importMw: Float64Array): number =>
  steps.reduce((sum, step) => sum + Math.max(0, importMw[step]!) * hours[step]!, 0) / all;

/** Peak of each month, MW, no less than what stands already. */
function monthPeaks(layout: Layout, importMw: Float64Array): Map<number, number> {
  const peaks = new Map<number, number>();
  for (const each of layout.billed) {
    const stands = peaks.get(each.month) ?? standsAt(layout.problem, each.month);
    peaks.set(each.month, Math.max(stands, meanOf(layout, each, importMw)));
  }
  return peaks;
}

/** Cost of the peaks, EUR: of the horizon's, and of what each month's exceeds the one that stands. */
export function peakEur(layout: Layout, importMw: Float64Array): number {
  const { peakEurPerKw, capacity } = layout.problem.prices;
  let eur = peakEurPerKw * 1000 * Math.max(0, ...importMw);
  for (const [month, peak] of monthPeaks(layout, importMw))
    eur += (capacity?.eurPerKw ?? 0) * 1000 * (peak - standsAt(layout.problem, month));
  return eur;
}

/** What one more MW of import costs beyond a threshold, by step. */
interface Threshold {
  readonly mw: number;
  readonly eurPerMw: number;
}

/** Thresholds above which the import of one step raises a peak, while the others import as planned. */
export type StandingPeaks = readonly (readonly Threshold[])[];

export function standingPeaks(layout: Layout, importMw: Float64Array): StandingPeaks {
  const { hours, billed, problem, steps } = layout;
  const { peakEurPerKw, capacity } = problem.prices;
  const horizon = { mw: Math.max(0, ...importMw), eurPerMw: peakEurPerKw * 1000 };
  const found: Threshold[][] = Array.from({ length: steps }, () => [horizon]);
  if (capacity === undefined) return found;
  const peaks = monthPeaks(layout, importMw);
  for (const interval of billed) {
    const room = peaks.get(interval.month)! - meanOf(layout, interval, importMw);
    for (const step of interval.steps) {
      const share = hours[step]! / interval.hours;
      const mw = Math.max(0, importMw[step]!) + room / share;
      found[step]!.push({ mw, eurPerMw: capacity.eurPerKw * 1000 * share });
    }
  }
  return found;
}

/** Cost of the peaks that an import of a step raises, EUR. */
export const raisedEur = (thresholds: readonly Threshold[], importMw: number): number =>
  thresholds.reduce((sum, { mw, eurPerMw }) => sum + eurPerMw * Math.max(0, importMw - mw), 0);
