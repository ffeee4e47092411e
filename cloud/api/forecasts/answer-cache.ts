/** An answer as it is sent. */
export interface CachedAnswer {
  readonly body: Buffer;
  readonly type: string;
  readonly etag: string;
}

const MOST_VARIANTS = 64;

/** Answers of the newest forecasts by target and variant of the request (quantiles, resolution, format). A newer forecast replaces them. */
export class AnswerCache {
  readonly #targets = new Map<string, { readonly forecast: string; readonly variants: Map<string, CachedAnswer> }>();

  get(target: string, forecast: string, variant: string): CachedAnswer | undefined {
    const kept = this.#targets.get(target);
    return kept?.forecast === forecast ? kept.variants.get(variant) : undefined;
  }

  put(
    key: { readonly target: string; readonly forecast: string; readonly variant: string },
    answer: CachedAnswer,
  ): void {
    let kept = this.#targets.get(key.target);
    if (kept?.forecast !== key.forecast || kept.variants.size >= MOST_VARIANTS) {
      this.#targets.set(key.target, (kept = { forecast: key.forecast, variants: new Map() }));
    }
    kept.variants.set(key.variant, answer);
  }
}
