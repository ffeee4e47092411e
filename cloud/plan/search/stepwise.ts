import { createWorkspace } from '../../../shared/grid/radial.ts';
import { capabilityOf } from './capability.ts';
import { evaluate, keepsAsMuch, meritOf, newBench, stepWorth, violationEur, type StepWorth } from './evaluate.ts';
import type { Optimised } from './optimised.ts';

/** Apart by the arithmetic alone, EUR. */
export const SAME_EUR = 1e-6;

/** Of what a search has found. */
export type Found = Pick<Optimised, 'layout' | 'prices' | 'best' | 'merit'>;

/** Of one device in one step: its controls by their places in the plan, and what they become. */
export interface Change {
  readonly device: number;
  readonly puts: readonly { readonly at: number; readonly to: number }[];
  /** What it costs in itself, EUR, which the worth of a step leaves out. Absent: nothing. */
  readonly ownEur?: number;
}

interface Stepwise {
  /** What might be otherwise in a step of the plan `x`. */
  readonly changes: (x: Float64Array, step: number) => readonly Change[];
  /**
   * Whether a step may be worth `after` where it was worth `before`, with what its changes cost in themselves; `spentEur`: what the
   * changes accepted so far cost.
   */
  readonly accepts: (
    before: StepWorth,
    after: StepWorth,
    where: { readonly step: number; readonly spentEur: number },
  ) => boolean;
  /** The whole plan may be dearer by so much, EUR. */
  readonly most: number;
  /** Where all changes of a step together are not accepted, each is tried by itself. */
  readonly eachByItself: boolean;
}

/**
 * Changes a plan step by step, where what is done in a step changes nothing in another one: of each step all changes at once, else each
 * by itself that is accepted. Each device stays within its rating, and a plan that keeps all limits goes on keeping them. Undefined:
 * nothing is changed.
 */
export function stepwise(
  { layout, prices, best, merit }: Found,
  { changes, accepts, most, eachByItself }: Stepwise,
): Pick<Found, 'best' | 'merit'> | undefined {
  const spare = layout.scenarios.map(() => createWorkspace(layout.grid));
  const peakMw = Math.max(0, ...best.importMw);
  const x = best.x.slice();
  const worth = (step: number): StepWorth => stepWorth(layout, x, step, { prices, spare, peakMw });
  const capabilities = layout.problem.devices.map((_, device) => capabilityOf(layout, device));
  let isChanged = false;
  let spentEur = 0;
  for (let step = 0; step < layout.steps; step++) {
    const all = changes(x, step);
    if (all.length === 0) continue;
    let here = worth(step);
    const takes = (some: readonly Change[]): boolean => {
      const puts = some.flatMap((each) => each.puts);
      const kept = puts.map(({ at }) => x[at]!);
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
      for (const [index, { at }] of puts.entries()) x[at] = kept[index]!;
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
