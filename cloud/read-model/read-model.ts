import type { Entries, Kind } from './entries.ts';
import { isPacked, unpacked, type Packed, type PackedChanges } from './packed-changes.ts';

/** The cloud's state as far as this thread has received it: the newest value of each entry, and notices in order. */
export class ReadModel<Notice> {
  readonly #entries = new Map<Kind, Map<string, Entries[Kind] | Packed>>();
  readonly #listeners = new Set<(notice: Notice) => void>();
  readonly #onGap = new Set<() => void>();
  readonly #onChange = new Map<Kind, () => void>();
  #position = 0;
  #behind: { readonly position: number; readonly resolve: () => void }[] = [];

  get position(): number {
    return this.#position;
  }

  get<Each extends Kind>(kind: Each, key = ''): Entries[Each] | undefined {
    const ofKind = this.#entries.get(kind);
    const value = ofKind?.get(key);
    if (!isPacked(value)) return value as Entries[Each] | undefined;
    const whole = unpacked(value) as Entries[Each];
    ofKind!.set(key, whole);
    return whole;
  }

  /** Replaces the whole state with a snapshot of another feed. Notices between the two are lost. */
  begin({ changes, ...rest }: PackedChanges<Notice>): void {
    const names = new Set(changes.map(({ kind, key }) => `${kind} ${key}`));
    const gone = [...this.#entries].flatMap(([kind, ofKind]) =>
      [...ofKind.keys()].flatMap((key) => (names.has(`${kind} ${key}`) ? [] : [{ kind, key, value: undefined }])),
    );
    this.release();
    this.take({ ...rest, changes: [...gone, ...changes], missed: this.#position > 0 });
  }

  take({ position, changes, notices, missed }: PackedChanges<Notice>): void {
    this.#position = position;
    for (const { kind, key, value } of changes) {
      let ofKind = this.#entries.get(kind);
      if (ofKind === undefined) this.#entries.set(kind, (ofKind = new Map()));
      if (value === undefined) ofKind.delete(key);
      else ofKind.set(key, value);
    }
    for (const kind of new Set(changes.map((each) => each.kind))) this.#onChange.get(kind)?.();
    this.#free((each) => each <= position);
    if (missed) for (const listener of this.#onGap) listener();
    for (const notice of notices) for (const listener of this.#listeners) listener(notice);
  }

  /** Resolves once the model has reached a position; undefined if it already has. */
  reached(position: number): Promise<void> | undefined {
    if (position <= this.#position) return undefined;
    return new Promise((resolve) => void this.#behind.push({ position, resolve }));
  }

  /** The feed has ended: releases everyone who waits for a position. */
  release(): void {
    this.#free(() => true);
  }

  #free(isReached: (position: number) => boolean): void {
    const free = this.#behind.filter(({ position }) => isReached(position));
    this.#behind = this.#behind.filter(({ position }) => !isReached(position));
    for (const { resolve } of free) resolve();
  }

  /** Calls the listener with each notice; returns how to stop. */
  listen(listener: (notice: Notice) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Calls the listener when notices were lost; returns how to stop. */
  onGap(listener: () => void): () => void {
    this.#onGap.add(listener);
    return () => this.#onGap.delete(listener);
  }

  /** Calls the listener when an entry of a kind has changed. */
  onChange(kind: Kind, listener: () => void): void {
    this.#onChange.set(kind, listener);
  }
}
