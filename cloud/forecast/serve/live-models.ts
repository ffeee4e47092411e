import { STEP_S } from '../registry/horizons.ts';
import type { ModelManifest } from '../../../shared/contracts/model.ts';
import type { LocalCalendar } from '../../../shared/forecast/calendar.ts';
import { Duel } from '../../../shared/forecast/duel.ts';
import type { Inference } from '../../../shared/ports/inference.ts';
import type { Blobs, RegistryEntry } from '../registry/registry.ts';
import type { Desired, LiveDuel } from '../registry/rollout.ts';
import { LiveBlends } from './blend/live-blends.ts';
import { runWeighted } from './blend/run-weighted.ts';
import { rowsFor } from './model-rows.ts';
import type { TargetInputs } from './target-inputs.ts';

interface Place {
  readonly answering: ModelManifest;
  readonly beside: ModelManifest | undefined;
  readonly duel: Duel;
  /** Consecutive failed runs of the shadow model, and why it is refused. */
  failures: number;
  refused: string | null;
}

const MOST_FAILURES = 3;
const STEP_MS = STEP_S * 1000;

/** The models that the cloud runs: for each target an active one and at most one beside it, compared on live data. */
export class LiveModels {
  /** The live weights of the members. Each model has its own, so that each is compared by what it would issue. */
  readonly blends = new LiveBlends();
  readonly #inference: Inference;
  readonly #blobs: Pick<Blobs, 'bytes'>;
  readonly #places = new Map<string, Place>();
  /** Models that could not be loaded, by target, and how often. */
  readonly #lacking = new Map<string, { readonly desired: Desired; readonly tries: number }>();

  constructor(inference: Inference, blobs: Pick<Blobs, 'bytes'>) {
    this.#inference = inference;
    this.#blobs = blobs;
  }

  answering(target: string): ModelManifest | undefined {
    return this.#places.get(target)?.answering;
  }

  /** Whether a model is loaded for a target. */
  runs(target: string, id: string): boolean {
    const place = this.#places.get(target);
    return place?.answering.id === id || place?.beside?.id === id;
  }

  /** Loads models that failed to load before; the inference process may only just have restarted. */
  async again(target: string): Promise<void> {
    const lacking = this.#lacking.get(target);
    if (lacking !== undefined) await this.adopt(target, lacking.desired);
  }

  /** Loads the models to run and unloads the others. Idempotent. */
  async adopt(target: string, desired: Desired | undefined): Promise<void> {
    const last = this.#lacking.get(target);
    const tries = 1 + (last !== undefined && isSame(last.desired, desired) ? last.tries : 0);
    this.#lacking.delete(target);
    const before = this.#places.get(target);
    const [answering, beside] = [desired?.answering.manifest, desired?.beside?.manifest];
    if (before?.answering.id === answering?.id && before?.beside?.id === beside?.id) return;
    const held = [before?.answering, before?.beside].filter((manifest) => manifest !== undefined);
    if (answering === undefined || !(await this.#load(desired!.answering, held))) {
      this.#places.delete(target);
      if (desired !== undefined) this.#lacking.set(target, { desired, tries });
      for (const { id } of held) await this.#inference.unload(id);
      return;
    }
    const isThere = desired?.beside === undefined || (await this.#load(desired.beside, held));
    // A refusal is final, so one slow start of the process must not cause it.
    const isLate = !isThere && tries < MOST_FAILURES;
    if (isLate) this.#lacking.set(target, { desired, tries });
    const running = [answering, beside].filter((manifest) => manifest !== undefined);
    for (const manifest of running) this.blends.of(target, manifest);
    this.blends.keep(
      target,
      running.map(({ sha256 }) => sha256),
    );
    const fault = isThere || isLate ? null : 'it fails to load in the cloud';
    const aside = isLate ? undefined : beside;
    this.#places.set(target, { answering, beside: aside, duel: new Duel(), failures: 0, refused: fault });
    for (const { id } of held) if (id !== answering.id && id !== beside?.id) await this.#inference.unload(id);
  }

  duel(target: string): LiveDuel | undefined {
    const place = this.#places.get(target);
    if (place === undefined) return undefined;
    const { answering, beside, duel, refused } = place;
    return { answering: answering.id, beside: beside?.id ?? null, refused, ...duel.beside };
  }

  /** Scores the value of the interval that begins at `time`. */
  came(target: string, time: number, actual: number): void {
    this.#places.get(target)?.duel.came(Math.round(time / STEP_MS), actual);
  }

  /**
   * Lets the model beside the active one forecast from the same inputs, for comparison only. `own`: the active model's forecast,
   * [step x level].
   */
  async issued(
    target: string,
    { inputs, calendar, own }: { inputs: TargetInputs; calendar: LocalCalendar; own: ArrayLike<number> },
  ): Promise<void> {
    const place = this.#places.get(target);
    if (place?.beside === undefined || place.refused !== null) return;
    const { quantiles } = place.beside;
    const source = rowsFor(place.beside, inputs, calendar);
    if (source === undefined) return;
    const count = inputs.load.values.length;
    const blend = this.blends.of(target, place.beside);
    const run = { rows: source.row(count), batch: 1, weights: blend?.weights() };
    const result = await runWeighted(this.#inference, place.beside, run);
    const { minKw, maxKw } = place.beside.outputRange;
    const isWild = result.ok && result.value.output.some((value) => value < minKw || value > maxKw);
    if (!result.ok || isWild) {
      place.failures++;
      const why = result.ok ? `its output left the range of ${minKw} to ${maxKw} kW` : result.fault.detail;
      if (place.failures >= MOST_FAILURES) place.refused = why;
      return;
    }
    place.failures = 0;
    const { said } = result.value;
    if (said !== undefined) blend?.issued(inputs.load.start + count * STEP_MS, said);
    const next = Math.round(inputs.load.start / STEP_MS) + count;
    const answering = { levels: place.answering.quantiles, values: own };
    place.duel.issued(next, answering, { levels: quantiles, values: result.value.output });
  }

  async #load({ manifest }: RegistryEntry, held: readonly ModelManifest[]): Promise<boolean> {
    if (held.some(({ id }) => id === manifest.id)) return true;
    const bytes = await this.#blobs.bytes(manifest.sha256);
    return bytes !== undefined && (await this.#inference.load(manifest.id, bytes)).ok;
  }
}

const isSame = (one: Desired, other: Desired | undefined): boolean =>
  one.answering.manifest.id === other?.answering.manifest.id && one.beside?.manifest.id === other.beside?.manifest.id;
