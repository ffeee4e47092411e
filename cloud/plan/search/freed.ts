import { createWorkspace } from '../../../shared/grid/radial.ts';
import { evaluate, meritOf, newBench, stepWorth, type Evaluation, type ViolationPrices } from './evaluate.ts';
import type { Layout } from '../problem/layout.ts';

/** Apart by the arithmetic alone, EUR. */
const SAME_EUR = 1e-6;

interface Found {
  readonly layout: Layout;
  readonly prices: ViolationPrices;
  readonly best: Evaluation;
  readonly merit: number;
}

/**
 * The sun that a plan holds back without a cause is let go. A search ends at a tolerance of all that the plan costs, and beside limits
 * that are broken whatever it does some hundred kilowatts of sun are less than that. What is let go in a step changes nothing in
 * another one: so where all plants may feed in what they have and no limit of the step is worse for it, they do, else each by itself
 * that may. Undefined: nothing is held back without a cause.
 */
export function freed({ layout, prices, best, merit }: Found): Pick<Found, 'best' | 'merit'> | undefined {
  const width = layout.controls.length;
  const suns = layout.controls.flatMap(({ role, device }, index) =>
    role === 'feed-in' || role === 'limit' ? [{ device, index }] : [],
  );
  const plants = [...Map.groupBy(suns, ({ device }) => device).values()].map((own) => own.map(({ index }) => index));
  const spare = layout.scenarios.map(() => createWorkspace(layout.grid));
  const peakMw = Math.max(0, ...best.importMw);
  const x = best.x.slice();
  const worth = (step: number): number => {
    const { costEur, violationEur } = stepWorth(layout, x, step, { prices, spare, peakMw });
    return costEur + violationEur;
  };
  let isFreed = false;
  for (let step = 0; step < layout.steps; step++) {
    const held = plants
      .map((own) => own.map((index) => step * width + index).filter((at) => x[at]! < layout.upper[at]!))
      .filter((own) => own.length > 0);
    if (held.length === 0) continue;
    let before = worth(step);
    const frees = (some: readonly number[]): boolean => {
      const kept = some.map((at) => x[at]!);
      for (const at of some) x[at] = layout.upper[at]!;
      const after = worth(step);
      if (after <= before + SAME_EUR) {
        before = after;
        return true;
      }
      for (const [index, at] of some.entries()) x[at] = kept[index]!;
      return false;
    };
    const all = frees(held.flat());
    if (all || (held.length > 1 && held.filter(frees).length > 0)) isFreed = true;
  }
  if (!isFreed) return undefined;
  const found = evaluate(layout, x, newBench(layout));
  const here = meritOf(layout, found, prices);
  return here <= merit + SAME_EUR ? { best: found, merit: here } : undefined;
}
