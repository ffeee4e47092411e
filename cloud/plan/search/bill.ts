import { deviceCost } from '../problem/device-cost.ts';
import { fairnessEur } from '../problem/fairness.ts';
import type { Layout } from '../problem/layout.ts';
import { peakEur } from '../problem/peak-charges.ts';

/** Cost of decisions, EUR, without violations. */
export interface Bill {
  readonly energyEur: number;
  readonly lossesEur: number;
  readonly peakEur: number;
  readonly deviceEur: number;
  readonly costEur: number;
}

/** Import less export, and losses, of the expected state, MW per step. */
export interface Traded {
  readonly importMw: Float64Array;
  readonly lossMw: Float64Array;
}

/** Cost of decisions with the import and the losses that they cause. */
export function billOf(layout: Layout, x: Float64Array, { importMw, lossMw }: Traded): Bill {
  const { prices } = layout.problem;
  let energyEur = 0;
  let lossesEur = 0;
  for (let step = 0; step < layout.steps; step++) {
    energyEur += tradeEur(layout, step, importMw[step]!);
    lossesEur += prices.lossesEurPerMwh * lossMw[step]! * layout.hours[step]!;
  }
  const peaksEur = peakEur(layout, importMw);
  const deviceEur = deviceCost(layout, x) + fairnessEur(layout, x);
  return { energyEur, lossesEur, peakEur: peaksEur, deviceEur, costEur: energyEur + lossesEur + peaksEur + deviceEur };
}

/** Cost of import in a step, EUR; export is negative. */
export function tradeEur({ problem: { prices }, hours }: Layout, step: number, mw: number): number {
  return (mw >= 0 ? prices.importEurPerMwh[step]! : prices.exportEurPerMwh[step]!) * mw * hours[step]!;
}
