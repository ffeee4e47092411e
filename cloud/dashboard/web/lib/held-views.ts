import { patched } from '../../../../shared/codec/patch.ts';
import { STREAM_TOPICS } from '../../../../shared/contracts/stream-topics.ts';

/** Returns the first topics, as many as one stream may have. */
export function fitting(topics: readonly string[]): string[] {
  let chars = -1;
  return topics.slice(0, STREAM_TOPICS.most).filter((topic) => (chars += topic.length + 1) <= STREAM_TOPICS.chars);
}

/**
 * The views that a page follows, as received, and their position in the stream. While a new stream opens, the old one still sends topics
 * that are no longer followed; these are dropped, because later changes could not build on them.
 */
export class HeldViews {
  #topics: readonly string[] = [];
  readonly #views = new Map<string, unknown>();
  #since: string | undefined;

  /** Returns the query for a stream: the topics to follow, and which of them are already here up to which position. */
  query(topics: readonly string[]): URLSearchParams {
    this.#topics = topics;
    for (const topic of this.#views.keys()) if (!topics.includes(topic)) this.#views.delete(topic);
    const held = this.#since === undefined ? [] : [...this.#views.keys()];
    return new URLSearchParams({
      topics: topics.join(','),
      ...(held.length === 0 ? {} : { held: held.join(','), since: this.#since! }),
    });
  }

  /** Notes the position up to which everything was received. */
  reached(position: string): void {
    this.#since = position;
  }

  whole(topic: string, view: unknown): void {
    if (this.#topics.includes(topic)) this.#views.set(topic, view);
  }

  /** Applies changes to a view; undefined if the whole view is not here. */
  changed(topic: string, patch: unknown): unknown {
    if (!this.#views.has(topic)) return undefined;
    const view = patched(this.#views.get(topic), patch);
    this.#views.set(topic, view);
    return view;
  }
}
