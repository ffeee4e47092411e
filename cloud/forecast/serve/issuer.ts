import { sayForecast } from '../../../shared/sentences/forecast-forms.ts';
import { Sentences, textOf, type Part, type Said } from '../../../shared/sentences/said.ts';
import type { ForecastTarget } from '../registry/forecast-target.ts';
import { STEPS } from '../registry/horizons.ts';
import type { Forecast, ForecastFallback } from '../../../shared/contracts/forecast.ts';
import type { MemberBlend } from '../../../shared/contracts/model.ts';
import type { ModelManifest } from '../../../shared/contracts/model.ts';
import { LocalCalendar } from '../../../shared/forecast/calendar.ts';
import { baselineForecast } from '../../../shared/forecast/naive.ts';
import { indexOfLevel, QUANTILES } from '../../../shared/forecast/quantiles.ts';
import { completeness, endOf, stepsPerDay, type LoadSeries } from '../../../shared/forecast/series.ts';
import type { ErrorCode } from '../../../shared/outcome/catalogue.ts';
import { bad, good, type Outcome } from '../../../shared/outcome/outcome.ts';
import type { Inference } from '../../../shared/ports/inference.ts';
import { runWeighted } from './blend/run-weighted.ts';
import { sharesUnder } from './blend/shares.ts';
import { componentsOf, type ComponentFit } from './components.ts';
import { reachesAhead, rowsFor } from './model-rows.ts';
import type { LinearFallback } from './linear-fallback.ts';
import { isExpired } from '../registry/expiry.ts';
import { evenedBand } from './evened-band.ts';
import { meansOf } from './means.ts';
import { roundedKw } from './rounded-kw.ts';
import { defectText } from './screening/defects.ts';
import type { PartsAside } from './sums/sum-desk.ts';
import type { TargetInputs } from './target-inputs.ts';
import type { Verification } from './verification.ts';

export const EXPIRED: ErrorCode = 'LS-MODEL-011';
/** Below this completeness of the last week the model's inputs are mostly filled in. */
const LEAST_COMPLETENESS = 0.5;
const NOTHING = 'nothing-left';
/** A meter that has been bad for the last six hours is reported, though the model continues with filled values. */
const LONG_MS = 6 * 3_600_000;
const DAY_MS = 86_400_000;

/** The current weights of a model's members, and a callback for their forecasts. */
export interface WeightsInForce {
  readonly weights: MemberBlend;
  /** `said`: the members' forecasts [member x step x level]; the first step starts at `start`. */
  readonly issued: (start: number, said: Float32Array) => void;
}

export interface IssueContext {
  readonly target: ForecastTarget;
  readonly issuedAt: number;
  readonly inputs: TargetInputs;
  readonly model: ModelManifest | undefined;
  /** Why there is no model, if there is none. */
  readonly noModel: Part;
  readonly inference: Inference;
  readonly verification: Verification;
  /** Weights of the model's members; absent: those fixed in the model. */
  readonly blend?: WeightsInForce | undefined;
  /** Absent: the mean of the week replaces a model that fails. */
  readonly linear?: LinearFallback | undefined;
  readonly calendars: Map<string, LocalCalendar>;
  /** Effect of sun and wind on the load, if known. */
  readonly split?: ComponentFit | undefined;
  /** For a sum: the forecast from its parts. */
  readonly aside?: PartsAside | undefined;
}

interface Made {
  /** Step-major, as the model or the baseline returned it. */
  readonly raw: ArrayLike<number>;
  readonly model: Forecast['model'];
  readonly weather: Forecast['weather'];
  readonly failed: { readonly level: ForecastFallback['level']; readonly reason: Part } | null;
  /** The members' forecasts, if they were requested. */
  readonly said?: Float32Array | undefined;
  readonly warning?: Part;
}

export interface MadeForecast {
  readonly failed: Pick<ForecastFallback, 'level' | 'reason'> | null;
  readonly forecast: Omit<Forecast, 'fallback'>;
  /** [step x level], before calibration. */
  readonly raw: ArrayLike<number>;
  /** The answer of the target's own model alone, [step x level]; null if it failed. */
  readonly own: ArrayLike<number> | null;
}

/**
 * Makes one forecast: by the model; if it fails, by the linear member, else by the mean of the week, with the reason. For a sum, it is
 * blended with the forecast from its parts.
 */
