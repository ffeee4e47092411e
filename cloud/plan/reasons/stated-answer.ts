import { levelsOf, valuesOf, type DeviceValues } from '../problem/device-cost.ts';
import type { Optimised } from '../search/optimised.ts';
import { verify } from '../search/verify.ts';

/** The answer to a stated problem: arrays are [device][step] in the order of the problem; generation and discharge positive. */
export interface StatedAnswer {
  /** What is paid; the penalty for levels of charge missing at the end stands beside it. */
  readonly costEur: number;
  readonly penaltyEur: number;
  readonly maxVoltageViolationPu: number;
  readonly maxBranchViolationPct: number;
  readonly rounds: number;
  readonly solveMs: number;
  readonly pvMw: number[][];
  readonly pvMvar: number[][];
  readonly batteryDischargeMw: number[][];
  readonly batteryChargeMw: number[][];
  readonly batteryMvar: number[][];
  /** Positive is import, negative is export, MW per step. */
  readonly importMw: number[];
}

export function statedAnswer(optimised: Optimised, solveMs: number): StatedAnswer {
  const { layout, best, rounds } = optimised;
  const values = valuesOf(layout, best.x);
  const { maxVoltageViolationPu, maxBranchViolationPct } = verify(layout, best);
  const of = (kind: string, read: (value: DeviceValues) => number): number[][] =>
    values.filter((_, device) => layout.problem.devices[device]!.kind === kind).map((steps) => steps.map(read));
  return {
    costEur: best.costEur,
    penaltyEur: best.penaltyEur,
    maxVoltageViolationPu,
    maxBranchViolationPct,
    rounds,
    solveMs,
    pvMw: of('pv', (value) => value.feedIn),
    pvMvar: of('pv', (value) => 0 - value.reactive),
    batteryDischargeMw: of('storage', (value) => value.discharge),
    batteryChargeMw: of('storage', (value) => value.charge),
    batteryMvar: of('storage', (value) => 0 - value.reactive),
    importMw: [...best.importMw],
  };
}

/** The most by which a battery ends below the requested level, as a share of its capacity. */
export function endShortfall({ layout, best }: Optimised): number {
  const values = valuesOf(layout, best.x);
  let most = 0;
  for (const [device, item] of layout.problem.devices.entries())
    if (item.kind === 'storage' && item.capacityKwh > 0)
      most = Math.max(most, item.socEndMin - levelsOf(layout, device, values[device]!).at(-1)! / item.capacityKwh);
  return most;
}
