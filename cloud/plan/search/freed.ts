import { curtailedEur } from '../problem/device-cost.ts';
import type { Role } from '../problem/layout.ts';
import { keepsAsMuch } from './evaluate.ts';
import { SAME_EUR, stepwise, type Found } from './stepwise.ts';

/**
 * Releases the sun that a plan holds back without a cause. A search ends at a tolerance of all that the plan costs; beside limits that are
 * broken whatever it does, some hundred kilowatts of sun are less than that. All plants feed in what they have if that breaks no limit that
 * the step keeps, otherwise each one that can by itself. Undefined: nothing is held back without a cause.
 */
export function freed(found: Found): Pick<Found, 'best' | 'merit'> | undefined {
  const { layout } = found;
  const { controls, upper, problem } = layout;
  const plants = problem.devices.flatMap((plant, device) => {
    if (plant.kind !== 'pv') return [];
    const indexOf = (role: Role): number => controls.findIndex((one) => one.device === device && one.role === role);
    return [{ plant, device, feedIn: indexOf('feed-in'), limit: indexOf('limit') }];
  });
  return stepwise(found, {
    changes: (x, step) =>
      plants.flatMap(({ plant, device, feedIn, limit }) => {
        const first = step * controls.length;
        const puts = [feedIn, limit]
          .filter((index) => index >= 0 && x[first + index]! < upper[first + index]!)
          .map((index) => ({ at: first + index, to: upper[first + index]! }));
        const heldEur = (of: Float64Array): number => curtailedEur(layout, plant, step, of[first + feedIn]!);
        return puts.length === 0 ? [] : [{ device, puts, ownEur: heldEur(upper) - heldEur(x) }];
      }),
    accepts: (before, after) =>
      keepsAsMuch(before.violationEur, after.violationEur) &&
      after.costEur + after.violationEur <= before.costEur + before.violationEur + SAME_EUR,
    most: 0,
    eachByItself: true,
  });
}