export async function makeForecast(context: IssueContext): Promise<Outcome<MadeForecast>> {
  const { target, issuedAt, inputs, verification, aside } = context;
  const { load } = inputs;
  const { stepS } = load;
  const start = endOf(load);
  const share = completeness(load.values, load.values.length, 7 * stepsPerDay(stepS));
  const known = inputs.context.values.some((value) => !Number.isNaN(value));
  const isNothing = !known && target.isRest === true && inputs.substitution !== null;
  if (!known && !isNothing) return bad('LS-FORECAST-002', `${target.id} has no usable measurements to forecast from`);
  const own = isNothing ? nothing(context) : await chosen(context, share);
  const made = aside === undefined ? own : withParts(own, aside);
  const maker = made.model.sha256;
  const calibrated = verification.calibrated(made.raw, maker);
  const values = evenedBand(calibrated, { levels: QUANTILES, stepS }).map((row) => row.map(roundedKw));
  if (own.said !== undefined && own.failed === null) context.blend?.issued(start, own.said);
  aside?.blend.issued(start, { own: own.raw, parts: aside.raw });
  const words = new Sentences();
  const warnings = warningsOf(inputs, made, share).map((each) => words.add(each));
  const failed = made.failed && { ...made.failed, reason: words.add(made.failed.reason) };
  const forecast: MadeForecast['forecast'] = {
    id: idOf(target.id, issuedAt, made.model.id),
    kind: 'issued',
    target: target.id,
    load: 'uncontrolled',
    issuedAt,
    dataUpTo: lastKnown(inputs.context, start),
    start,
    resolutionS: stepS,
    quantiles: QUANTILES,
    values,
    mean: meansOf(QUANTILES, values),
    model: made.model,
    weather: made.weather,
    inputCompleteness: Math.round(share * 1000) / 1000,
    calibration: verification.calibration(maker),
    warnings,
    ...(words.list.length === 0 ? {} : { sentences: words.list }),
    ...splitOf(context, values[indexOfLevel(QUANTILES, 0.5)]!),
  };
  return good({ forecast, failed, raw: made.raw, own: own.failed === null ? own.raw : null });
}

/** Blends with the sum of the parts. If the own model failed and all parts are sound, uses the sum alone. */
function withParts(own: Made, { raw, sound, blend }: PartsAside): Made {
  if (own.failed !== null && sound)
    return {
      ...own,
      raw,
      model: { id: 'sum-of-parts', sha256: null, members: { parts: 1 } },
      failed: null,
      warning: sayForecast('the sum of its parts answers: {why}', { why: own.failed.reason }),
    };
  const share = blend.meanShare(STEPS);
  const scaled = Object.entries(own.model.members).map(([name, weight]) => [name, rounded(weight * (1 - share))]);
  return {
    ...own,
    raw: blend.blended({ own: own.raw, parts: raw }),
    model: { ...own.model, members: { ...Object.fromEntries(scaled), parts: rounded(share) } },
  };
}

const rounded = (share: number): number => Math.round(share * 1e4) / 1e4;

/** Empty if the weather or the effects of sun and wind are unknown. */
function splitOf({ split, inputs }: IssueContext, median: readonly number[]): Pick<Forecast, 'components'> {
  if (split === undefined || inputs.weather === null) return {};
  const from = inputs.load.values.length;
  const { ghi, wind } = inputs.weather;
  return { components: componentsOf(median, split, { ghi: ghi.subarray(from), wind: wind.subarray(from) }) };
}

const MOST_WARNINGS = 5;

function warningsOf({ defects, load }: TargetInputs, made: Made, share: number): Part[] {
  const warnings: Part[] = made.weather?.hindcast === true ? ['hindcast weather'] : [];
  if (made.warning !== undefined) warnings.push(made.warning);
  if (share < 0.9 && made.model.id !== NOTHING)
    warnings.push(
      sayForecast("only {share} % of the last week's inputs were there", { share: Math.round(share * 100) }),
    );
  const week = endOf(load) - 7 * DAY_MS;
  // The completeness covers gaps; rejected measurements are named, the newest first.
  const found = defects.filter(({ kind, to }) => kind !== 'gap' && to > week).toReversed();
  warnings.push(...found.slice(0, MOST_WARNINGS).map((defect) => `put aside: ${defectText(defect)}`));
  if (found.length > MOST_WARNINGS) warnings.push(`put aside: ${found.length - MOST_WARNINGS} more spans`);
  return warnings;
}

/** The sum of the other parts replaces the whole's meter, so the rest is zero. */
const nothing = (context: IssueContext): Made => ({
  raw: new Float64Array(stepsOf(context) * QUANTILES.length),
  model: { id: NOTHING, sha256: null, members: {} },
  weather: null,
  failed: null,
});

async function chosen(context: IssueContext, share: number): Promise<Made> {
  const { inputs, model, noModel } = context;
  if (share < LEAST_COMPLETENESS) {
    const why =
      substituted(inputs) ??
      openDefect(inputs, 0) ??
      sayForecast('only {share} % of the last week was measured', { share: Math.round(share * 100) });
    return byMean(context, coded('LS-FORECAST-004', why));
  }
  if (model === undefined) {
    const doubt = substituted(inputs);
    if (doubt !== null) return byMean(context, coded('LS-FORECAST-004', doubt));
    return textOf(noModel).startsWith(EXPIRED) ? byLinear(context, noModel) : byMean(context, noModel);
  }
  const answer = await byModel(context, model);
  return 'reason' in answer ? byLinear(context, answer.reason) : answer;
}

