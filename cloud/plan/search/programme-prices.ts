import { CORNER_SHARE, ratingMva, type Evaluation, type ViolationPrices } from './evaluate.ts';
import type { Layout } from '../problem/layout.ts';
import { ratedNodes, weakestAnswer, type StepModel } from './model.ts';

/** A violation's price over the dearest price of the problem. */
const PENALTY = 20;
const RATING_PER_VOLTAGE = 10;

/**
 * Above all that a plan could pay to heal a violation; where violations have to be weighed against each other, one percent of
 * voltage counts as ten percent of a rating. Sets the costs of the slack columns. `model`: any state, which says how voltages answer.
 */
export function violationPrices(layout: Layout, model: StepModel): ViolationPrices {
  const power = PENALTY * layout.dearest;
  const largest = Math.max(0, ...ratedNodes(layout).map((node) => ratingMva(layout, node)));
  const flow = Math.max((power * largest) / 100, power / (100 * weakestAnswer(layout, model)) / RATING_PER_VOLTAGE);
  const widest = Math.max(1, largest, ...layout.problem.limits.importKw.filter(Number.isFinite).map((kw) => kw / 1000));
  const source = Math.max(power, (100 * flow) / widest);
  const prices = { flow, voltage: flow * RATING_PER_VOLTAGE, source, point: source };
  for (const [step, { slack }] of layout.step.entries())
    for (const group of ['mid', 'corner'] as const) {
      const share = layout.hours[step]! * (group === 'mid' ? 1 : CORNER_SHARE);
      layout.builder.setCost(slack.voltage[group], share * prices.voltage);
      layout.builder.setCost(slack.flow[group], share * prices.flow);
      layout.builder.setCost(slack.source[group], share * prices.source);
      layout.builder.setCost(slack.point[group], share * prices.point);
    }
  return prices;
}

/** What it costs at the most that devices heal a violation: no longer above all else. */
export const healingPrices = ({ voltage, flow, source, point }: ViolationPrices): ViolationPrices => ({
  voltage: voltage / PENALTY,
  flow: flow / PENALTY,
  source: source / PENALTY,
  point: point / PENALTY,
});

/**
 * Where import is cheaper than export is paid, a programme would trade both ways at once: there the net is priced at the one price
 * that holds at the model's point, and the trust region sees to the rest.
 */
export function priceTrade({ problem, step, hours, builder }: Layout, at: Evaluation): void {
  const { importEurPerMwh, exportEurPerMwh } = problem.prices;
  for (const [index, { imported, exported }] of step.entries()) {
    if (importEurPerMwh[index]! >= exportEurPerMwh[index]!) continue;
    const price = (at.importMw[index]! >= 0 ? importEurPerMwh[index]! : exportEurPerMwh[index]!) * hours[index]!;
    builder.setCost(imported, price);
    builder.setCost(exported, -price);
  }
}
