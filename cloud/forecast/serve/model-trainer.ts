import type { ComparedModel, MeasuredModel } from '../registry/recent-comparison.ts';
import type { ForecastTarget } from '../registry/forecast-target.ts';
import { GATEWAY_STEPS } from '../registry/horizons.ts';
import { STEPS, STEP_S } from '../registry/horizons.ts';
import type { ModelManifest } from '../../../shared/contracts/model.ts';
import { checkParity } from '../../../shared/forecast/bundle-check.ts';
import { GATEWAY_QUANTILES, QUANTILES } from '../../../shared/forecast/quantiles.ts';
import { inputOf, suffices } from '../../../shared/forecast/model-input.ts';
import { valueAt, type LoadSeries } from '../../../shared/forecast/series.ts';
import { weatherWithin } from '../../../shared/forecast/weather-series.ts';
import { bad, type Outcome } from '../../../shared/outcome/outcome.ts';
import type { Compute } from '../../../shared/ports/compute.ts';
import type { Inference } from '../../../shared/ports/inference.ts';
import type { Clock } from '../../../shared/time/clock.ts';
import { bundleOf, type ModelRole } from '../registry/bundle.ts';
import type { RegistryEntry } from '../registry/registry.ts';
import type { Rollout } from '../registry/rollout.ts';
import { LEAST_DAYS } from '../train/ensemble.ts';
import { GATEWAY_RECIPE, within, type Recipe } from '../train/recipe.ts';
import { compare, type DayScore, type Predict } from '../../../shared/forecast/evaluate.ts';
import { ORIGIN_STRIDE } from '../train/fit-ensemble.ts';
import { LiveBlend } from './blend/live-blend.ts';
import { isBlended } from './blend/live-blends.ts';
import { runWeighted } from './blend/run-weighted.ts';
import type { ForecastTasks } from './forecast-tasks.ts';
import type { InputReader, TargetInputs } from './target-inputs.ts';
import { trainInputOf } from './train-input.ts';

export interface ModelTrainerOptions {
  readonly clock: Clock;
  readonly inputs: Pick<InputReader, 'read'>;
  readonly compute: Compute<ForecastTasks>;
  readonly inference: Inference;
  readonly rollout: Pick<Rollout, 'submit'>;
  /** Whether a target's gateway takes the temperature that the cloud sends. */
  readonly takesTemperature: (target: string) => boolean;
}

/** Purpose of a training; models of one release are rolled out together. */
export interface TrainPurpose {
  readonly release: string;
  readonly recipe: Recipe;
  readonly reason: string;
}

export interface TrainedTarget {
  /** Outcome of the model for the published forecast. */
  readonly outcome: Outcome<RegistryEntry>;
  /** What replaced the target's meter. */
  readonly substitution: string | null;
  /** Days of usable load: see `LEAST_DAYS` of the members. */
  readonly knownDays: number;
}

/** Days on which a model is measured: the last of those it was not trained on. */
const MEASURED_DAYS = 28;
const DAY = 96;

/** Trains models on a target's data, checks the exports and submits candidates to the rollout. */
export class ModelTrainer {
  readonly #options: ModelTrainerOptions;

  constructor(options: ModelTrainerOptions) {
    this.#options = options;
  }

  async train(target: ForecastTarget, purpose: TrainPurpose): Promise<TrainedTarget> {
    const inputs = trimmed(await this.#recent(target, purpose.recipe.trainingDays));
    const { substitution } = inputs;
    const knownDays = inputs.load.values.reduce((sum, value) => sum + (Number.isNaN(value) ? 0 : 1), 0) / DAY;
    if (knownDays < LEAST_DAYS.ridge) {
      const detail = `${target.id} has ${Math.floor(knownDays)} days of usable load; training needs ${LEAST_DAYS.ridge}`;
      return { outcome: bad('LS-FORECAST-001', detail), substitution, knownDays };
    }
    const first = await this.#role(target, 'cloud', inputs, purpose);
    // If the weather does not make it better than the fallback, the load alone may.
    const isHeld = first.ok && first.value.state === 'held' && first.value.evidence.gate?.incumbent === null;
    const outcome =
      isHeld && inputs.weather !== null
        ? await this.#role(target, 'cloud', { ...inputs, weather: null }, purpose)
        : first;
    // The gateway measures the meter itself, not its replacement.
    if (!target.gateway || substitution !== null) return { outcome, substitution, knownDays };
    const weather = this.#options.takesTemperature(target.id) ? temperatureOf(inputs.weather) : null;
    const gateway = await this.#role(target, 'gateway', { ...inputs, weather }, purpose);
    return { outcome: outcome.ok && !gateway.ok ? gateway : outcome, substitution, knownDays };
  }

  /** Losses of a model on those of the last four weeks' days that it was not trained on, with its weights evolving as they do live. */
  async measure({ manifest, evidence }: RegistryEntry, target: ForecastTarget): Promise<readonly DayScore[]> {
    const silent = new Float32Array(manifest.steps * manifest.quantiles.length);
    const blend = isBlended(manifest) ? new LiveBlend(manifest) : undefined;
    let hasFailed = false;
    const run = async (rows: Float32Array, next: number, load: LoadSeries): Promise<Float32Array> => {
      const at = load.start + next * STEP_S * 1000;
      blend?.settle(at, (time) => valueAt(load, time));
      const result = await runWeighted(this.#options.inference, manifest, {
        rows,
        batch: 1,
        weights: blend?.weights(),
      });
      if (!result.ok) {
        hasFailed = true;
        return silent;
      }
      const { output, said } = result.value;
      if (said !== undefined) blend?.issued(at, said);
      return output;
    };
    // For an imported model, the training range is only claimed.
    const trainedUpTo = evidence.imported === true ? manifest.createdAt : manifest.trainedUpTo;
    const measured = await this.compareRecent({ ...manifest, trainedUpTo }, target, run);
    // If the process died meanwhile, there is no result: its zeros would let any other model pass.
    return hasFailed ? [] : (measured?.comparison.days ?? []);
  }

