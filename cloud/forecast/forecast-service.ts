import type { Forecast, ForecastFallback } from '../../shared/contracts/forecast.ts';
import type { ModelManifest } from '../../shared/contracts/model.ts';
import type { LocalCalendar } from '../../shared/forecast/calendar.ts';
import { HISTORY_DAYS } from '../../shared/forecast/features.ts';
import { GATEWAY_QUANTILES, QUANTILES } from '../../shared/forecast/quantiles.ts';
import { bad, good, type Outcome } from '../../shared/outcome/outcome.ts';
import type { Compute } from '../../shared/ports/compute.ts';
import type { Inference } from '../../shared/ports/inference.ts';
import type { Clock, Timer } from '../../shared/time/clock.ts';
import { every } from '../../shared/time/every.ts';
import { bundleOf, type ModelBundle, type ModelRole } from '../models/bundle.ts';
import { checkParity } from '../models/parity.ts';
import type { ModelRegistry } from '../models/registry.ts';
import type { ForecastStore } from './forecast-store.ts';
import type { ForecastTasks, TrainInput } from './forecast-tasks.ts';
import type { ForecastTarget, LoadSource, WeatherSource } from './inputs.ts';
import { makeForecast, STEP_S, STEPS } from './issuer.ts';
import { InputReader, type TargetInputs } from './target-inputs.ts';
import { Verification } from './verification.ts';

export interface ForecastServiceOptions {
  readonly clock: Clock;
  readonly targets: readonly ForecastTarget[];
  readonly load: LoadSource;
  readonly weather?: WeatherSource | undefined;
  readonly compute: Compute<ForecastTasks>;
  readonly inference: Inference;
  readonly registry: ModelRegistry;
  readonly store: ForecastStore;
  /** Seconds of plant time between issues. */
  readonly everyS: number;
  /** Trainings at once. */
  readonly workers: number;
  readonly onIssued?: (forecast: Forecast) => void;
  readonly onTrained?: (progress: TrainProgress) => void;
  /** A model for a gateway is in the registry: sign and send it. */
  readonly onGatewayModel?: (bundle: ModelBundle) => void | Promise<void>;
}

export interface TrainProgress {
  readonly target: string;
  readonly done: number;
  readonly total: number;
  readonly outcome: Outcome<ModelManifest>;
}

const TRAINING_DAYS = 56;
const HELD_BACK_DAYS = 7;
const LEAST_DAYS = 28;
const GATEWAY_STEPS = 96;
/** A year of plant time of vintages. */
const KEEP_MS = 365 * 86_400_000;

/** Trains models, issues forecasts each 15 min of plant time, keeps every one of them, and knows the newest of each target. */
export class ForecastService {
  readonly #options: ForecastServiceOptions;
  readonly #inputs: InputReader;
  readonly #newest = new Map<string, Forecast>();
  readonly #models = new Map<string, ModelManifest>();
  readonly #noModel = new Map<string, string>();
  /** What stood in for a target's meter when it was last trained. */
  readonly #trainedOn = new Map<string, string | null>();
  readonly #verification = new Map<string, Verification>();
  readonly #fallbackSince = new Map<string, ForecastFallback>();
  readonly #calendars = new Map<string, LocalCalendar>();
  readonly #retraining = new Set<string>();
  #timer: Timer | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #stopping = false;
  #issues = 0;

  constructor(options: ForecastServiceOptions) {
    this.#options = options;
    this.#inputs = new InputReader(options.load, options.weather);
  }

  /** Takes up the models and forecasts that are kept, then issues on the grid of `everyS`. Store and registry are open. */
  async start(): Promise<void> {
    const { targets, registry, store, inference, clock, everyS } = this.#options;
    for (const { id } of targets) {
      const newest = store.newest(id, clock.plant.now());
      if (newest !== undefined) this.#newest.set(id, newest);
      const verification = this.#verificationOf(id);
      const state = store.trackerState(id);
      if (state !== undefined) verification.restore(state);
      const entry = registry.active(id, 'cloud');
      const bytes = entry && registry.bytes(entry.manifest.sha256);
      if (entry === undefined || bytes === undefined) continue;
      const loaded = await inference.load(entry.manifest.id, bytes);
      if (loaded.ok) this.#models.set(id, entry.manifest);
    }
    this.#timer = every(clock.plant, everyS * 1000, () => this.issueAll());
  }

  /** Ends the schedule and waits for what is under way. Inference and compute are closed by who made them. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#timer?.cancel();
    await this.#turn;
    this.#keepTrackers();
  }

  /** The newest forecast of a target, from memory. */
  newest(target: string): Forecast | undefined {
    return this.#newest.get(target);
  }

  /** The model that a target's forecasts come from. */
  model(target: string): ModelManifest | undefined {
    return this.#models.get(target);
  }

