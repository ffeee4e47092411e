import { deviceCost } from '../problem/device-cost.ts';
import { fairnessEur } from '../problem/fairness.ts';
import type { Layout } from '../problem/layout.ts';

/** What decisions cost, EUR; violations are no part of it. */
export interface Bill {
  readonly energyEur: number;
  readonly lossesEur: number;
  readonly peakEur: number;
  readonly deviceEur: number;
  readonly costEur: number;
}

/** Import less export, and losses, of what is expected, MW per step. */
export interface Traded {
  readonly importMw: Float64Array;
  readonly lossMw: Float64Array;
}

/** What decisions cost with the import and the losses that they make. */
export function billOf(layout: Layout, x: Float64Array, { importMw, lossMw }: Traded): Bill {
  const { prices } = layout.problem;
  let energyEur = 0;
  let lossesEur = 0;
  let peak = 0;
  for (let step = 0; step < layout.steps; step++) {
    energyEur += tradeEur(layout, step, importMw[step]!);
    lossesEur += prices.lossesEurPerMwh * lossMw[step]! * layout.hours[step]!;
    peak = Math.max(peak, importMw[step]!);
  }
  const peakEur = prices.peakEurPerKw * 1000 * peak;
  const deviceEur = deviceCost(layout, x) + fairnessEur(layout, x);
  return { energyEur, lossesEur, peakEur, deviceEur, costEur: energyEur + lossesEur + peakEur + deviceEur };
}

/** What import in a step costs, EUR; export is negative. */
export function tradeEur({ problem: { prices }, hours }: Layout, step: number, mw: number): number {
  return (mw >= 0 ? prices.importEurPerMwh[step]! : prices.exportEurPerMwh[step]!) * mw * hours[step]!;
}
