import type { Cost } from '../../../../shared/contracts/plan.ts';
import { euro } from './format.ts';

/** The parts of a plan's cost, those that a profile has not left out; the violation always, and beside it that of doing nothing. */
export function costParts(cost: Cost): (readonly [string, string])[] {
  const parts: readonly (readonly [string, number | undefined])[] = [
    ['energy', cost.energyEur],
    ['CO2', cost.emissionsEur],
    ['losses', cost.lossesEur],
    ['peak', cost.peakEur],
    ['intervention', cost.interventionEur],
  ];
  const without = cost.doNothingViolationEur;
  return [
    ...parts.flatMap(([name, eur]) => (eur === undefined || eur === 0 ? [] : [[name, euro(eur)] as const])),
    ['violation', euro(cost.violationEur)],
    ...(without === undefined ? [] : [['violation, nothing done', euro(without)] as const]),
  ];
}

/** What doing nothing costs, on the same terms as the total. */
export const withoutPlan = ({ doNothingEur }: Cost): string =>
  doNothingEur === Number.MAX_SAFE_INTEGER ? 'no power flow' : euro(doNothingEur);