/** By the linear member if it is fitted, else by the mean of the week. */
function byLinear(context: IssueContext, reason: Part): Made {
  const { target, inputs } = context;
  const raw = context.linear?.forecast({
    target: target.id,
    substitution: inputs.substitution,
    zone: target.zone,
    holidays: target.holidays,
    load: inputs.context,
    steps: stepsOf(context),
    levels: QUANTILES,
  });
  if (raw === undefined) return byMean(context, reason);
  return {
    raw,
    model: { id: 'linear', sha256: null, members: { ridge: 1 } },
    weather: null,
    failed: { level: 'linear', reason },
  };
}

/** By the model, or the reason why not. */
async function byModel(context: IssueContext, model: ModelManifest): Promise<Made | { readonly reason: Part }> {
  const { target, inputs, inference, calendars } = context;
  if (isExpired(model, context.issuedAt))
    return { reason: coded(EXPIRED, sayForecast('{model} has expired', { model: model.id })) };
  const calendar = calendars.get(target.zone) ?? new LocalCalendar(target.zone, target.holidays);
  calendars.set(target.zone, calendar);
  const source = rowsFor(model, inputs, calendar);
  if (source === undefined)
    return {
      reason: coded('LS-FORECAST-006', sayForecast(lackOf(model, inputs), { model: model.id })),
    };
  const weather = model.weather === 'none' ? null : inputs.weather;
  const weights = model.blend && context.blend?.weights;
  const rows = source.row(inputs.load.values.length);
  const result = await runWeighted(inference, model, { rows, batch: 1, weights });
  if (!result.ok) return { reason: coded('LS-FORECAST-003', result.fault.detail) };
  const { minKw, maxKw } = model.outputRange;
  const { output, said } = result.value;
  if (output.some((value) => value < minKw || value > maxKw))
    return {
      reason: coded(
        'LS-FORECAST-003',
        sayForecast('the model left its range of {least} to {most} kW', { least: minKw, most: maxKw }),
      ),
    };
  const doubt = substituted(inputs) ?? openDefect(inputs, LONG_MS);
  return {
    raw: output,
    model: {
      id: model.id,
      sha256: model.sha256,
      members: weights === undefined ? model.members : sharesUnder(weights, model),
      ...(weights && { blend: weights }),
    },
    said,
    weather: weather && {
      source: weather.source,
      issuedAt: weather.issuedAt,
      hindcast: weather.hindcast,
      ...(weather.degraded && { degraded: weather.degraded }),
    },
    failed: doubt === null ? null : { level: 'substitutedInput', reason: coded('LS-FORECAST-004', doubt) },
  };
}

/** Why a model has no rows. */
function lackOf(model: ModelManifest, inputs: TargetInputs) {
  if (inputs.weather === null) return '{model} needs the weather, and there is none';
  return reachesAhead(model, inputs)
    ? '{model} needs the temperature, and there is none'
    : '{model} needs the weather ahead, and what is known of it ends too soon';
}

/** A reason with its code. */
export const coded = (code: ErrorCode, why: Part): Said => sayForecast('{code}: {why}', { code, why });

/** What replaces the meter; null: nothing. */
const substituted = ({ substitution, substituted }: TargetInputs): Part | null => substituted ?? substitution;

/** The defect of the meter that has lasted up to now for at least `least` ms; null if there is none. */
function openDefect({ defects, load }: TargetInputs, least: number): string | null {
  const end = endOf(load);
  const open = defects.findLast(({ from, to }) => to >= end && to - from >= least);
  return open === undefined ? null : defectText(open);
}

const stepsOf = ({ model }: Pick<IssueContext, 'model'>): number => model?.steps ?? STEPS;

function byMean(context: IssueContext, reason: Part): Made {
  const steps = stepsOf(context);
  const { values } = baselineForecast('sameHourMean', context.inputs.context, { steps, levels: QUANTILES });
  const raw = new Float64Array(steps * QUANTILES.length);
  for (const [q, row] of values.entries())
    for (const [step, value] of row.entries()) raw[step * QUANTILES.length + q] = value;
  return {
    raw,
    model: { id: 'same-hour-mean', sha256: null, members: { sameHourMean: 1 } },
    weather: null,
    failed: { level: 'sameHourMean', reason },
  };
}

function lastKnown({ start, stepS, values }: LoadSeries, end: number): number {
  const last = values.findLastIndex((value) => !Number.isNaN(value));
  return last < 0 ? end : start + (last + 1) * stepS * 1000;
}

/** Format: substation-owd-20210925t001500-3f2a91bc (target, time of issue, model). */
function idOf(target: string, issuedAt: number, model: string): string {
  const time = new Date(issuedAt).toISOString().slice(0, 19).replaceAll(/[-:]/g, '').toLowerCase();
  return `${target.replace(':', '-')}-${time}-${model.slice(-8)}`;
}
