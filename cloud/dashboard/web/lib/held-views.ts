import { patched } from '../../../../shared/codec/patch.ts';

/**
 * The views that a page looks at, as the stream has sent them, and where the stream stood with them. While a new stream opens, the one
 * before still sends what was looked at before: nothing later could build on that.
 */
export class HeldViews {
  #topics: readonly string[] = [];
  readonly #views = new Map<string, unknown>();
  #since: string | undefined;

  /** What to ask a stream for: what is looked at from now on, and what is here of it already. */
  query(topics: readonly string[]): URLSearchParams {
    this.#topics = topics;
    for (const topic of this.#views.keys()) if (!topics.includes(topic)) this.#views.delete(topic);
    const held = this.#since === undefined ? [] : [...this.#views.keys()];
    return new URLSearchParams({
      topics: topics.join(','),
      ...(held.length === 0 ? {} : { held: held.join(','), since: this.#since! }),
    });
  }

  /** The stream stands here with all that it has sent. */
  reached(position: string): void {
    this.#since = position;
  }

  whole(topic: string, view: unknown): void {
    if (this.#topics.includes(topic)) this.#views.set(topic, view);
  }

  /** The view after its changes; undefined: it is not here whole. */
  changed(topic: string, patch: unknown): unknown {
    if (!this.#views.has(topic)) return undefined;
    const view = patched(this.#views.get(topic), patch);
    this.#views.set(topic, view);
    return view;
  }
}
