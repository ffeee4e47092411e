import type { ModelManifest } from '../../../../shared/contracts/model.ts';
import { LiveBlend, type BlendedModel } from './live-blend.ts';

/** Whether a model outputs its members' forecasts. */
export const isBlended = (model: ModelManifest): model is ModelManifest & BlendedModel => model.blend !== undefined;

/**
 * The live weights of the models that the cloud runs, by target and by hash of the model. A shadow model's weights are ready when it is
 * promoted.
 */
export class LiveBlends {
  readonly #blends = new Map<string, Map<string, LiveBlend>>();
  /** Restored states of models that have not been requested yet. */
  readonly #restored = new Map<string, Readonly<Record<string, unknown>>>();

  /** Undefined if the weights are fixed in the model. */
  of(target: string, model: ModelManifest): LiveBlend | undefined {
    if (!isBlended(model)) return undefined;
    const blends = this.#of(target);
    let blend = blends.get(model.sha256);
    if (blend === undefined) {
      blend = new LiveBlend(model);
      const restored = this.#restored.get(target)?.[model.sha256];
      if (restored !== undefined) blend.restore(restored);
      blends.set(model.sha256, blend);
    }
    return blend;
  }

  /** Drops the weights of models that no longer run for a target. `running`: hashes of those that do; they have been requested before. */
  keep(target: string, running: readonly string[]): void {
    const blends = this.#of(target);
    for (const sha256 of blends.keys()) if (!running.includes(sha256)) blends.delete(sha256);
    this.#restored.delete(target);
  }

  /** Learns from a target's actual values; see `LiveBlend`. */
  settle(target: string, knownUpTo: number, actual: (time: number) => number): void {
    for (const blend of this.#of(target).values()) blend.settle(knownUpTo, actual);
  }

  /** Undefined if no model of the target has live weights. */
  state(target: string): Readonly<Record<string, unknown>> | undefined {
    const running = [...this.#of(target)].map(([sha256, blend]) => [sha256, blend.state()] as const);
    const state = { ...this.#restored.get(target), ...Object.fromEntries(running) };
    return Object.keys(state).length === 0 ? undefined : state;
  }

  restore(target: string, state: unknown): void {
    if (typeof state === 'object' && state !== null) this.#restored.set(target, state as Record<string, unknown>);
  }

  #of(target: string): Map<string, LiveBlend> {
    let blends = this.#blends.get(target);
    if (blends === undefined) this.#blends.set(target, (blends = new Map<string, LiveBlend>()));
    return blends;
  }
}
