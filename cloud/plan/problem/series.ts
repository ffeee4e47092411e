import type { Forecast } from '../../../shared/contracts/forecast.ts';

/** Tail of a forecast for which plans keep room, and the standard normal quantile where it begins. */
export const TAIL = 0.05;
export const Z_TAIL = 1.644_853_627;

/** One forecast on the steps of a plan: its middle and the values for which the plan keeps room, kW: the least and the most. */
export interface Quantiles {
  readonly mid: readonly number[];
  readonly low: readonly number[];
  readonly high: readonly number[];
}

/** Start of each step, ms UTC. */
export function stepTimes(start: number, stepsS: readonly number[]): number[] {
  const times: number[] = [];
  let at = start;
  for (const seconds of stepsS) {
    times.push(at);
    at += seconds * 1000;
  }
  return times;
}

/** Hours from `now` to a part of each step: 0.5 is its middle, 1 its end. */
export const leadHours = (start: number, stepsS: readonly number[], now: number, part = 0.5): number[] =>
  stepTimes(start, stepsS).map((time, step) => Math.max(0, time + stepsS[step]! * 1000 * part - now) / 3_600_000);

/** Values of a forecast at the middle of each step; undefined if it does not cover the whole horizon. */
export function onSteps(
  forecast: Forecast,
  horizon: { readonly start: number; readonly stepsS: readonly number[] },
  tail: number,
): Quantiles | undefined {
  const pick = (quantile: number): readonly number[] => forecast.values[nearest(forecast.quantiles, quantile)] ?? [];
  const rows = { low: pick(tail), mid: pick(0.5), high: pick(1 - tail) };
  const out = { low: [] as number[], mid: [] as number[], high: [] as number[] };
  for (const [step, time] of stepTimes(horizon.start, horizon.stepsS).entries()) {
    const middle = time + (horizon.stepsS[step]! * 1000) / 2;
    const at = Math.floor((middle - forecast.start) / (forecast.resolutionS * 1000));
    const mid = rows.mid[at];
    if (mid === undefined) return undefined;
    out.mid.push(mid);
    out.low.push(Math.min(mid, rows.low[at] ?? mid));
    out.high.push(Math.max(mid, rows.high[at] ?? mid));
  }
  return out;
}

function nearest(quantiles: readonly number[], wanted: number): number {
  let found = 0;
  for (const [index, quantile] of quantiles.entries())
    if (Math.abs(quantile - wanted) < Math.abs(quantiles[found]! - wanted)) found = index;
  return found;
}
