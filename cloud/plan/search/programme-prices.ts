import { constraints } from './constraints/table.ts';
import { CORNER_SHARE, type ViolationPrices } from './evaluate.ts';
import type { Layout } from '../problem/layout.ts';
import { ratedNodes, voltageAnswers, type OperatingPoint, type StepModel } from './model.ts';

/** Price of a violation, as a multiple of the problem's dearest price. */
const PENALTY = 20;
const RATING_PER_VOLTAGE = 10;

/**
 * Above all that a plan could pay to remove a violation. Between violations, one percent of voltage counts as ten percent of a rating. A
 * contract holds at the gateway whatever is planned: nothing that a MW could relieve in the middle of the forecast and at its corners is
 * worth breaking it at a corner alone. Sets the costs of the slack columns. `model`: any state, for the response of voltages.
 */
export function violationPrices(layout: Layout, model: StepModel): ViolationPrices {
  const power = PENALTY * layout.dearest;
  const ratings = ratedNodes(layout).map((node) => layout.ratings[node]!);
  const largest = Math.max(0, ...ratings);
  const [weakest, strongest] = voltageAnswers(layout, model);
  const ratingPct = Math.max((power * largest) / 100, power / (100 * weakest) / RATING_PER_VOLTAGE);
  const voltagePct = ratingPct * RATING_PER_VOLTAGE;
  const widest = Math.max(1, largest, ...layout.problem.limits.importKw.filter(Number.isFinite).map((kw) => kw / 1000));
  const mw = Math.max(power, (100 * ratingPct) / widest);
  // It passes the source and the head of its feeder.
  const relief = 2 * mw + (100 * ratingPct) / Math.min(...ratings) + 100 * strongest * voltagePct;
  const contractMw = (relief * (1 + CORNER_SHARE)) / CORNER_SHARE;
  const scale = { voltagePct, ratingPct, mw, contractMw };
  const prices = Object.fromEntries(constraints.map(({ kind, slack }) => [kind, slack.price(scale)]));
  for (const [step, { slack }] of layout.step.entries())
    for (const group of ['mid', 'corner'] as const) {
      const share = layout.hours[step]! * (group === 'mid' ? 1 : CORNER_SHARE);
      for (const { kind } of constraints)
        for (const columns of slack[kind]!) layout.builder.setCost(columns[group], share * prices[kind]!);
    }
  return prices;
}

/** The most that it costs to have devices remove a violation: no longer above all else. */
export const healingPrices = (prices: ViolationPrices): ViolationPrices =>
  Object.fromEntries(Object.entries(prices).map(([kind, price]) => [kind, price / PENALTY]));

/**
 * Where import costs less than export pays, a programme would trade both ways at once. The net is then priced at the one price that holds
 * at the model's point, and the trust region limits the error.
 */
export function priceTrade({ problem, step, hours, builder }: Layout, at: OperatingPoint): void {
  const { importEurPerMwh, exportEurPerMwh } = problem.prices;
  for (const [index, { imported, exported }] of step.entries()) {
    if (importEurPerMwh[index]! >= exportEurPerMwh[index]!) continue;
    const price = (at.importMw[index]! >= 0 ? importEurPerMwh[index]! : exportEurPerMwh[index]!) * hours[index]!;
    builder.setCost(imported, price);
    builder.setCost(exported, -price);
  }
}
