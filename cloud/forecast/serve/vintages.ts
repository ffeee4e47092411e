import type { Forecast } from '../../../shared/contracts/forecast.ts';
import type { ForecastHead } from './forecast-store.ts';

/** Selects the vintage for a step. Times in ms UTC. */
export interface VintageRule {
  /** Half open: [start, end), on the grid of `resolutionS`. */
  readonly start: number;
  readonly end: number;
  readonly resolutionS: number;
  /** The latest permitted time of issue for the step that starts at `step`, inclusive. */
  lastIssue(step: number): number;
  /** The earliest permitted one; absent: no limit. */
  firstIssue?(step: number): number;
  /** A vintage with longer steps counts too, as constant within each of them. */
  readonly spreads?: true;
  /** All permitted vintages, not only the newest. */
  readonly all: boolean;
  /** Most steps returned; absent: no limit. */
  readonly most?: number;
}

export interface VintageStep {
  readonly start: number;
  readonly head: ForecastHead;
}

/**
 * The vintages for each step of the range, by step, then by time of issue: for each step the newest one that covers the whole step and was
 * issued when the rule permits. A step that none covers is omitted. A copy of an earlier forecast is newer only in name, so the newest is
 * never a copy.
 * `heads`: ascending by time of issue.
 */
export function chooseVintages(heads: readonly ForecastHead[], rule: VintageRule): VintageStep[] {
  const stepMs = rule.resolutionS * 1000;
  const { most = Number.POSITIVE_INFINITY } = rule;
  const chosen: VintageStep[] = [];
  for (let start = rule.start; start < rule.end && chosen.length < most; start += stepMs) {
    const from = countUpTo(heads, rule.lastIssue(start)) - 1;
    const oldest = rule.firstIssue?.(start) ?? Number.NEGATIVE_INFINITY;
    const found: VintageStep[] = [];
    for (let index = from; index >= 0; index--) {
      const head = heads[index]!;
      if (head.issuedAt < oldest) break;
      if (!covers(head, start, rule)) continue;
      if (!rule.all && start + stepMs <= (head.copiedTo ?? Number.NEGATIVE_INFINITY)) continue;
      found.push({ start, head });
      if (!rule.all) break;
    }
    chosen.push(...found.reverse());
  }
  return chosen.length > most ? chosen.slice(0, most) : chosen;
}

/** The mean of the vintage's own steps in [start, start + resolutionS), or the longer step that holds it: one value per quantile. */
export function valuesAt(
  forecast: { readonly start: number; readonly resolutionS: number; readonly values: readonly (readonly number[])[] },
  start: number,
  resolutionS: number,
): number[] {
  const first = Math.floor((start - forecast.start) / (forecast.resolutionS * 1000));
  const count = Math.max(1, Math.round(resolutionS / forecast.resolutionS));
  return forecast.values.map((row) => {
    let sum = 0;
    for (let step = first; step < first + count; step++) sum += row[step]!;
    return sum / count;
  });
}

/** The mean of the same steps; null if the vintage has none. */
export const meanAt = (
  { mean, start: first, resolutionS: own }: Pick<Forecast, 'mean' | 'start' | 'resolutionS'>,
  start: number,
  resolutionS: number,
): number | null =>
  mean === undefined ? null : valuesAt({ start: first, resolutionS: own, values: [mean] }, start, resolutionS)[0]!;

/** Whether a fallback made the step that starts at `start`, either in place of the model or beyond its horizon. */
export const isFallbackAt = ({ fallback, extension }: Forecast, start: number): boolean =>
  (extension !== undefined && start >= extension.from ? extension.fallback : fallback) !== null;

function covers(head: ForecastHead, start: number, { resolutionS, spreads }: VintageRule): boolean {
  const [ownMs, stepMs] = [head.resolutionS * 1000, resolutionS * 1000];
  return (
    (stepMs % ownMs === 0 || (spreads === true && ownMs % stepMs === 0)) &&
    start >= head.start &&
    (start - head.start) % Math.min(ownMs, stepMs) === 0 &&
    start + stepMs <= head.start + head.steps * ownMs
  );
}

/** The number of heads issued at or before `time`. */
function countUpTo(heads: readonly ForecastHead[], time: number): number {
  let [low, high] = [0, heads.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (heads[middle]!.issuedAt <= time) low = middle + 1;
    else high = middle;
  }
  return low;
}
