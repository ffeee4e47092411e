import type { ModelManifest } from '../../../../shared/contracts/model.ts';
import { LiveBlend, type BlendedModel } from './live-blend.ts';

/** Whether a model tells what its members say. */
export const isBlended = (model: ModelManifest): model is ModelManifest & BlendedModel => model.blend !== undefined;

/** The live weights of the models that the cloud runs, by target and by the hash of the model: those of a model beside are ready when it is promoted. */
export class LiveBlends {
  readonly #blends = new Map<string, Map<string, LiveBlend>>();
  /** What was kept of models that have not been asked for since. */
  readonly #kept = new Map<string, Readonly<Record<string, unknown>>>();

  /** Undefined where the weights are fixed in the model. */
  of(target: string, model: ModelManifest): LiveBlend | undefined {
    if (!isBlended(model)) return undefined;
    const blends = this.#of(target);
    let blend = blends.get(model.sha256);
    if (blend === undefined) {
      blend = new LiveBlend(model);
      const kept = this.#kept.get(target)?.[model.sha256];
      if (kept !== undefined) blend.restore(kept);
      blends.set(model.sha256, blend);
    }
    return blend;
  }

  /** Lets go of the models that run for a target no more; those that run have been asked for. */
  keep(target: string, running: readonly string[]): void {
    const blends = this.#of(target);
    for (const sha256 of blends.keys()) if (!running.includes(sha256)) blends.delete(sha256);
    this.#kept.delete(target);
  }

  /** Learns from what has come of a target; see `LiveBlend`. */
  settle(target: string, knownUpTo: number, actual: (time: number) => number): void {
    for (const blend of this.#of(target).values()) blend.settle(knownUpTo, actual);
  }

  /** Undefined where no model of the target has live weights. */
  state(target: string): Readonly<Record<string, unknown>> | undefined {
    const running = [...this.#of(target)].map(([sha256, blend]) => [sha256, blend.state()] as const);
    const state = { ...this.#kept.get(target), ...Object.fromEntries(running) };
    return Object.keys(state).length === 0 ? undefined : state;
  }

  restore(target: string, state: unknown): void {
    if (typeof state === 'object' && state !== null) this.#kept.set(target, state as Record<string, unknown>);
  }

  #of(target: string): Map<string, LiveBlend> {
    let blends = this.#blends.get(target);
    if (blends === undefined) this.#blends.set(target, (blends = new Map<string, LiveBlend>()));
    return blends;
  }
}
