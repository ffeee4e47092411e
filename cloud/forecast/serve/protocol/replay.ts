import type { Forecast } from '../../../../shared/contracts/forecast.ts';
import type { ModelManifest } from '../../../../shared/contracts/model.ts';
import { HISTORY_DAYS, type WeatherSeries } from '../../../../shared/forecast/features.ts';
import { QUANTILES } from '../../../../shared/forecast/quantiles.ts';
import { stepsPerDay, type LoadSeries } from '../../../../shared/forecast/series.ts';
import { weatherWithin } from '../../../../shared/forecast/weather-series.ts';
import { unwrap } from '../../../../shared/outcome/outcome.ts';
import type { Compute } from '../../../../shared/ports/compute.ts';
import type { Inference } from '../../../../shared/ports/inference.ts';
import { bundleOf } from '../../registry/bundle.ts';
import type { ForecastTarget } from '../../registry/forecast-target.ts';
import { RECIPE } from '../../train/recipe.ts';
import type { ForecastTasks } from '../forecast-tasks.ts';
import { Replayed } from '../replayed.ts';
import type { TargetInputs } from '../target-inputs.ts';
import { trainInputOf } from '../train-input.ts';

/** A series as production would see it. */
export interface Recorded {
  readonly target: Pick<ForecastTarget, 'id' | 'zone' | 'holidays'>;
  /** kW; NaN is a gap. */
  readonly load: LoadSeries;
  /** Actual weather on the grid of the load, of the same length; null: none. */
  readonly weather: WeatherSeries | null;
  /** The weather known at the origin with first target `next`, from the same start; default: the actual weather. */
  readonly weatherAt?: (next: number) => WeatherSeries;
  readonly hindcast: boolean;
  /** Steps of a forecast. */
  readonly steps: number;
  /** The model is trained once, on the data before this index. */
  readonly trainTo: number;
}

export interface ReplayParts {
  readonly compute: Compute<ForecastTasks>;
  readonly inference: Inference;
}

const CONTEXT_DAYS = 28;

/**
 * Trains by the production recipe on as many days before `trainTo` as the trainer reads. The model does not expire before the end of the
 * series: in production a newer one would replace it in time, and the model is what is scored.
 */
export async function trainedOn({ target, load, weather, steps, trainTo }: Recorded, { compute }: ReplayParts) {
  const from = Math.max(0, trainTo - RECIPE.trainingDays * stepsPerDay(load.stepS));
  const known = {
    load: { ...load, start: load.start + from * load.stepS * 1000, values: load.values.slice(from, trainTo) },
    weather: weather && weatherWithin(weather, from),
  };
  const of = { steps, levels: QUANTILES, withMembers: true };
  const trained = await compute.run('trainForecast', trainInputOf(RECIPE, target, known, of));
  const createdAt = load.start + trainTo * load.stepS * 1000;
  const bundle = bundleOf(trained, { target: target.id, substation: 'series', role: 'cloud', createdAt });
  const end = load.start + load.values.length * load.stepS * 1000;
  const expiresAt = Math.max(bundle.manifest.expiresAt, end);
  return { ...bundle, manifest: { ...bundle.manifest, expiresAt } };
}

/**
 * The forecasts that production would have issued at each of `origins` (ascending indices of first targets), by a model loaded under its
 * id.
 */
export async function* issuedAt(
  recorded: Recorded,
  { model, origins }: { readonly model: ModelManifest; readonly origins: readonly number[] },
  { inference }: ReplayParts,
): AsyncGenerator<{ readonly next: number; readonly forecast: Omit<Forecast, 'fallback'> }> {
  const { load, steps } = recorded;
  const target: ForecastTarget = { ...recorded.target, substation: 'series', gateway: false };
  const replayed = new Replayed(target, { inference, horizon: { steps, stepS: load.stepS } });
  for (const next of origins) {
    const at = load.start + next * load.stepS * 1000;
    yield { next, forecast: unwrap(await replayed.issue(at, inputsAt(recorded, next), model)).forecast };
  }
}

/** Inputs as the input reader returns them: a window up to the origin, and a longer context. */
function inputsAt({ load, weather, weatherAt, steps, hindcast }: Recorded, next: number): TargetInputs {
  const day = stepsPerDay(load.stepS);
  const before = (days: number): LoadSeries => {
    const from = Math.max(0, next - days * day);
    return { ...load, start: load.start + from * load.stepS * 1000, values: load.values.slice(from, next) };
  };
  const from = Math.max(0, next - (HISTORY_DAYS + 1) * day);
  const known = weather && weatherWithin(weatherAt?.(next) ?? weather, from, next + steps);
  return {
    load: before(HISTORY_DAYS + 1),
    context: before(CONTEXT_DAYS),
    defects: [],
    substitution: null,
    contextWeather: null,
    weather: known && { ...known, source: 'recorded', issuedAt: load.start + next * load.stepS * 1000, hindcast },
  };
}
