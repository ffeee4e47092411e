import { fit, type Fit } from './fit.ts';
import { meterHypotheses, type Hypothesis } from './hypotheses.ts';
import { chooseInputs, type EstimateInput } from './inputs.ts';
import { measurementsOf } from './measurements.ts';
import type { EstimateModel } from './model.ts';
import { exchanged, exchangesOf, type Exchange } from './topologies.ts';
import { unknownsOf } from './unknowns.ts';

/** What the means of one window speak for, each by the natural logarithm of its Bayes factor. */
export interface WindowJudgement {
  readonly meters: readonly Hypothesis[];
  readonly switches: readonly { readonly exchange: Exchange; readonly evidence: number }[];
}

/** Spread of single loads by which is judged: wide, and not learnt from what is to be judged. */
const JUDGING_SPREAD = 0.65;
/** A meter that is doubted with this evidence is reason to try the switches. */
const DOUBT = 2;
/** First every so many of the lines that could be open for a tie, then all of the likeliest tie. */
const COARSE = 3;

/**
 * Judges meters and switch states by the means of a window: a hypothesis test over what each meter may be, and over the topologies
 * that one exchange leads to, each fitted by least squares (after Lourenço, Costa and Clements, Bayesian-based hypothesis testing
 * for topology error identification, IEEE Trans. Power Syst. 19(2), 2004). Empty where no state fits at all. The switches cost some
 * forty fits.
 */
export function judgeWindow(
  model: EstimateModel,
  input: EstimateInput,
  switches: 'tried' | 'when-doubted' | 'not-tried' = 'when-doubted',
): WindowJudgement {
  const base = fitted(model, input, {});
  if (!base.converged) return { meters: [], switches: [] };
  const from = Float64Array.from(base.deviates);
  const meters = meterHypotheses(base);
  const doubted = switches === 'when-doubted' && meters.some(({ evidence }) => evidence > DOUBT);
  if (switches !== 'tried' && !doubted) return { meters, switches: [] };
  const evidenceOf = (exchange: Exchange): { exchange: Exchange; evidence: number } => ({
    exchange,
    evidence: fitted(exchanged(model, exchange), input, { from, rounds: 1 }).logLikelihood - base.logLikelihood,
  });
  const all = exchangesOf(model);
  const coarse = all.filter((_, at) => at % COARSE === 0).map(evidenceOf);
  const best = coarse.reduce<(typeof coarse)[number] | undefined>(
    (most, each) => (most === undefined || each.evidence > most.evidence ? each : most),
    undefined,
  );
  if (best === undefined || best.evidence < 0) return { meters, switches: coarse };
  const fine = all.filter((each, at) => at % COARSE !== 0 && each.close === best.exchange.close).map(evidenceOf);
  return { meters, switches: [...coarse, ...fine] };
}

function fitted(
  model: EstimateModel,
  input: EstimateInput,
  start: { readonly from?: Float64Array; readonly rounds?: number },
): Fit {
  const inputs = chooseInputs(model, input);
  const unknowns = unknownsOf(model, input, inputs);
  const measurements = measurementsOf(model, input, inputs);
  return fit(model, { unknowns, measurements }, { ...start, tapPosition: inputs.tap.value, spread: JUDGING_SPREAD });
}
