import { slackOf, type LimitRow, type Place } from './constraints/constraint.ts';
import { constraintOf } from './constraints/table.ts';
import { aroundOf, groupOf, isLimit } from './network-rows.ts';
import type { Optimised } from './optimised.ts';
import type { BindingRow } from './round.ts';

/** Price of consumption at a place in a step, EUR/MWh, split by what it burdens; the price is the sum without the penalty. */
export interface PriceParts {
  /** At the source: cost of one more MWh of import, the horizon's peak included. */
  readonly energy: number;
  readonly losses: number;
  /** Ratings and limits of power. */
  readonly congestion: number;
  readonly voltage: number;
  /** Added by broken limits: a penalty, and no part of the price. */
  readonly penalty: number;
}

/** Whether a limit is broken, so that its multiplier is a penalty and not a price. */
export function isBroken({ layout, best }: Pick<Optimised, 'layout' | 'best'>, row: LimitRow): boolean {
  const constraint = constraintOf(row);
  const group = groupOf(row.scenario);
  // Limits of a group share a slack, so they are broken together.
  return layout.scenarios.some((_, scenario) => {
    const over = best.violations[scenario]![row.step]![row.kind]![slackOf(constraint, row)]!;
    return groupOf(scenario) === group && over > constraint.slack.heldUpTo;
  });
}

/** EUR/MWh that a binding limit adds to consumption at a place (per MW, Mvar or pu) in its step. */
export function limitPrice({ layout, model }: Optimised, { row, dual }: BindingRow, place: Place): number {
  if (!isLimit(row)) return 0;
  const { slope } = constraintOf(row).line(layout, aroundOf(model, row), row);
  return (-dual * slope(place)) / layout.hours[row.step]!;
}

/**
 * The marginal price of active power at an input: derivative of the minimum cost with respect to consumption there, by the multipliers of
 * the last programme (locational marginal price; Schweppe et al., Spot Pricing of Electricity, 1988).
 */
export function priceParts(optimised: Optimised, step: number, input: number): PriceParts {
  const { layout, binding, model, energyEurPerMwh } = optimised;
  const energy = energyEurPerMwh?.[step] ?? 0;
  const { dImport, dLoss } = model.steps[0]![step]!;
  const losses = energy * (dImport[input]! - 1) + layout.problem.prices.lossesEurPerMwh * dLoss![input]!;
  let voltage = 0;
  let congestion = 0;
  let penalty = 0;
  for (const one of binding) {
    if (one.row.step !== step || !isLimit(one.row)) continue;
    const price = limitPrice(optimised, one, { input });
    if (isBroken(optimised, one.row)) penalty += price;
    else if (constraintOf(one.row).priced === 'voltage') voltage += price;
    else congestion += price;
  }
  return { energy, losses, congestion, voltage, penalty };
}
