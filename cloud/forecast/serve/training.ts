import type { ForecastTarget } from '../registry/forecast-target.ts';
import { bad, LoadstoneError, throwAll, type Outcome } from '../../../shared/outcome/outcome.ts';
import type { Clock } from '../../../shared/time/clock.ts';
import type { ModelRegistry, RegistryEntry } from '../registry/registry.ts';
import { sideBySide } from '../../compute/side-by-side.ts';
import { suffices, type MemberName } from '../train/ensemble.ts';
import { FIRST, RECIPE, within } from '../train/recipe.ts';
import type { ModelTrainer, TrainPurpose } from './model-trainer.ts';
import { messageOf } from '../../../shared/outcome/message-of.ts';

export interface TrainProgress {
  readonly target: string;
  readonly done: number;
  readonly total: number;
  /** The model for the published forecast, in the state that the gate gave it. */
  readonly outcome: Outcome<RegistryEntry>;
}

export interface TrainingOptions {
  readonly clock: Clock;
  readonly registry: Pick<ModelRegistry, 'active'>;
  readonly trainer: Pick<ModelTrainer, 'train'>;
  /** Concurrent trainings. */
  readonly workers: number;
  readonly members: readonly MemberName[];
  readonly isStopping: () => boolean;
  /** Called when a target is done. `substitution`: what replaced its meter; undefined if the training threw before. */
  readonly onTarget: (progress: TrainProgress, substitution: string | null | undefined) => Promise<void>;
}

/**
 * Rounds of training. Targets without a model first get the linear and day-before members, which train quickly. Then all members for which
 * the history suffices are trained as challengers.
 */
export class Training {
  readonly #options: TrainingOptions;
  #due = 0;

  constructor(options: TrainingOptions) {
    this.#options = options;
  }

  /** Targets of the running round that have not been begun. */
  get due(): number {
    return this.#due;
  }

  async run(targets: readonly ForecastTarget[], reason: string): Promise<TrainProgress[]> {
    const { clock, registry, members, workers } = this.#options;
    const answers = await Promise.all(targets.map(({ id }) => registry.active(id, 'cloud')));
    const bare = targets.filter((_, index) => answers[index] === undefined);
    const release = new Date(clock.plant.now()).toISOString().slice(0, 16).replaceAll(/[-:]/g, '').toLowerCase();
    const first = await this.#round(bare, {
      purpose: { release: `${release}-first`, recipe: within(FIRST, members), reason: 'the first model' },
      lanes: workers,
    });
    const recipe = within(RECIPE, members);
    const joins = (days: number): boolean =>
      recipe.members.some((name) => !FIRST.members.includes(name) && suffices(name, days));
    const challenged = targets.filter((target) => !bare.includes(target) || joins(first.days.get(target.id) ?? 0));
    // No forecast waits for challengers, so they leave the CPU to others.
    const second = await this.#round(challenged, { purpose: { release, recipe, reason }, lanes: 1 });
    return [...first.reports, ...second.reports];
  }

  /** Also returns the days of usable load by target. */
  async #round(
    targets: readonly ForecastTarget[],
    { purpose, lanes }: { readonly purpose: TrainPurpose; readonly lanes: number },
  ): Promise<{ reports: TrainProgress[]; days: Map<string, number> }> {
    const { trainer, isStopping, onTarget } = this.#options;
    const reports: TrainProgress[] = [];
    const days = new Map<string, number>();
    const failures: unknown[] = [];
    this.#due = targets.length;
    await sideBySide(targets, lanes, async (target) => {
      this.#due--;
      if (isStopping()) return;
      // A training that throws must not leave the following targets untrained, week after week.
      const trained = await trainer.train(target, purpose).catch((error: unknown) => {
        failures.push(error);
        return { outcome: faultOf(error), substitution: undefined, knownDays: 0 };
      });
      const { outcome, substitution, knownDays } = trained;
      days.set(target.id, knownDays);
      const progress = { target: target.id, done: reports.length + 1, total: targets.length, outcome };
      reports.push(progress);
      await onTarget(progress, substitution);
    });
    // If every training threw, no target is to blame; the round is retried.
    if (failures.length === reports.length) throwAll(failures);
    return { reports, days };
  }
}

function faultOf(error: unknown): Outcome<never> {
  if (error instanceof LoadstoneError) return bad(error.code, error.message);
  return bad('LS-API-010', messageOf(error));
}

/** Why a target has no model, for its forecasts; null if it has one. */
export function lackOf(outcome: Outcome<RegistryEntry>): string | null {
  if (!outcome.ok) return `${outcome.fault.code}: ${outcome.fault.detail}`;
  const { state, reason, manifest } = outcome.value;
  return state === 'held' ? `LS-FORECAST-005: ${manifest.id} is held: ${reason}` : null;
}
