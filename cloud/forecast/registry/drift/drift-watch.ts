import { EVENT_TEXT, fitText } from '../../../../shared/contracts/fit-text.ts';
import { formatMessage } from '../../../../shared/sentences/message-forms.ts';
import type { LoadstoneEvent } from '../../../../shared/contracts/event.ts';
import { inputOf, weatherOf } from '../../../../shared/forecast/model-input.ts';
import type { ErrorCode } from '../../../../shared/outcome/catalogue.ts';
import type { ModelRegistry, RegistryEntry } from '../registry.ts';
import { inputDrifts, type InputDrift, type WatchedInputs } from './inputs.ts';
import { hasGrown, LIMIT, NO_LOSSES, withLoss, type LossState } from './loss-watch.ts';

/** State of a target between looks and across restarts. */
interface TargetState {
  /** The model that the errors belong to. */
  readonly model: string;
  readonly losses: LossState;
  /** The current day: its index, the sums of the pinball losses of the model and of the naive forecast (kW), and their number. */
  readonly day: number;
  readonly loss: number;
  readonly naive?: number;
  readonly n: number;
  readonly looked: number;
  readonly inputs: readonly InputDrift[];
  /** Findings already reported for this model, so that each is reported once. */
  readonly told: readonly ErrorCode[];
  /** Plant time of the last request for a retraining. */
  readonly asked: number;
}

/** Drift of the model that answers for a target. */
export interface DriftView {
  readonly model: string;
  /** Plant time of the last look at the inputs; 0: none yet. */
  readonly lookedAt: number;
  readonly inputs: readonly InputDrift[];
  readonly errors: { readonly days: number; readonly sum: number; readonly limit: number };
  readonly hasDrifted: boolean;
}

export interface DriftWatchOptions {
  readonly registry: Pick<ModelRegistry, 'driftStates' | 'keepDrift'>;
  readonly report: (event: LoadstoneEvent, entry: RegistryEntry) => void;
  readonly retrain: (target: string, reason: string) => void;
}

const DAY_MS = 86_400_000;
/** Fewest scores for a day to count. */
const LEAST_SCORES = 24;
const ASK_EVERY_MS = 7 * DAY_MS;

/**
 * Watches the inputs and errors of models, target by target. Once a day it compares the last weeks of inputs with the training data and
 * with the days before, and each day's pinball loss, relative to a naive forecast's, with that of the first days. A drift is reported once
 * and requests a retraining, at most once a week.
 */
export class DriftWatch {
  readonly #options: DriftWatchOptions;
  #states = new Map<string, TargetState>();

  constructor(options: DriftWatchOptions) {
    this.#options = options;
  }

  /** Loads the stored states; call it once the registry is open. */
  async start(): Promise<void> {
    this.#states = new Map(await this.#options.registry.driftStates()) as Map<string, TargetState>;
  }

