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
  /** The sum of the above: what is paid. */
  readonly costEur: number;
  /** Levels of charge missing at the end, and unfair curtailment: prices that steer a plan and that nobody pays. */
  readonly penaltyEur: number;
  /** What a search minimises besides violations: cost and penalties, less the reward for limits left open. */
  readonly objectiveEur: number;
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
  const { costEur: deviceEur, penaltyEur: levelEur, rewardEur } = deviceCost(layout, x);
  const costEur = energyEur + lossesEur + peaksEur + deviceEur;
  const penaltyEur = levelEur + fairnessEur(layout, x);
  const objectiveEur = costEur + penaltyEur - rewardEur;
  return { energyEur, lossesEur, peakEur: peaksEur, deviceEur, costEur, penaltyEur, objectiveEur };
}

/** Cost of import in a step, EUR; export is negative. */
export function tradeEur({ problem: { prices }, hours }: Layout, step: number, mw: number): number {
  return (mw >= 0 ? prices.importEurPerMwh[step]! : prices.exportEurPerMwh[step]!) * mw * hours[step]!;
}
