import { fit, type Fit } from './fit.ts';
import { meterHypotheses, type Hypothesis } from './hypotheses.ts';
import { chooseInputs, type EstimateInput } from './inputs.ts';
import { measurementsOf } from './measurements.ts';
import type { EstimateModel } from './model.ts';
import { exchanged, exchangesOf, type Exchange } from './topologies.ts';
import { unknownsOf } from './unknowns.ts';

/** What the means of one window support, each by the natural logarithm of its Bayes factor. */
export interface WindowJudgement {
  readonly meters: readonly Hypothesis[];
  readonly switches: readonly SwitchHypothesis[];
}

/** Support for one line open and another closed in its place: natural logarithm of the Bayes factor. */
export interface SwitchHypothesis {
  readonly exchange: Exchange;
  readonly evidence: number;
}

/** Spread of single loads for judging: wide, and not learnt from the values under judgement. */
const JUDGING_SPREAD = 0.65;
/** Doubt about a meter beyond this evidence triggers a test of the switches. */
const DOUBT = 2;
/** Tries every third line that could be open for a tie, then all lines of the likeliest tie. */
const COARSE = 3;

/**
 * Judges meters and switch states by the means of a window: a hypothesis test over what may be wrong with each meter, and over the
 * topologies that one exchange leads to, each fitted by least squares (after Lourenço, Costa and Clements, Bayesian-based hypothesis
 * testing for topology error identification, IEEE Trans. Power Syst. 19(2), 2004). Empty if no state fits at all. The switches cost some
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
 * Judges the switch states by the means of a day. Hourly noise has averaged out, and the deviations of single loads count once, with the
 * spread that these means support, so an exchange that each hour only hints at shows here. Every exchange is fitted: two of the same tie
 * may differ more than two ties do.
 */
export function judgeDay(model: EstimateModel, input: EstimateInput): readonly SwitchHypothesis[] {
  const base = fitted(model, input, {});
  if (!base.converged) return [];
  return exchangesOf(model).map(evidence(model, input, { base, from: Float64Array.from(base.deviates) }));
}

/** Support in a window's means for an exchange already made in the model, against the switches before it. */
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

/** Support for an exchange against the unchanged model, whose fit is `base`. */
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
