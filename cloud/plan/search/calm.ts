import { createWorkspace } from '../../../shared/grid/radial.ts';
import { evaluate, meritOf, newBench, stepWorth, type Evaluation, type ViolationPrices } from './evaluate.ts';
import { isLarge, type Layout } from '../problem/layout.ts';

/** What calm may cost: this share of what the search leaves undecided. */
const COST_SHARE = 0.3;
/** Apart by the arithmetic alone, EUR. */
const SAME_EUR = 1e-6;

interface Found {
  readonly layout: Layout;
  readonly prices: ViolationPrices;
  readonly best: Evaluation;
  readonly merit: number;
}

/**
 * Reactive power stays from step to step where moving it is worth next to nothing: losses are flat there, and a search that ends at a
 * tolerance leaves it anywhere within. What it does in a step changes nothing in another one. So step by step all devices keep what
 * they had, else each by itself that can, while no limit of the step is worse for it, each stays within its rating, and all of it
 * costs at most a third of the search's tolerance. Undefined: nothing stays.
 */
export function calmed({ layout, prices, best, merit }: Found): Pick<Found, 'best' | 'merit'> | undefined {
  const { controls, hours, steps, options } = layout;
  const width = controls.length;
  const movers = controls.flatMap(({ role, device }, index) =>
    role === 'reactive' ? [{ index, fits: circleOf(layout, device) }] : [],
  );
  if (movers.length === 0) return undefined;
  const spare = layout.scenarios.map(() => createWorkspace(layout.grid));
  const peakMw = Math.max(0, ...best.importMw);
  const most = COST_SHARE * options.tolerance * Math.max(1, Math.abs(merit));
  const perHour = most / hours.reduce((sum, one) => sum + one, 0);
  const x = best.x.slice();
  const worth = (step: number) => stepWorth(layout, x, step, { prices, spare, peakMw });
  let left = perHour * hours[0]!;
  let isCalmer = false;
  for (let step = 1; step < steps; step++) {
    left += perHour * hours[step]!;
    const moving = movers.filter(({ index }) => x[step * width + index] !== x[(step - 1) * width + index]);
    if (moving.length === 0) continue;
    let here = worth(step);
    const stays = (some: typeof movers): boolean => {
      const kept = some.map(({ index }) => x[step * width + index]!);
      for (const { index } of some) x[step * width + index] = x[(step - 1) * width + index]!;
      if (some.every(({ fits }) => fits(x, step))) {
        const then = worth(step);
        const dearer = then.costEur - here.costEur;
        if (then.violationEur <= here.violationEur && dearer <= left) {
          left -= dearer;
          here = then;
          return true;
        }
      }
      for (const [at, { index }] of some.entries()) x[step * width + index] = kept[at]!;
      return false;
    };
    // Of a large problem each by itself would be too many power flows.
    if (stays(moving) || (!isLarge(layout) && moving.filter((one) => stays([one])).length > 0)) isCalmer = true;
  }
  if (!isCalmer) return undefined;
  const found = evaluate(layout, x, newBench(layout));
  const here = meritOf(layout, found, prices);
  return here <= merit + most + SAME_EUR ? { best: found, merit: here } : undefined;
}

/** Whether a device stays within the circle of its rating. */
function circleOf(layout: Layout, device: number): (x: Float64Array, step: number) => boolean {
  const item = layout.problem.devices[device]!;
  const rated = 'apparentPowerKva' in item ? item.apparentPowerKva : undefined;
  if (rated === undefined) return () => true;
  const own = layout.controls.flatMap((control, index) =>
    control.device === device && control.role !== 'limit' ? [{ ...control, index }] : [],
  );
  return (x, step) => {
    let mw = 0;
    let mvar = 0;
    for (const { role, sign, index } of own) {
      const value = sign * x[step * layout.controls.length + index]!;
      if (role === 'reactive') mvar += value;
      else mw += value;
    }
    return Math.hypot(mw, mvar) <= rated / 1000;
  };
}