  /** Forecasts every target, one after the other. */
  async issueAll(): Promise<void> {
    await this.#serially(async () => {
      const issued: Forecast[] = [];
      for (const target of this.#options.targets) {
        if (this.#stopping) break;
        const outcome = await this.#make(target, this.#options.clock.plant.now());
        if (outcome.ok) issued.push(outcome.value);
      }
      this.#options.store.put(issued);
      for (const forecast of issued) this.#publish(forecast);
      this.#issues++;
      if (this.#issues % 4 === 0) this.#keepTrackers();
      if (this.#issues % 96 === 0) this.#options.store.prune(this.#options.clock.plant.now() - KEEP_MS);
    });
  }

  /** Forecasts one target now and keeps the forecast. */
  async issue(target: string): Promise<Outcome<Forecast>> {
    return this.#serially(() => this.#issueOne(target));
  }

  /**
   * What would have been forecast at `asOf` from what was known then, by the present model: a reconstruction, which is not kept
   * and teaches the tails nothing.
   */
  async reconstruct(target: string, asOf: number): Promise<Outcome<Forecast>> {
    const found = this.#find(target);
    if (found === undefined) return bad('LS-FORECAST-002', `there is no target ${target}`);
    const blank = new Verification(QUANTILES, { steps: STEPS, stepS: STEP_S });
    blank.restore(this.#verificationOf(target).state());
    const outcome = await this.#make(found, asOf, { asOf, verification: blank });
    return outcome.ok ? good({ ...outcome.value, kind: 'reconstruction' }) : outcome;
  }

  /** Trains models for the given targets (default: all), takes each into use when it is better than the naive forecast. */
  async train(targets: readonly string[] = this.#options.targets.map(({ id }) => id)): Promise<TrainProgress[]> {
    const queue = targets.map((id) => this.#find(id)).filter((target) => target !== undefined);
    const reports: TrainProgress[] = [];
    const total = queue.length;
    const lane = async (): Promise<void> => {
      for (let target = queue.shift(); target !== undefined && !this.#stopping; target = queue.shift()) {
        const outcome = await this.#trainTarget(target);
        const progress = { target: target.id, done: reports.length + 1, total, outcome };
        reports.push(progress);
        this.#options.onTrained?.(progress);
        await this.issue(target.id);
      }
    };
    await Promise.all(Array.from({ length: this.#options.workers }, lane));
    return reports;
  }

  async #trainTarget(target: ForecastTarget): Promise<Outcome<ModelManifest>> {
    const end = gridTime(this.#options.clock.plant.now());
    const window = { end, days: TRAINING_DAYS, ahead: 0 };
    const inputs = await this.#inputs.read(target.id, window);
    this.#trainedOn.set(target.id, inputs.substitution);
    const from = inputs.load.values.findIndex((value) => !Number.isNaN(value));
    const known = inputs.load.values.reduce((sum, value) => sum + (Number.isNaN(value) ? 0 : 1), 0);
    if (known < LEAST_DAYS * 96) {
      const detail = `${target.id} has ${Math.floor(known / 96)} days of usable load, ${LEAST_DAYS} are needed`;
      this.#noModel.set(target.id, `LS-FORECAST-001: ${detail}`);
      return bad('LS-FORECAST-001', detail);
    }
    const withWeather = await this.#trainRole(target, 'cloud', trimmed(inputs, from));
    // Where weather does not make it better than naive, the load alone may.
    const trained =
      !withWeather.ok && withWeather.fault.code === 'LS-FORECAST-005' && inputs.weather !== null
        ? await this.#trainRole(target, 'cloud', { ...trimmed(inputs, from), weather: null })
        : withWeather;
    if (!trained.ok) this.#noModel.set(target.id, `${trained.fault.code}: ${trained.fault.detail}`);
    // What stands in for a meter is not what the gateway measures.
    if (target.gateway && inputs.substitution === null && !this.#stopping) {
      const gateway = await this.#trainRole(target, 'gateway', { ...trimmed(inputs, from), weather: null });
      if (!gateway.ok && trained.ok) return gateway;
    }
    return trained;
  }

  async #trainRole(target: ForecastTarget, role: ModelRole, inputs: TargetInputs): Promise<Outcome<ModelManifest>> {
    const { clock, compute, inference, registry } = this.#options;
    const cloud = role === 'cloud';
    const input: TrainInput = {
      load: inputs.load,
      weather: inputs.weather === null ? undefined : { ghi: inputs.weather.ghi, wind: inputs.weather.wind },
      schema: { steps: cloud ? STEPS : GATEWAY_STEPS, stepS: STEP_S, weather: inputs.weather !== null },
      zone: target.zone,
      holidays: target.holidays,
      levels: cloud ? QUANTILES : GATEWAY_QUANTILES,
      heldBackDays: HELD_BACK_DAYS,
    };
    const trained = await compute.run('trainForecast', input);
    const createdAt = clock.plant.now();
    const bundle = bundleOf(trained, { target: target.id, substation: target.substation, role, createdAt });
    const { manifest } = bundle;
    const loaded = await inference.load(manifest.id, bundle.bytes);
    if (!loaded.ok) return loaded;
    const parity = await checkParity(manifest, inference);
    const better = manifest.metrics.pinball < manifest.metrics.seasonalNaivePinball;
    const fit = parity.ok && better;
    const before = this.#models.get(target.id);
    if (!fit || !cloud) await inference.unload(manifest.id);
    if (!parity.ok) return parity;
    const kept = registry.put(bundle, fit ? 'active' : 'shadow', createdAt);
    if (!kept.ok) return kept;
    if (!better) {
      const { pinball, seasonalNaivePinball } = manifest.metrics;
      return bad('LS-FORECAST-005', `${manifest.id}: pinball ${pinball}, seasonal naive ${seasonalNaivePinball}`);
    }
    if (cloud) {
      this.#models.set(target.id, manifest);
      if (before !== undefined && before.id !== manifest.id) await inference.unload(before.id);
    } else await this.#options.onGatewayModel?.(bundle);
    return good(manifest);
  }

  async #issueOne(id: string): Promise<Outcome<Forecast>> {
    const target = this.#find(id);
    if (target === undefined) return bad('LS-FORECAST-002', `there is no target ${id}`);
    const outcome = await this.#make(target, this.#options.clock.plant.now());
    if (!outcome.ok) return outcome;
    this.#options.store.put([outcome.value]);
    this.#publish(outcome.value);
    return outcome;
  }

  async #make(
    target: ForecastTarget,
    issuedAt: number,
    past?: { readonly asOf: number; readonly verification: Verification },
  ): Promise<Outcome<Forecast>> {
    const end = gridTime(issuedAt);
    const window = { end, days: HISTORY_DAYS + 1, ahead: STEPS, ...(past && { asOf: past.asOf }) };
    const inputs = await this.#inputs.read(target.id, window);
    const changed = past === undefined && this.#inputChanged(target.id, inputs.substitution);
    const verification = past?.verification ?? this.#verificationOf(target.id);
    const { start, values } = inputs.load;
    if (past === undefined) {
      verification.settle(end, (time) => values[(time - start) / (STEP_S * 1000)] ?? Number.NaN);
    }
    const outcome = await makeForecast({
      target,
      issuedAt,
      inputs,
      model: changed ? undefined : this.#models.get(target.id),
      noModel: changed
        ? 'LS-FORECAST-004: the input meter was found to be another than the model was trained on; it is trained anew'
        : (this.#noModel.get(target.id) ?? 'LS-FORECAST-001: no model has been trained yet'),
      inference: this.#options.inference,
      verification,
      calendars: this.#calendars,
    });
    if (!outcome.ok) return outcome;
    const { failed, ...forecast } = outcome.value;
    return good({ ...forecast, fallback: this.#fallback(target.id, failed, issuedAt) });
  }

  /**
   * A meter that was found dead or reversed after the training, or mended: the model does not fit its input any more. Trains it
   * anew, once.
   */
  #inputChanged(target: string, substitution: string | null): boolean {
    const before = this.#trainedOn.get(target);
    if (before === undefined) {
      if (this.#models.has(target)) this.#trainedOn.set(target, substitution);
      return false;
    }
    if (before === substitution) return false;
    if (!this.#retraining.has(target)) {
      this.#retraining.add(target);
      this.#options.clock.plant.after(0, async () => {
        await this.train([target]);
        this.#retraining.delete(target);
      });
    }
    return true;
  }

  #fallback(
    target: string,
    failed: Pick<ForecastFallback, 'level' | 'reason'> | null,
    at: number,
  ): ForecastFallback | null {
    if (failed === null) {
      this.#fallbackSince.delete(target);
      return null;
    }
    const before = this.#fallbackSince.get(target);
    const since = before !== undefined && before.level === failed.level ? before.since : at;
    const fallback = { ...failed, since };
    this.#fallbackSince.set(target, fallback);
    return fallback;
  }

  #publish(forecast: Forecast): void {
    this.#newest.set(forecast.target, forecast);
    this.#options.onIssued?.(forecast);
  }

  #keepTrackers(): void {
    for (const [target, verification] of this.#verification) {
      this.#options.store.keepTrackerState(target, verification.state());
    }
  }

  #verificationOf(target: string): Verification {
    let verification = this.#verification.get(target);
    if (verification === undefined) {
      verification = new Verification(QUANTILES, { steps: STEPS, stepS: STEP_S });
      this.#verification.set(target, verification);
    }
    return verification;
  }

  #find(id: string): ForecastTarget | undefined {
    return this.#options.targets.find((target) => target.id === id);
  }

  /** Issues one after the other, while trainings go on. */
  #serially<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(task);
    this.#turn = result.catch(() => undefined);
    return result;
  }
}

const gridTime = (time: number): number => Math.floor(time / (STEP_S * 1000)) * STEP_S * 1000;

/** Without what lies before the first known value. */
function trimmed(inputs: TargetInputs, from: number): TargetInputs {
  const { load, weather } = inputs;
  return {
    ...inputs,
    load: { ...load, start: load.start + from * load.stepS * 1000, values: load.values.slice(from) },
    weather: weather && { ...weather, ghi: weather.ghi.slice(from), wind: weather.wind.slice(from) },
  };
}
