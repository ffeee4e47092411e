import type { ForecastFallback } from '../../../shared/contracts/forecast.ts';

/** When each target's current level of fallback began. */
export class FallbackSince {
  readonly #since = new Map<string, ForecastFallback>();

  /** Restores a target's fallback from before a restart. */
  restore(target: string, fallback: ForecastFallback | null): void {
    if (fallback !== null) this.#since.set(target, fallback);
  }

  /** `failed`: why the model does not answer at `at`; null if it does. */
  of(target: string, failed: Pick<ForecastFallback, 'level' | 'reason'> | null, at: number): ForecastFallback | null {
    if (failed === null) {
      this.#since.delete(target);
      return null;
    }
    const before = this.#since.get(target);
    const since = before !== undefined && before.level === failed.level ? before.since : at;
    const fallback = { ...failed, since };
    this.#since.set(target, fallback);
    return fallback;
  }
}
