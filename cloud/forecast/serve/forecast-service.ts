import type { ForecastTarget } from '../registry/forecast-target.ts';
import { STEPS, STEP_S } from '../registry/horizons.ts';
import type { Forecast } from '../../../shared/contracts/forecast.ts';
import type { ModelManifest } from '../../../shared/contracts/model.ts';
import type { LocalCalendar } from '../../../shared/forecast/calendar.ts';
import { HISTORY_DAYS } from '../../../shared/forecast/features.ts';
import { QUANTILES } from '../../../shared/forecast/quantiles.ts';
import { valueAt } from '../../../shared/forecast/series.ts';
import { bad, good, throwAll, type Outcome } from '../../../shared/outcome/outcome.ts';
import type { Compute } from '../../../shared/ports/compute.ts';
import type { Inference } from '../../../shared/ports/inference.ts';
import type { Clock, Timer } from '../../../shared/time/clock.ts';
import { every } from '../../../shared/time/every.ts';
import type { ModelRegistry, RegistryEntry } from '../registry/registry.ts';
import { Rollout, type RolloutOptions } from '../registry/rollout.ts';
import type { MemberName } from '../train/ensemble.ts';
import { sideBySide } from '../../compute/side-by-side.ts';
import { Splits } from './splits.ts';
import { FallbackSince } from './fallback-since.ts';
import type { ForecastStore } from './forecast-store.ts';
import type { ForecastTasks } from './forecast-tasks.ts';
import { LinearFallback } from './linear-fallback.ts';
import type { LoadSource, WeatherSource } from './inputs.ts';
import { makeForecast } from './issuer.ts';
import { LiveModels } from './live-models.ts';
import type { Predict } from '../../../shared/forecast/evaluate.ts';
import { Turns } from '../../../shared/time/turns.ts';
import { ModelCare } from './model-care.ts';
import { ModelTrainer } from './model-trainer.ts';
import type { ComparedModel, MeasuredModel } from '../registry/recent-comparison.ts';
import type { JointSums } from './sums/joint-sums.ts';
import { familiesOf, reconciledTogether, type NamedFamily } from './sums/reconciled.ts';
import { SumDesk } from './sums/sum-desk.ts';
import { InputReader, type TargetInputs } from './target-inputs.ts';
import { Training, type TrainProgress } from './training.ts';
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
  /** Concurrent trainings. */
  readonly workers: number;
  /** Members that may join the blend if the history suffices. */
  readonly members: readonly MemberName[];
  readonly onIssued?: (forecast: Forecast) => void;
  readonly onTrained?: (progress: TrainProgress) => void;
  /** Settings of the rollout, and its gateway side. */
  readonly rollout: Pick<RolloutOptions, 'settings' | 'report' | 'approve'> & {
    /** A gateway's measurements of the models of its substation. */
    readonly gatewayDuel: (target: string) => ReturnType<RolloutOptions['duel']>;
    /** The models of a gateway have changed: sign and send them. */
    readonly applyAtGateway: (target: string) => void | Promise<void>;
    /** Whether a target's gateway takes the temperature that the cloud sends. */
    readonly takesTemperature: (target: string) => boolean;
  };
}

/** Targets forecast concurrently: while one waits for telemetry and one for its model, another is computed. */
const SIDE_BY_SIDE = 4;

/** Trains models, issues and stores forecasts every `everyS` of plant time, and holds the newest of each target. */
export class ForecastService {
  readonly #options: ForecastServiceOptions;
  readonly #inputs: InputReader;
  readonly #linear: LinearFallback;
  readonly #newest = new Map<string, Forecast>();
  readonly #models: LiveModels;
  readonly #trainer: ModelTrainer;
  readonly #training: Training;
  readonly rollout: Rollout;
  readonly care: ModelCare;
  readonly #verification = new Map<string, Verification>();
  readonly #fallbacks = new FallbackSince();
  readonly #sums: SumDesk;
  readonly #families: readonly NamedFamily[];
  readonly #splits = new Splits();
  readonly #calendars = new Map<string, LocalCalendar>();
  #timer: Timer | undefined;
  readonly #turns = new Turns();
  #stopping = false;
  #issues = 0;

