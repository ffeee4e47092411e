import { isDeepStrictEqual } from 'node:util';
import type { Change, Entries, Kind } from './entries.ts';

/** A notice that is delivered once and in order, alongside the state. */
export interface QueuedNotice<Notice> {
  readonly position: number;
  readonly notice: Notice;
}

export interface Changes<Notice> {
  /** The reader passes this position to its next call. */
  readonly position: number;
  /** The newest value of everything that changed after the requested position, in the order of the changes. */
  readonly changes: readonly Change[];
  readonly notices: readonly Notice[];
  /** True if the feed no longer holds all notices after the requested position. */
  readonly missed: boolean;
}

/** The log holds at least this many changes; a reader that is further behind gets a full snapshot. */
const MOST_LOGGED = 20_000;
const MOST_NOTICES = 1_000;

/**
 * The current state under a position that counts every change. A reader asks for the changes after the position it knows and gets the
 * newest value of each entry once, however often the entry changed. From position 0 that is a snapshot.
 */
export class ChangeFeed<Notice> {
  readonly #entries = new Map<string, { readonly change: Change; readonly position: number }>();
  /** Names of entries in the order of their changes; the first is the change right after `#logFrom`. */
  #log: string[] = [];
  #logFrom = 0;
  #position = 0;
  #notices: QueuedNotice<Notice>[] = [];
  /** Position of the newest notice that was dropped. */
  #forgotten = 0;
  #waiting: (() => void)[] = [];

  get position(): number {
    return this.#position;
  }

  /** Sets an entry. An equal value is no change. */
  set<Each extends Kind>(kind: Each, key: string, value: Entries[Each] | undefined): void {
    const name = `${kind} ${key}`;
    const known = this.#entries.get(name);
    if (known === undefined ? value === undefined : isDeepStrictEqual(known.change.value, value)) return;
    this.changed(kind, key, value);
  }

  /** Sets an entry that is known to have changed, without comparing. */
  changed<Each extends Kind>(kind: Each, key: string, value: Entries[Each] | undefined): void {
    const name = `${kind} ${key}`;
    this.#entries.set(name, { change: { kind, key, value } as Change, position: ++this.#position });
    this.#noteChange(name);
  }

  tell(notice: Notice): void {
    this.#notices.push({ position: ++this.#position, notice });
    this.#noteChange('');
    if (this.#notices.length <= 2 * MOST_NOTICES) return;
    this.#forgotten = this.#notices.at(-MOST_NOTICES - 1)!.position;
    this.#notices = this.#notices.slice(-MOST_NOTICES);
  }

  /** Returns the changes after a position. */
  since(position: number): Changes<Notice> {
    const names = position < this.#logFrom ? this.#entries.keys() : new Set(this.#log.slice(position - this.#logFrom));
    const behind = [...names].flatMap((name) => {
      const entry = this.#entries.get(name);
      return entry === undefined || entry.position <= position ? [] : [entry];
    });
    const changes = behind.toSorted((a, b) => a.position - b.position).map(({ change }) => change);
    const notices = this.#notices.filter((queued) => queued.position > position).map(({ notice }) => notice);
    // A reader that starts from a snapshot has missed nothing.
    return { position: this.#position, changes, notices, missed: position > 0 && position < this.#forgotten };
  }

  /** Like `since`, but waits for a change first. */
  async after(position: number): Promise<Changes<Notice>> {
    if (this.#position <= position) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return this.since(position);
  }

  /** Wakes all waiting readers with the changes so far. */
  release(): void {
    const waiting = this.#waiting;
    if (waiting.length === 0) return;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }

  #noteChange(name: string): void {
    this.#log.push(name);
    if (this.#log.length <= 2 * MOST_LOGGED) return;
    this.#logFrom += this.#log.length - MOST_LOGGED;
    this.#log = this.#log.slice(-MOST_LOGGED);
  }
}
