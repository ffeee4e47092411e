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
    const cached = this.#targets.get(target);
    return cached?.forecast === forecast ? cached.variants.get(variant) : undefined;
  }

  put(
    key: { readonly target: string; readonly forecast: string; readonly variant: string },
    answer: CachedAnswer,
  ): void {
    let cached = this.#targets.get(key.target);
    if (cached?.forecast !== key.forecast || cached.variants.size >= MOST_VARIANTS) {
      this.#targets.set(key.target, (cached = { forecast: key.forecast, variants: new Map() }));
    }
    cached.variants.set(key.variant, answer);
  }
}
