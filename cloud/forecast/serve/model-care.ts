import { sayForecast } from '../../../shared/sentences/forecast-forms.ts';
import type { Part } from '../../../shared/sentences/said.ts';
import type { LoadstoneEvent } from '../../../shared/contracts/event.ts';
import type { ModelManifest } from '../../../shared/contracts/model.ts';
import type { Clock } from '../../../shared/time/clock.ts';
import { DriftWatch } from '../registry/drift/drift-watch.ts';
import { WATCHED_DAYS } from '../registry/drift/inputs.ts';
import { isExpired } from '../registry/expiry.ts';
import type { ModelRegistry, RegistryEntry } from '../registry/registry.ts';
import { coded, EXPIRED } from './issuer.ts';
import type { InputReader } from './target-inputs.ts';
import { lackOf, type TrainProgress } from './training.ts';
import type { SettledLosses } from './verification.ts';

export interface ModelCareOptions {
  readonly clock: Clock;
  readonly registry: Pick<ModelRegistry, 'active' | 'newest' | 'driftStates' | 'keepDrift'>;
  readonly inputs: Pick<InputReader, 'read'>;
  /** The model that the cloud runs for a target. */
  readonly answering: (target: string) => ModelManifest | undefined;
  readonly train: (target: string, reason: string) => Promise<unknown>;
  readonly retire: (target: string, reason: string) => Promise<void>;
  readonly report: (event: LoadstoneEvent, entry: RegistryEntry) => void;
  readonly isStopping: () => boolean;
}

/** Tracks what each target's model was trained on and why it is missing, and retrains it out of turn. */
export class ModelCare {
  readonly drift: DriftWatch;
  readonly #options: ModelCareOptions;
  readonly #noModel = new Map<string, string>();
  /** What replaced a target's meter at its last training. */
  readonly #trainedOn = new Map<string, string | null>();
  readonly #retraining = new Set<string>();

  constructor(options: ModelCareOptions) {
    this.#options = options;
    const { registry, report } = options;
    this.drift = new DriftWatch({
      registry,
      report,
      retrain: (target, reason) => this.retrain(target, reason),
    });
  }

  /** Records a training. `substitution`: what replaced the meter in its data. */
  trained({ target, outcome }: TrainProgress, substitution: string | null | undefined): void {
    if (substitution !== undefined) this.#trainedOn.set(target, substitution);
    const lack = lackOf(outcome);
    if (lack !== null) this.#noModel.set(target, lack);
  }

  /** Why a target has no model, with the code. */
  async lackOf(target: string): Promise<Part> {
    const { registry, clock } = this.#options;
    const last = await registry.newest(target, 'cloud', 'retired');
    if (last !== undefined && isExpired(last.manifest, clock.plant.now()))
      return coded(EXPIRED, sayForecast('{model} has expired', { model: last.manifest.id }));
    return this.#noModel.get(target) ?? coded('LS-FORECAST-001', sayForecast('no model has been trained yet'));
  }

  /** Watches the active model for drift: at its losses, and once a day at its inputs up to `end`. */
  async watch(
    target: string,
    { losses, end }: { readonly losses: SettledLosses; readonly end: number },
  ): Promise<void> {
    const { registry, answering, inputs } = this.#options;
    const model = answering(target);
    const entry = model === undefined ? undefined : await registry.active(target, 'cloud');
    if (entry === undefined || entry.manifest.id !== model?.id) return;
    if (losses.n > 0) await this.drift.scored(entry, { ...losses, at: end });
    if (!this.drift.isDue(entry, end)) return;
    const { load, weather } = await inputs.read(target, { end, days: WATCHED_DAYS, ahead: 0 });
    await new Promise(setImmediate);
    await this.drift.look(entry, { load: load.values, weather }, end);
  }

  /**
   * True if a meter was found dead or reversed since the training, or repaired, so that the model no longer fits its input. Retrains it,
   * once.
   */
  inputChanged(target: string, substitution: string | null): boolean {
    const { answering, retire } = this.#options;
    const before = this.#trainedOn.get(target);
    if (before === undefined) {
      if (answering(target) !== undefined) this.#trainedOn.set(target, substitution);
      return false;
    }
    if (before === substitution) return false;
    const reason = 'the input meter differs from the one it was trained on';
    this.retrain(target, reason, () => retire(target, reason));
    return true;
  }

  /** Retrains a target out of turn, in the background; one training at a time per target. */
  retrain(target: string, reason: string, first: () => Promise<void> = async () => undefined): void {
    const { clock, train, isStopping } = this.#options;
    if (this.#retraining.has(target) || isStopping()) return;
    this.#retraining.add(target);
    clock.plant.after(0, async () => {
      try {
        await first();
        await train(target, reason);
      } finally {
        this.#retraining.delete(target);
      }
    });
  }
}
