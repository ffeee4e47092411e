import type { Changes } from './change-feed.ts';
import type { Entries, Kind } from './entries.ts';

/**
 * What is in force in the control room, as far as this thread has heard: the newest value of each entry, and what happened, in order.
 */
export class ReadModel<Notice> {
  readonly #entries = new Map<Kind, Map<string, Entries[Kind]>>();
  readonly #listeners = new Set<(notice: Notice) => void>();
  readonly #onChange = new Map<Kind, () => void>();
  #position = 0;
  #behind: { readonly position: number; readonly resolve: () => void }[] = [];

  get position(): number {
    return this.#position;
  }

  get<Each extends Kind>(kind: Each, key = ''): Entries[Each] | undefined {
    return this.#entries.get(kind)?.get(key) as Entries[Each] | undefined;
  }

  take({ position, changes, notices }: Changes<Notice>): void {
    this.#position = position;
    for (const { kind, key, value } of changes) {
      let ofKind = this.#entries.get(kind);
      if (ofKind === undefined) this.#entries.set(kind, (ofKind = new Map()));
      if (value === undefined) ofKind.delete(key);
      else ofKind.set(key, value);
    }
    for (const kind of new Set(changes.map((each) => each.kind))) this.#onChange.get(kind)?.();
    const reached = this.#behind.filter((each) => each.position <= position);
    this.#behind = this.#behind.filter((each) => each.position > position);
    for (const { resolve } of reached) resolve();
    for (const notice of notices) for (const listener of this.#listeners) listener(notice);
  }

  /** Resolves once all up to a position is here; undefined: it is. */
  reached(position: number): Promise<void> | undefined {
    if (position <= this.#position) return undefined;
    return new Promise((resolve) => void this.#behind.push({ position, resolve }));
  }

  /** Calls with each notice; returns how to stop. */
  listen(listener: (notice: Notice) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Calls when an entry of a kind has changed. */
  onChange(kind: Kind, listener: () => void): void {
    this.#onChange.set(kind, listener);
  }
}
