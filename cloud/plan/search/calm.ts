import { isLarge } from '../problem/layout.ts';
import { stepwise, type Found } from './stepwise.ts';

/** Most that calm may cost, as a share of what the search leaves undecided. */
const COST_SHARE = 0.3;

/**
 * Keeps reactive power constant from step to step where moving it is worth next to nothing: losses are flat there, and a search that ends
 * at a tolerance leaves it anywhere within. All devices keep their value, otherwise each one that can, while no limit of the step gets
 * worse and the whole costs at most `COST_SHARE` of the search's tolerance. Undefined: nothing is kept.
 */
export function calmed(found: Found): Pick<Found, 'best' | 'merit'> | undefined {
  const { layout, merit } = found;
  const { controls, hours, options } = layout;
  const width = controls.length;
  const movers = controls.flatMap(({ role, device }, index) => (role === 'reactive' ? [{ index, device }] : []));
  const most = COST_SHARE * options.tolerance * Math.max(1, Math.abs(merit));
  const total = hours.reduce((sum, one) => sum + one, 0);
  let hour = 0;
  /** By step: what all steps up to it may cost. */
  const allowedEur = hours.map((one) => {
    hour += one;
    return (most * hour) / total;
  });
  return stepwise(found, {
    changes: (x, step) =>
      movers.flatMap(({ index, device }) => {
        const at = step * width + index;
        const to = x[at - width];
        return to === undefined || x[at] === to ? [] : [{ device, puts: [{ at, to }] }];
      }),
    // Without a power flow before and after, the cost is NaN and the change is refused.
    accepts: (before, after, { step, spentEur }) =>
      after.violationEur <= before.violationEur && spentEur + after.costEur - before.costEur <= allowedEur[step]!,
    most,
    // In a large problem, each by itself would take too many power flows.
    eachByItself: !isLarge(layout),
  });
}