  /** Adds the losses of forecasts whose targets have arrived: the sums for the model and for a naive forecast, kW, and their number. */
  async scored(
    entry: RegistryEntry,
    { at, loss, naive, n }: { readonly at: number; readonly loss: number; readonly naive: number; readonly n: number },
  ): Promise<void> {
    const { target } = entry.manifest;
    const state = this.#of(entry);
    const day = Math.floor(at / DAY_MS);
    if (day === state.day) {
      const sums = { loss: state.loss + loss, naive: (state.naive ?? 0) + naive, n: state.n + n };
      this.#states.set(target, { ...state, ...sums });
      return;
    }
    // The stored day lies ahead: a clock that has since been set back wrote it, so it does not count.
    if (day < state.day) return this.#put(target, { ...state, day, loss, naive, n });
    const share = state.loss / (state.naive ?? Number.NaN);
    const losses = state.n >= LEAST_SCORES ? withLoss(state.losses, share) : state.losses;
    await this.#put(target, { ...state, losses, day, loss, naive, n });
    if (!hasGrown(losses)) return;
    const values = { target, model: entry.manifest.id, sum: losses.sum.toFixed(1), days: losses.n, most: LIMIT };
    await this.#tell(entry, at, {
      code: 'LS-MODEL-013',
      text: `errors of ${entry.manifest.id} have grown against a naive forecast: their sum is ${values.sum} deviations above the first ${losses.n} days, the limit is ${LIMIT}`,
      describe: (isRetraining) =>
        isRetraining
          ? formatMessage(
              'LS-MODEL-013',
              "For {target} errors of {model} have grown beside a naive forecast's: their sum stands {sum} deviations above the first {days} days, {most} are allowed. It is being retrained.",
              values,
            )
          : formatMessage(
              'LS-MODEL-013',
              "For {target} errors of {model} have grown beside a naive forecast's: their sum stands {sum} deviations above the first {days} days, {most} are allowed.",
              values,
            ),
    });
  }

  /** Whether a day has passed since the last look. */
  isDue({ manifest }: RegistryEntry, now: number): boolean {
    const state = this.#states.get(manifest.target);
    return state?.model !== manifest.id || Math.abs(now - state.looked) >= DAY_MS;
  }

  /** `inputs`: the last `WATCHED_DAYS`, or as much as is known. */
  async look(entry: RegistryEntry, inputs: WatchedInputs, now: number): Promise<void> {
    const { target, id } = entry.manifest;
    const schema = inputOf(entry.manifest);
    const needed = schema === undefined ? [] : weatherOf(schema);
    const drifts = inputDrifts(entry.evidence.inputs ?? {}, inputs, needed);
    await this.#put(target, { ...this.#of(entry), looked: now, inputs: drifts });
    const off = drifts.filter(({ index, limit }) => index > limit);
    if (off.length === 0) return;
    const figures = off.map(({ group, index, limit }) => `${group} ${index.toFixed(2)} (limit ${limit.toFixed(2)})`);
    const values = { target, model: id, figures: figures.join(', ') };
    await this.#tell(entry, now, {
      code: 'LS-MODEL-012',
      text: `inputs of ${id} have drifted from its training data: ${values.figures}`,
      describe: (isRetraining) =>
        isRetraining
          ? formatMessage(
              'LS-MODEL-012',
              'For {target} inputs of {model} are not what it learnt from: {figures}. It is being retrained.',
              values,
            )
          : formatMessage(
              'LS-MODEL-012',
              'For {target} inputs of {model} are not what it learnt from: {figures}.',
              values,
            ),
    });
  }

  view(target: string): DriftView | undefined {
    const state = this.#states.get(target);
    if (state === undefined) return undefined;
    const { model, looked, inputs, losses } = state;
    const hasDrifted = hasGrown(losses) || inputs.some(({ index, limit }) => index > limit);
    return { model, lookedAt: looked, inputs, errors: { days: losses.n, sum: losses.sum, limit: LIMIT }, hasDrifted };
  }

  async #tell(
    entry: RegistryEntry,
    now: number,
    {
      code,
      text,
      describe,
    }: { readonly code: ErrorCode; readonly text: string; readonly describe: (isRetraining: boolean) => string },
  ): Promise<void> {
    const { report, retrain } = this.#options;
    const { target, id } = entry.manifest;
    const state = this.#of(entry);
    const asks = Math.abs(now - state.asked) >= ASK_EVERY_MS;
    const isNew = !state.told.includes(code);
    await this.#put(target, {
      ...state,
      told: isNew ? [...state.told, code] : state.told,
      asked: asks ? now : state.asked,
    });
    if (isNew) {
      report(
        { time: now, kind: 'event', severity: 'medium', code, text: fitText(describe(asks), EVENT_TEXT), subject: id },
        entry,
      );
    }
    if (asks) retrain(target, text);
  }

  #of({ manifest }: RegistryEntry): TargetState {
    const state = this.#states.get(manifest.target);
    if (state?.model === manifest.id) return state;
    const blank = { losses: NO_LOSSES, day: 0, loss: 0, naive: 0, n: 0, looked: 0, inputs: [], told: [] };
    return { ...blank, model: manifest.id, asked: state?.asked ?? 0 };
  }

  async #put(target: string, state: TargetState): Promise<void> {
    this.#states.set(target, state);
    await this.#options.registry.keepDrift(target, state);
  }
}