  constructor(options: ForecastServiceOptions) {
    this.#options = options;
    const { clock, compute, inference, registry } = options;
    this.#linear = new LinearFallback((input) => compute.run('fitLinear', input));
    this.#inputs = new InputReader(options.load, options.weather, options.targets);
    this.#models = new LiveModels(inference, registry);
    this.#sums = new SumDesk(options.store, STEP_S);
    this.#families = familiesOf(options.targets);
    this.rollout = this.#makeRollout();
    this.care = new ModelCare({
      clock,
      registry,
      inputs: this.#inputs,
      answering: (target) => this.#models.answering(target),
      train: (target, reason) => this.train([target], reason),
      retire: (target, reason) => this.rollout.retire(target, 'cloud', reason),
      report: options.rollout.report,
      isStopping: () => this.#stopping,
    });
    this.#trainer = new ModelTrainer({
      clock,
      inputs: this.#inputs,
      compute,
      inference,
      rollout: this.rollout,
      takesTemperature: options.rollout.takesTemperature,
    });
    this.#training = new Training({
      ...options,
      trainer: this.#trainer,
      isStopping: () => this.#stopping,
      onTarget: async (progress, substitution) => {
        this.care.trained(progress, substitution);
        options.onTrained?.(progress);
      },
    });
  }

  #makeRollout(): Rollout {
    const { registry, clock, rollout } = this.#options;
    return new Rollout({
      ...rollout,
      registry,
      clock,
      duel: (target, role) => (role === 'cloud' ? this.#models.duel(target) : rollout.gatewayDuel(target)),
      measure: (entry) => this.#measure(entry),
      retrain: (target, reason) => this.care.retrain(target, reason),
      apply: async (target, role) => {
        if (role === 'gateway') await rollout.applyAtGateway(target);
        else
          await this.#turns.take(async () => this.#models.adopt(target, await this.rollout.desired(target, 'cloud')));
      },
    });
  }

  /** Loads the stored models and forecasts, then issues on the grid of `everyS`. Store and registry must be open. */
  async start(): Promise<void> {
    const { targets, store, clock, everyS } = this.#options;
    for (const { id } of targets) {
      const newest = await store.newest(id, clock.plant.now());
      if (newest !== undefined) {
        this.#newest.set(id, newest);
        this.#fallbacks.restore(id, newest.fallback);
      }
      const verification = this.#verificationOf(id);
      const state = await store.trackerState(id);
      if (state !== undefined) verification.restore(state);
      this.#sums.restore(id, await store.trackerState(`${id} sum`));
      this.#models.blends.restore(id, await store.trackerState(`${id} blend`));
    }
    await this.care.drift.start();
    await this.rollout.start();
    this.#timer = every(clock.plant, everyS * 1000, async () => {
      const failures: unknown[] = [];
      for (const work of [() => this.issueAll(), () => this.rollout.step()])
        await work().catch((error: unknown) => failures.push(error));
      throwAll(failures);
    });
  }

  /** Starts nothing more: rounds of training and of forecasts end at their next target. */
  halt(): void {
    this.#stopping = true;
    this.#timer?.cancel();
  }

  /** Halts and waits for running work. The caller closes inference and compute. */
  async stop(): Promise<void> {
    this.halt();
    await this.#turns.over();
    await this.#keepTrackers();
  }

  /** The newest forecast of a target, from memory. */
  newest(target: string): Forecast | undefined {
    return this.#newest.get(target);
  }

  /** Targets of the running training that have not been begun. */
  get trainingsDue(): number {
    return this.#training.due;
  }

  /** Joint errors of the targets. */
  get joint(): JointSums {
    return this.#sums.joint;
  }

  /** The model behind a target's forecasts. */
  model(target: string): ModelManifest | undefined {
    return this.#models.answering(target);
  }

  /**
   * Forecasts every target, some concurrently, sums after their parts; then reconciles parts and wholes. Throws all failures, those
   * of fits of the linear member too, once all other forecasts are issued.
   */
  async issueAll(): Promise<void> {
    const { failures } = await this.#turns.take(() => this.#issueRound());
    throwAll([...failures.values(), ...this.#linear.takeFailures()]);
  }

  /**
   * The forecast of a target from the current step on. All targets are issued together because they add up; if they already have been,
   * returns this target's forecast.
   */
  async issue(target: string): Promise<Outcome<Forecast>> {
    if (this.#find(target) === undefined) return bad('LS-API-004', `${target} is not forecast`);
    return this.#turns.take(async () => {
      const newest = this.#newest.get(target);
      if (newest?.start === gridTime(this.#options.clock.plant.now())) return good(newest);
      const { outcomes, failures } = await this.#issueRound();
      if (failures.has(target)) throw failures.get(target);
      return outcomes.get(target) ?? bad('LS-FORECAST-002', `no forecast was made for ${target}`);
    });
  }

  /** The outcome of each target, and the errors thrown. */
  async #issueRound(): Promise<{
    readonly outcomes: ReadonlyMap<string, Outcome<Forecast>>;
    readonly failures: ReadonlyMap<string, unknown>;
  }> {
    const { targets, clock, store } = this.#options;
    const issued = new Map<string, Forecast>();
    const outcomes = new Map<string, Outcome<Forecast>>();
    const failures = new Map<string, unknown>();
    const raws = new Map<string, ArrayLike<number>>();
    const make = async (target: ForecastTarget): Promise<void> => {
      if (this.#stopping) return;
      const outcome = await this.#make(target, clock.plant.now(), issued);
      outcomes.set(target.id, outcome.ok ? good(outcome.value.forecast) : outcome);
      if (!outcome.ok) return;
      issued.set(target.id, outcome.value.forecast);
      raws.set(target.id, outcome.value.raw);
    };
    // A read error of one target, such as a damaged row, must not leave all others without a forecast.
    const makeAlone = (target: ForecastTarget): Promise<void> =>
      make(target).catch((error: unknown) => void failures.set(target.id, error));
    const isSum = ({ parts }: ForecastTarget): boolean => parts !== undefined;
    await sideBySide(
      targets.filter((target) => !isSum(target)),
      SIDE_BY_SIDE,
      makeAlone,
    );
    await sideBySide(targets.filter(isSum), 1, makeAlone);
    const bare = targets.flatMap(({ id }) => issued.get(id) ?? []);
    // A target that was not reached or could not be read is missing, which says nothing of its measurements.
    const unmeasured = new Set([...outcomes].flatMap(([id, { ok }]) => (ok ? [] : [id])));
    const how = { joint: this.#sums.joint, unmeasured };
    const made = (await reconciledTogether(bare, this.#families, how)).map((each) => this.#named(each));
    await store.put(made);
    for (const forecast of made) {
      const raw = raws.get(forecast.target);
      if (raw !== undefined) this.#verificationOf(forecast.target).took(forecast, raw);
      outcomes.set(forecast.target, good(forecast));
      this.#publish(forecast);
    }
    this.#issues++;
    if (this.#issues % 4 === 0) await this.#keepTrackers();
    return { outcomes, failures };
  }

  /** Gives a second forecast within the same second a new id, so that forecasts that add up are stored together. */
  #named(forecast: Forecast): Forecast {
    const before = this.#newest.get(forecast.target)?.id;
    return before === undefined || !before.startsWith(forecast.id) ? forecast : { ...forecast, id: `${before}-x` };
  }

  /** Trains candidates for the given targets (default: all), submits them to the rollout, and issues forecasts. */
  async train(
    targets: readonly string[] = this.#options.targets.map(({ id }) => id),
    reason = 'trained on schedule',
  ): Promise<TrainProgress[]> {
    const found = targets.map((id) => this.#find(id)).filter((target) => target !== undefined);
    const trained = await this.#training.run(found, reason);
    // A target that fails here is reported at the next issue. An error here would repeat the training.
    if (trained.length > 0 && !this.#stopping) await this.#turns.take(() => this.#issueRound());
    return trained;
  }

  /** Scores a model that runs elsewhere on those of the last 28 days that it was not trained on; see `ModelTrainer`. */
  compareRecent(manifest: ComparedModel, target: string, run: Predict): Promise<MeasuredModel | undefined> {
    const found = this.#find(target);
    return found === undefined ? Promise.resolve(undefined) : this.#trainer.compareRecent(manifest, found, run);
  }

  async #measure(entry: RegistryEntry): ReturnType<NonNullable<RolloutOptions['measure']>> {
    const { inference, registry } = this.#options;
    const { id, sha256, target: name } = entry.manifest;
    const target = this.#find(name);
    const bytes = await registry.bytes(sha256);
    if (target === undefined || bytes === undefined) return [];
    const isLoaded = this.#models.runs(name, id);
    if (!isLoaded && !(await inference.load(id, bytes)).ok) return [];
    try {
      return await this.#trainer.measure(entry, target);
    } finally {
      if (!isLoaded) await inference.unload(id);
    }
  }

  /** `issued`: forecasts already made in this round. */
  async #make(
    target: ForecastTarget,
    issuedAt: number,
    issued: ReadonlyMap<string, Forecast>,
  ): Promise<Outcome<{ readonly forecast: Forecast; readonly raw: ArrayLike<number> }>> {
    const end = gridTime(issuedAt);
    await this.#models.again(target.id);
    const inputs = await this.#inputs.read(target.id, { end, days: HISTORY_DAYS + 1, ahead: STEPS });
    const changed = this.care.inputChanged(target.id, inputs.substitution);
    await this.#learn(target, end, inputs);
    const newest = (id: string): Forecast | undefined => issued.get(id) ?? this.#newest.get(id);
    const model = changed ? undefined : this.#models.answering(target.id);
    const blend = model && this.#models.blends.of(target.id, model);
    const outcome = await makeForecast({
      target,
      issuedAt,
      inputs,
      model,
      blend: blend && { weights: blend.weights(), issued: (start, said) => blend.issued(start, said) },
      noModel: changed
        ? 'LS-FORECAST-004: the input meter differs from the one the model was trained on; it is being retrained'
        : await this.care.lackOf(target.id),
      inference: this.#options.inference,
      verification: this.#verificationOf(target.id),
      linear: this.#linear,
      split: this.#splits.of(target, inputs),
      calendars: this.#calendars,
      aside: await this.#sums.aside(target, end, newest),
    });
    if (!outcome.ok) return outcome;
    const { forecast, failed, own, raw } = outcome.value;
    const calendar = this.#calendars.get(target.zone);
    if (calendar !== undefined && own !== null) await this.#models.issued(target.id, { inputs, calendar, own });
    return good({ forecast: { ...forecast, fallback: this.#fallbacks.of(target.id, failed, issuedAt) }, raw });
  }

  /** Learns from the values known up to `end`. */
  async #learn(target: ForecastTarget, end: number, { load, context }: TargetInputs): Promise<void> {
    const { start, values } = load;
    // Late values are compared with the week before them, which reaches back beyond the model's inputs.
    const actual = (time: number): number => valueAt(context, time);
    const losses = this.#verificationOf(target.id).settle(end, actual, this.#models.answering(target.id)?.sha256);
    await this.care.watch(target.id, { losses, end });
    this.#sums.settle(target, end, actual);
    this.#models.blends.settle(target.id, end, actual);
    await this.#sums.joint.learn(target.id, end, context);
    const last = values.length - 1;
    this.#models.came(target.id, start + last * STEP_S * 1000, values[last] ?? Number.NaN);
  }

  #publish(forecast: Forecast): void {
    this.#newest.set(forecast.target, forecast);
    this.#options.onIssued?.(forecast);
  }

  async #keepTrackers(): Promise<void> {
    for (const [target, verification] of this.#verification) {
      await this.#options.store.keepTrackerState(target, verification.state());
      const sum = this.#sums.state(target);
      if (sum !== undefined) await this.#options.store.keepTrackerState(`${target} sum`, sum);
      const blend = this.#models.blends.state(target);
      if (blend !== undefined) await this.#options.store.keepTrackerState(`${target} blend`, blend);
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
}

const gridTime = (time: number): number => Math.floor(time / (STEP_S * 1000)) * STEP_S * 1000;
