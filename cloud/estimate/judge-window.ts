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
  readonly switches: readonly SwitchHypothesis[];
}

/** What speaks for one line open and another closed in its place, by the natural logarithm of its Bayes factor. */
export interface SwitchHypothesis {
  readonly exchange: Exchange;
  readonly evidence: number;
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
  const base = fitted(model, input, { spread: JUDGING_SPREAD });
  if (!base.converged) return { meters: [], switches: [] };
  const from = Float64Array.from(base.deviates);
  const meters = meterHypotheses(base);
  const doubted = switches === 'when-doubted' && meters.some(({ evidence }) => evidence > DOUBT);
  if (switches !== 'tried' && !doubted) return { meters, switches: [] };
  const evidenceOf = evidence(model, input, { base, from, spread: JUDGING_SPREAD });
  const all = exchangesOf(model);
  const coarse = all.filter((_, at) => at % COARSE === 0).map(evidenceOf);
  const best = coarse.reduce<SwitchHypothesis | undefined>(
    (most, each) => (most === undefined || each.evidence > most.evidence ? each : most),
    undefined,
  );
  if (best === undefined || best.evidence < 0) return { meters, switches: coarse };
  const fine = all.filter((each, at) => at % COARSE !== 0 && each.close === best.exchange.close).map(evidenceOf);
  return { meters, switches: [...coarse, ...fine] };
}

/**
 * Judges the switch states by the means of a day. What is noise in an hour is gone from them, and what single loads differ by is
 * counted once, with the spread that these means speak for: an exchange that each hour hints at is told here. Every exchange is
 * fitted: two of the same tie may differ by more than two ties do.
 */
export function judgeDay(model: EstimateModel, input: EstimateInput): readonly SwitchHypothesis[] {
  const base = fitted(model, input, {});
  if (!base.converged) return [];
  return exchangesOf(model).map(evidence(model, input, { base, from: Float64Array.from(base.deviates) }));
}

/** What the means of a window speak for an exchange that the model was given, against the switches as they stood before it. */
export function judgeExchange(model: EstimateModel, input: EstimateInput, { open, close }: Exchange): number {
  const base = fitted(model, input, { spread: JUDGING_SPREAD });
  if (!base.converged) return 0;
  const from = Float64Array.from(base.deviates);
  return -evidence(model, input, { base, from, spread: JUDGING_SPREAD })({ open: close, close: open }).evidence;
}

interface Start {
  readonly from?: Float64Array;
  readonly rounds?: number;
  /** Spread of single loads; absent: learnt. */
  readonly spread?: number;
}

/** What speaks for an exchange against the model as it is, whose fit is `base`. */
const evidence =
  (model: EstimateModel, input: EstimateInput, { base, ...start }: Start & { readonly base: Fit }) =>
  (exchange: Exchange): SwitchHypothesis => ({
    exchange,
    evidence: fitted(exchanged(model, exchange), input, { ...start, rounds: 1 }).logLikelihood - base.logLikelihood,
  });

function fitted(model: EstimateModel, input: EstimateInput, start: Start): Fit {
  const inputs = chooseInputs(model, input);
  const unknowns = unknownsOf(model, input, inputs);
  const measurements = measurementsOf(model, input, inputs);
  return fit(model, { unknowns, measurements }, { ...start, tapPosition: inputs.tap.value });
}
