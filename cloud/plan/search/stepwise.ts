import { createWorkspace } from '../../../shared/grid/radial.ts';
import { capabilityOf } from './capability.ts';
import { evaluate, keepsAsMuch, meritOf, newBench, stepWorth, violationEur, type StepWorth } from './evaluate.ts';
import { standingPeaks } from '../problem/peak-charges.ts';
import type { Optimised } from './optimised.ts';

/** A smaller difference is numerical error, EUR. */
export const SAME_EUR = 1e-6;

/** The part of a search's result that is needed here. */
export type Found = Pick<Optimised, 'layout' | 'prices' | 'best' | 'merit'>;

/** A change of one device in one step: places of its controls in the plan, and their new values. */
export interface Change {
  readonly device: number;
  readonly puts: readonly { readonly at: number; readonly to: number }[];
  /** The device's own cost of the change, EUR, which the worth of a step leaves out. Absent: none. */
  readonly ownEur?: number;
}

interface Stepwise {
  /** Possible changes in a step of the plan `x`. */
  readonly changes: (x: Float64Array, step: number) => readonly Change[];
  /**
   * Whether the worth of a step may go from `before` to `after`, own costs of its changes included; `spentEur`: cost of the changes
   * accepted so far.
   */
  readonly accepts: (
    before: StepWorth,
    after: StepWorth,
    where: { readonly step: number; readonly spentEur: number },
  ) => boolean;
  /** Most by which the whole plan may become dearer, EUR. */
  readonly most: number;
  /** Whether to try each change of a step by itself if they are not accepted together. */
  readonly eachByItself: boolean;
}

/**
 * Changes a plan step by step, for changes that do not affect other steps: all changes of a step at once, otherwise each one that is
 * accepted by itself. Each device stays within its rating, and a plan that keeps all limits goes on keeping them. Undefined: nothing is
 * changed.
 */
export function stepwise(
  { layout, prices, best, merit }: Found,
  { changes, accepts, most, eachByItself }: Stepwise,
): Pick<Found, 'best' | 'merit'> | undefined {
  const spare = layout.scenarios.map(() => createWorkspace(layout.grid));
  const peaks = standingPeaks(layout, best.importMw);
  const x = best.x.slice();
  const worth = (step: number): StepWorth => stepWorth(layout, x, step, { prices, spare, peaks });
  const capabilities = layout.problem.devices.map((_, device) => capabilityOf(layout, device));
  let isChanged = false;
  let spentEur = 0;
  for (let step = 0; step < layout.steps; step++) {
    const all = changes(x, step);
    if (all.length === 0) continue;
    let here = worth(step);
    const takes = (some: readonly Change[]): boolean => {
      const puts = some.flatMap((each) => each.puts);
      const previous = puts.map(({ at }) => x[at]!);
      for (const { at, to } of puts) x[at] = to;
      const canDo = some.every(({ device }) => {
        const capability = capabilities[device];
        return capability === undefined || !capability.isBeyond(capability.power(x, step));
      });
      if (canDo) {
        const there = worth(step);
        const costEur = some.reduce((sum, { ownEur = 0 }) => sum + ownEur, there.costEur);
        if (accepts(here, { ...there, costEur }, { step, spentEur })) {
          spentEur += costEur - here.costEur;
          here = there;
          return true;
        }
      }
      for (const [index, { at }] of puts.entries()) x[at] = previous[index]!;
      return false;
    };
    const some = (): boolean => eachByItself && all.length > 1 && all.filter((one) => takes([one])).length > 0;
    if (takes(all) || some()) isChanged = true;
  }
  if (!isChanged) return undefined;
  const found = evaluate(layout, x, newBench(layout));
  const here = meritOf(layout, found, prices);
  const keeps = keepsAsMuch(violationEur(layout, best, prices), violationEur(layout, found, prices));
  return keeps && here <= merit + most + SAME_EUR ? { best: found, merit: here } : undefined;
}
