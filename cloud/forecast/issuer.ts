import type { Forecast, ForecastFallback } from '../../shared/contracts/forecast.ts';
import type { ModelManifest } from '../../shared/contracts/model.ts';
import { LocalCalendar } from '../../shared/forecast/calendar.ts';
import { FeatureSource } from '../../shared/forecast/features.ts';
import { baselineForecast } from '../../shared/forecast/naive.ts';
import { QUANTILES } from '../../shared/forecast/quantiles.ts';
import { completeness } from '../../shared/forecast/series.ts';
import { bad, good, type Outcome } from '../../shared/outcome/outcome.ts';
import type { Inference } from '../../shared/ports/inference.ts';
import { roundedKw } from './forecast-store.ts';
import type { ForecastTarget } from './inputs.ts';
import type { TargetInputs } from './target-inputs.ts';
import type { Verification } from './verification.ts';

export const STEP_S = 900;
export const STEPS = 192;
/** Below this share of the last week the model's inputs are mostly fill. */
const LEAST_COMPLETENESS = 0.5;

export interface IssueContext {
  readonly target: ForecastTarget;
  readonly issuedAt: number;
  readonly inputs: TargetInputs;
  readonly model: ModelManifest | undefined;
  /** Why there is no model, where there is none. */
  readonly noModel: string;
  readonly inference: Inference;
  readonly verification: Verification;
  readonly calendars: Map<string, LocalCalendar>;
}

interface Made {
  /** Step-major, as the model or the baseline gave it. */
  readonly raw: ArrayLike<number>;
  readonly model: Forecast['model'];
  readonly weather: Forecast['weather'];
  readonly failed: { readonly level: ForecastFallback['level']; readonly reason: string } | null;
}

/** Makes one forecast: by the model; where that is not possible by the mean of the week, with the reason. */
export async function makeForecast(
  context: IssueContext,
): Promise<Outcome<Omit<Forecast, 'fallback'> & Pick<Made, 'failed'>>> {
  const { target, issuedAt, inputs, verification } = context;
  const { load } = inputs;
  const count = load.values.length;
  const start = load.start + count * STEP_S * 1000;
  const share = completeness(load.values, count, 7 * 96);
  const known = load.values.some((value) => !Number.isNaN(value));
  if (!known) return bad('LS-FORECAST-002', `${target.id} has no usable measurement to forecast from`);
  const made = (await byModel(context, share)) ?? byMean(context, share);
  const values = verification.calibrated(made.raw).map((row) => row.map(roundedKw));
  verification.issued(start, STEP_S * 1000, { raw: made.raw, issued: values });
  const warnings = made.weather?.hindcast === true ? ['hindcast weather'] : [];
  if (share < 0.9) warnings.push(`only ${Math.round(share * 100)} % of the last week's inputs were there`);
  return good({
    id: idOf(target.id, issuedAt, made.model.id),
    kind: 'issued',
    target: target.id,
    load: 'uncontrolled',
    issuedAt,
    dataUpTo: lastKnown(load.values, load.start, start),
    start,
    resolutionS: STEP_S,
    quantiles: QUANTILES,
    values,
    model: made.model,
    weather: made.weather,
    inputCompleteness: Math.round(share * 1000) / 1000,
    calibration: verification.calibration(),
    warnings,
    failed: made.failed,
  });
}

async function byModel(context: IssueContext, share: number): Promise<Made | undefined> {
  const { target, inputs, model, inference, calendars } = context;
  if (model === undefined || share < LEAST_COMPLETENESS) return undefined;
  const weather = model.weather === 'none' ? null : inputs.weather;
  if (model.weather !== 'none' && weather === null) return undefined;
  const calendar = calendars.get(target.zone) ?? new LocalCalendar(target.zone, target.holidays);
  calendars.set(target.zone, calendar);
  const schema = { steps: model.steps, stepS: model.stepS, weather: weather !== null };
  const source = new FeatureSource(schema, inputs.load, calendar, weather ?? undefined);
  const result = await inference.run(model.id, source.row(inputs.load.values.length), 1);
  const { minKw, maxKw } = model.outputRange;
  const detail = result.ok
    ? result.value.output.some((value) => value < minKw || value > maxKw)
      ? `the model left its range of ${minKw} to ${maxKw} kW`
      : null
    : result.fault.detail;
  if (!result.ok || detail !== null) {
    return { ...byMean(context, share), failed: { level: 'sameHourMean', reason: `LS-FORECAST-003: ${detail}` } };
  }
  return {
    raw: result.value.output,
    model: { id: model.id, sha256: model.sha256, members: model.members },
    weather: weather && { source: weather.source, issuedAt: weather.issuedAt, hindcast: weather.hindcast },
    failed:
      inputs.substitution === null ? null : { level: 'linear', reason: `LS-FORECAST-004: ${inputs.substitution}` },
  };
}

function byMean(context: IssueContext, share: number): Made {
  const { inputs, model, noModel } = context;
  const { values } = baselineForecast('sameHourMean', inputs.load, { steps: STEPS, levels: QUANTILES });
  const raw = new Float64Array(STEPS * QUANTILES.length);
  for (const [q, row] of values.entries())
    for (const [step, value] of row.entries()) raw[step * QUANTILES.length + q] = value;
  const reason =
    inputs.substitution !== null
      ? `LS-FORECAST-004: ${inputs.substitution}`
      : model === undefined
        ? noModel
        : share < LEAST_COMPLETENESS
          ? `LS-FORECAST-004: only ${Math.round(share * 100)} % of the last week was measured`
          : 'the weather that the model needs is not there';
  const members = { sameHourMean: 1 };
  return {
    raw,
    model: { id: 'same-hour-mean', sha256: null, members },
    weather: null,
    failed: { level: 'sameHourMean', reason },
  };
}

function lastKnown(values: Float64Array, start: number, end: number): number {
  const last = values.findLastIndex((value) => !Number.isNaN(value));
  return last < 0 ? end : start + (last + 1) * STEP_S * 1000;
}

/** substation-owd-20210925t001500-3f2a91bc: target, time of issue, model. */
function idOf(target: string, issuedAt: number, model: string): string {
  const time = new Date(issuedAt).toISOString().slice(0, 19).replaceAll(/[-:]/g, '').toLowerCase();
  return `${target.replace(':', '-')}-${time}-${model.slice(-8)}`;
}
