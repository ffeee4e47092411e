import type { Cost } from '../../../../shared/contracts/plan.ts';
import { euro, number } from './format.ts';
import { t, translate } from '../words/t.ts';

/** Returns the parts of a plan's cost that its profile includes; then its penalties, which are not money, and those of doing nothing. */
export function costParts(cost: Cost): (readonly [string, string])[] {
  const parts: readonly (readonly [string, number | undefined])[] = [
    ['energy', cost.energyEur],
    ['CO2', cost.emissionsEur],
    ['losses', cost.lossesEur],
    ['peak', cost.peakEur],
    ['intervention', cost.interventionEur],
  ];
  const without = cost.doNothingViolationEur;
  const { penaltyEur: steering = 0, doNothingPenaltyEur: steeringWithout = 0 } = cost;
  return [
    ...parts.flatMap(([name, eur]) => (eur === undefined || eur === 0 ? [] : [[translate(name), euro(eur)] as const])),
    ...(steering === 0 ? [] : [[t('penalty for charge levels and fairness'), number(steering, 0)] as const]),
    [t('penalty for limits'), number(cost.violationEur, 0)],
    ...(steeringWithout === 0
      ? []
      : [[t('penalty for charge levels and fairness, nothing done'), number(steeringWithout, 0)] as const]),
    ...(without === undefined ? [] : [[t('penalty for limits, nothing done'), number(without, 0)] as const]),
  ];
}

/** Cost of doing nothing, on the same terms as the total. */
export const withoutPlan = ({ doNothingEur }: Cost): string =>
  doNothingEur === Number.MAX_SAFE_INTEGER ? t('no power flow') : euro(doNothingEur);
