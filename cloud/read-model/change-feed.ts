import { isDeepStrictEqual } from 'node:util';
import type { Change, Entries, Kind } from './entries.ts';

/** A notice that is delivered once, in order, beside the state. */
export interface QueuedNotice<Notice> {
  readonly position: number;
  readonly notice: Notice;
}

export interface Changes<Notice> {
  /** What is asked for next goes on here. */
  readonly position: number;
  /** The newest value of all that changed behind the position asked for, in the order of the changes. */
  readonly changes: readonly Change[];
  readonly notices: readonly Notice[];
  /** There were more notices than are remembered: some are missing. */
  readonly missed: boolean;
}

/** So many changes are remembered one by one; whoever is further behind gets all there is. */
const MOST_LOGGED = 20_000;
const MOST_NOTICES = 1_000;

/**
 * What is in force now under a position that counts every change: a reader asks for what changed behind the position that it knows, and
 * gets the newest value of each entry once, however often it changed. From position 0 that is a snapshot.
 */
export class ChangeFeed<Notice> {
  readonly #entries = new Map<string, { readonly change: Change; readonly position: number }>();
  /** Names of entries by the change: the first stands for the change behind `#logFrom`. */
  #log: string[] = [];
  #logFrom = 0;
  #position = 0;
  #notices: QueuedNotice<Notice>[] = [];
  /** Of the newest notice that is not remembered any more. */
  #forgotten = 0;
  #waiting: (() => void)[] = [];

  get position(): number {
    return this.#position;
  }

  /** Sets an entry; one that is the same, or says the same, changes nothing. */
  set<Each extends Kind>(kind: Each, key: string, value: Entries[Each] | undefined): void {
    const name = `${kind} ${key}`;
    const known = this.#entries.get(name);
    if (known === undefined ? value === undefined : isDeepStrictEqual(known.change.value, value)) return;
    this.changed(kind, key, value);
  }

  /** Sets an entry that is known to have changed: it is not compared. */
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

  /** What changed behind a position. */
  since(position: number): Changes<Notice> {
    const names = position < this.#logFrom ? this.#entries.keys() : new Set(this.#log.slice(position - this.#logFrom));
    const behind = [...names].flatMap((name) => {
      const entry = this.#entries.get(name);
      return entry === undefined || entry.position <= position ? [] : [entry];
    });
    const changes = behind.toSorted((a, b) => a.position - b.position).map(({ change }) => change);
    const notices = this.#notices.filter((queued) => queued.position > position).map(({ notice }) => notice);
    // Who begins with a snapshot has missed nothing.
    return { position: this.#position, changes, notices, missed: position > 0 && position < this.#forgotten };
  }

  /** The same, as soon as there is something. */
  async after(position: number): Promise<Changes<Notice>> {
    if (this.#position <= position) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return this.since(position);
  }

  /** Whoever waits for changes gets those that there are. */
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