  /**
   * Scores of a model and the baselines on those of the last 28 days that it was not trained on; undefined if there are none or required
   * weather is missing.
   */
  async compareRecent(
    manifest: ComparedModel,
    target: ForecastTarget,
    run: (row: Float32Array, next: number, load: LoadSeries) => ReturnType<Predict>,
  ): Promise<MeasuredModel | undefined> {
    const inputs = await this.#recent(target, MEASURED_DAYS + 28);
    const { load } = inputs;
    const schema = inputOf(manifest);
    if (schema === undefined || !suffices(schema, inputs.weather)) return undefined;
    const firstUnseen = Math.ceil((manifest.trainedUpTo - load.start) / (STEP_S * 1000));
    const from = Math.max(28 * DAY, firstUnseen);
    if (from >= load.values.length) return undefined;
    const held = {
      load,
      weather: inputs.weather ?? undefined,
      schema,
      zone: target.zone,
      holidays: target.holidays,
      levels: manifest.quantiles,
      from,
      stride: ORIGIN_STRIDE,
    };
    return { comparison: await compare(held, (row, next) => run(row, next, load)), load, from };
  }

  #recent(target: ForecastTarget, days: number): Promise<TargetInputs> {
    const now = this.#options.clock.plant.now();
    const end = now - (now % (STEP_S * 1000));
    return this.#options.inputs.read(target.id, { end, days, ahead: 0 });
  }

  async #role(
    target: ForecastTarget,
    role: ModelRole,
    inputs: TargetInputs,
    { release, recipe, reason }: TrainPurpose,
  ): Promise<Outcome<RegistryEntry>> {
    const { clock, compute, inference, rollout } = this.#options;
    const cloud = role === 'cloud';
    const { load, weather } = inputs;
    const of = cloud
      ? { steps: STEPS, levels: QUANTILES, withMembers: true }
      : // A gateway uses the trained weights, so a second output would be dead weight.
        { steps: GATEWAY_STEPS, levels: GATEWAY_QUANTILES, withMembers: false };
    const used = cloud ? recipe : within(GATEWAY_RECIPE, recipe.members);
    const input = trainInputOf(used, target, { load, weather }, of);
    const trained = await compute.run('trainForecast', input);
    const createdAt = Math.round(clock.plant.now());
    const bundle = bundleOf(trained, {
      target: target.id,
      substation: target.substation,
      role,
      createdAt,
      holidays: target.holidays,
    });
    const checked = await checkExport(bundle.manifest, bundle.bytes, inference);
    if (!checked.ok) return checked;
    const evidence = {
      days: trained.days,
      inputs: await compute.run('referencesOf', {
        load: load.values,
        weather: cloud && weather ? { ghi: weather.ghi, wind: weather.wind } : null,
      }),
      int8Loss: trained.int8Loss,
      ...(trained.reductions.length > 0 && { reductions: trained.reductions }),
      inferenceMs: checked.value.ms,
    };
    return rollout.submit(bundle, { release, evidence, by: 'loadstone', reason });
  }
}

/** Loads an exported model, runs its parity vectors, and unloads it; returns the time of one run, ms. */
export async function checkExport(
  manifest: ModelManifest,
  bytes: Uint8Array,
  inference: Inference,
): Promise<Outcome<{ readonly ms: number }>> {
  const name = `${manifest.id} check`;
  const loaded = await inference.load(name, bytes);
  if (!loaded.ok) return loaded;
  const parity = await checkParity({ ...manifest, id: name }, inference);
  await inference.unload(name);
  return parity;
}

/** What a gateway has of the weather; null if that is nothing. */
function temperatureOf(weather: TargetInputs['weather']): TargetInputs['weather'] {
  if (!weather?.temperature) return null;
  const unknown = new Float64Array(weather.temperature.length).fill(Number.NaN);
  return { ...weather, ghi: unknown, wind: unknown };
}

/** Drops everything before the first known value. */
function trimmed(inputs: TargetInputs): TargetInputs {
  const { load, weather } = inputs;
  const from = Math.max(
    0,
    load.values.findIndex((value) => !Number.isNaN(value)),
  );
  return {
    ...inputs,
    load: { ...load, start: load.start + from * load.stepS * 1000, values: load.values.slice(from) },
    weather: weather && { ...weather, ...weatherWithin(weather, from) },
  };
}
