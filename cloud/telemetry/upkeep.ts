import type { DatabaseSync } from 'node:sqlite';
import type { Fresh } from './fresh.ts';
import type { Rollups } from './rollup.ts';
import { transaction } from './sqlite.ts';

/** Fresh points are moved and rolled up this often, ms of plant time, so that the pages of a series are written once, and full. */
const EVERY_MS = 6 * 3_600_000;
/** Or as soon as this many wait. They are in memory, and are read at each start. */
const MOST_FRESH = 250_000;
/** Beyond this, a write itself moves some of them. */
const TOO_MANY = 2 * MOST_FRESH;
/** Maximum number of series and points in one piece: readers and writers wait for it, and each commit waits for the disk. */
const SERIES_AT_ONCE = 20;
const POINTS_AT_ONCE = 10_000;

/** One sweep over all series. */
interface Sweep {
  /** Plant time; undefined: only moves points. */
  readonly now: number | undefined;
  readonly upTo: number;
  readonly toPlace: number[];
  readonly toThin: number[];
  isWhole: boolean;
}

export interface UpkeepOptions {
  readonly db: DatabaseSync;
  readonly fresh: Fresh;
  readonly rollups: Rollups;
  /** The numbers of all series. */
  readonly all: () => readonly number[];
  /** Adapts the retentions to the size of the file; called before a sweep that deletes, once the last one has deleted all it could. */
  readonly settle: () => void;
}

/** Moves fresh points, rolls up, thins and deletes, series by series in pieces. */
export class Upkeep {
  readonly #db: DatabaseSync;
  readonly #fresh: Fresh;
  readonly #rollups: Rollups;
  readonly #all: () => readonly number[];
  readonly #settle: () => void;
  /** False while data past the current retentions is still stored. */
  #isWhole = true;
  /** Plant time of the last sweep that left nothing to do. */
  #sweptAt = Number.NEGATIVE_INFINITY;
  #sweep: Sweep | undefined;

  constructor({ db, fresh, rollups, all, settle }: UpkeepOptions) {
    this.#db = db;
    this.#fresh = fresh;
    this.#rollups = rollups;
    this.#all = all;
    this.#settle = settle;
  }

  /** Does one piece of what is due at this plant time. True: more is left. */
  piece(now: number): boolean {
    if (this.#sweep === undefined && !this.#isDue(now)) return false;
    this.#step((this.#sweep ??= this.#begin(now)));
    return this.#sweep !== undefined;
  }

  /** Called after each write; keeps memory bounded. */
  written(): void {
    if (this.#fresh.count > TOO_MANY) this.#step((this.#sweep ??= this.#begin(undefined)));
  }

  /** A clock that was set back does not delay a sweep. */
  #isDue(now: number): boolean {
    const sinceMs = now - this.#sweptAt;
    return sinceMs < 0 || sinceMs >= EVERY_MS || this.#fresh.count >= MOST_FRESH;
  }

  #begin(now: number | undefined): Sweep {
    // The size says nothing about a retention that has not taken effect yet.
    if (now !== undefined && this.#isWhole) this.#settle();
    const all = this.#all();
    const toThin = now === undefined ? [] : [...all];
    return { now, upTo: this.#fresh.newestBatch(), toPlace: [...all], toThin, isWhole: true };
  }

  #step(sweep: Sweep): void {
    if (sweep.toPlace.length > 0) this.#place(sweep);
    else if (sweep.now !== undefined) this.#thin(sweep, sweep.now);
    if (sweep.toPlace.length > 0 || sweep.toThin.length > 0) return;
    this.#sweep = undefined;
    if (sweep.now === undefined) return;
    this.#isWhole = sweep.isWhole;
    if (sweep.isWhole) this.#sweptAt = sweep.now;
  }

  #place(sweep: Sweep): void {
    const { now, upTo, toPlace } = sweep;
    let points = 0;
    const end = toPlace.findIndex(
      (id, at) => at === SERIES_AT_ONCE || (points += this.#fresh.countOf(id)) > POINTS_AT_ONCE,
    );
    const taken = toPlace.slice(0, end < 0 ? undefined : Math.max(1, end));
    this.#transaction(() => {
      for (const id of taken) {
        this.#fresh.place(id);
        if (now !== undefined) sweep.isWhole = this.#rollups.roll(id, now) && sweep.isWhole;
      }
      if (taken.length === toPlace.length) this.#fresh.forget(upTo);
    });
    for (const id of taken) this.#fresh.placed(id);
    toPlace.splice(0, taken.length);
  }

  /** Only after the last batch is forgotten; otherwise thinned points could return at the next start. */
  #thin(sweep: Sweep, now: number): void {
    const taken = sweep.toThin.slice(0, SERIES_AT_ONCE);
    this.#transaction(() => {
      for (const id of taken) sweep.isWhole = this.#rollups.thin(id, now) && sweep.isWhole;
    });
    sweep.toThin.splice(0, taken.length);
  }

  /** Failed work is retried with the next piece. */
  #transaction(work: () => void): void {
    try {
      transaction(this.#db, work);
    } catch (error) {
      this.#rollups.load();
      throw error;
    }
  }
}
