import { isLimit, rowCoefficient } from '../search/elements.ts';
import type { Control } from '../problem/layout.ts';
import { isBehind } from '../search/network-rows.ts';
import type { Optimised } from '../search/optimise.ts';
import type { BindingRow } from '../search/round.ts';

/** Price of consumption at a place in a step, EUR/MWh, taken apart by what it burdens; the price is their sum. */
export interface PriceParts {
  /** At the source: what one MWh more of import costs, the horizon's peak included. */
  readonly energy: number;
  readonly losses: number;
  /** Ratings and the limit at the source. */
  readonly congestion: number;
  readonly voltage: number;
}

/** EUR/MWh that a binding limit adds to consumption at an input of the linearisation (per MW, Mvar or pu) in its step. */
export function limitPrice({ layout, model }: Optimised, { row, dual }: BindingRow, input: number): number {
  if (!isLimit(row)) return 0;
  const at = model.steps[row.scenario]![row.step]!;
  return (-dual * rowCoefficient(layout, at, row, input)) / layout.hours[row.step]!;
}

/** The same for what a control does, which may lie behind the meter of a connection point. */
export function limitPriceOf(optimised: Optimised, one: BindingRow, control: Control): number {
  const { layout } = optimised;
  const { row, dual } = one;
  if (row.kind !== 'point') return limitPrice(optimised, one, control.input);
  if (!isBehind(layout, row.point, control)) return 0;
  return ((row.side === 'imported' ? -1 : 1) * dual) / layout.hours[row.step]!;
}

/**
 * The marginal price of active power at an input: derivative of the least cost to consumption there, by the multipliers of the
 * last programme (locational marginal price; Schweppe et al., Spot Pricing of Electricity, 1988).
 */
export function priceParts(optimised: Optimised, step: number, input: number): PriceParts {
  const { layout, binding, model, energyEurPerMwh } = optimised;
  const energy = energyEurPerMwh?.[step] ?? 0;
  const losses = (energy + layout.problem.prices.lossesEurPerMwh) * (model.steps[0]![step]!.dImport[input]! - 1);
  let voltage = 0;
  let congestion = 0;
  for (const one of binding) {
    if (one.row.step !== step) continue;
    const price = limitPrice(optimised, one, input);
    if (one.row.kind === 'voltage') voltage += price;
    else congestion += price;
  }
  return { energy, losses, congestion, voltage };
}
