import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { isAllKnown, type Known } from './as-of.ts';
import { OFFSET_MODULUS, qualityOf, qualityRank } from './marks.ts';
import { closedUntil, quarterOf, ROLLUP_MS } from './quarters.ts';
import type { Sample } from '../../shared/contracts/sample.ts';
import type { Interval } from './store.ts';

/** In quarters with at most this many samples, the raw samples stay and serve as their own roll-up. */
const SPARSE = 2;
/** Maximum number of quarters per call and series, so that a reader never waits long. */
const SLICE = 2000;

export const rollupMigration = `
  CREATE TABLE rollup (
    series INTEGER NOT NULL, start INTEGER NOT NULL,
    mean REAL, min REAL, max REAL, coverage REAL NOT NULL, quality INTEGER NOT NULL,
    samples INTEGER NOT NULL, raw INTEGER NOT NULL, made_at INTEGER NOT NULL,
    PRIMARY KEY (series, start)
  ) WITHOUT ROWID;
  CREATE TABLE rolled (series INTEGER PRIMARY KEY, up_to INTEGER NOT NULL, thin_from INTEGER NOT NULL, thinned_to INTEGER NOT NULL)`;

/** Offsets of the points that a mean may come from; null in quarters rolled up by earlier versions. */
export const offsetsMigration = `
  ALTER TABLE rollup ADD COLUMN oldest_offset INTEGER;
  ALTER TABLE rollup ADD COLUMN newest_offset INTEGER`;

interface Mark {
  /** Quarters before this are rolled up. */
  upTo: number;
  /** Where thinning continues. */
  thinFrom: number;
  /** Quarters before this may have lost their raw samples. */
  thinnedTo: number;
}

/** Retentions, ms; read at each call. */
export interface Keep {
  readonly rawMs: number;
  readonly rollupMs: number;
}

interface MeansSource {
  /** One interval for each quarter. */
  of(series: number, start: number, end: number): Interval[];
  /** Maximum time for which the last value of a series may count, ms. */
  readonly reachMs: number;
  /** Means depend on values from this long before, ms. */
  readonly lookbackMs: number;
}

/** A query that sees only what the ledger knew at a time. */
export interface Past {
  readonly asOf: number;
  readonly known: Known;
}

/** Roll-up of each series by quarters of an hour, and thinning of the raw samples that it replaces. */
export class Rollups {
  readonly #db: DatabaseSync;
  readonly #keep: Keep;
  readonly #means: MeansSource;
  readonly #marks = new Map<number, Mark>();
  readonly #select: StatementSync;

  constructor(db: DatabaseSync, keep: Keep, means: MeansSource) {
    this.#db = db;
    this.#keep = keep;
    this.#means = means;
    this.#select = db.prepare('SELECT * FROM rollup WHERE series = ? AND start >= ? AND start < ? ORDER BY start');
    this.load();
  }

  /** Reads each series' progress from the file; needed after a transaction that failed, whose progress was rolled back. */
  load(): void {
    this.#marks.clear();
    for (const row of this.#db.prepare('SELECT * FROM rolled').all()) {
      this.#marks.set(Number(row['series']), {
        upTo: Number(row['up_to']),
        thinFrom: Number(row['thin_from']),
        thinnedTo: Number(row['thinned_to']),
      });
    }
  }

  /** Quarters before this are rolled up; 0: none. */
  upTo(series: number): number {
    return this.#marks.get(series)?.upTo ?? 0;
  }

  /** Called for each written sample: quarters from its time on must be rolled up again. Those without raw samples stay as they are. */
  written(series: number, time: number): void {
    const mark = this.#marks.get(series);
    if (mark === undefined || time >= mark.upTo) return;
    mark.upTo = quarterOf(time);
    mark.thinFrom = Math.min(mark.thinFrom, mark.upTo);
    this.#save(series, mark);
  }

  read(series: number, start: number, end: number): Interval[] {
    return this.#select.all(series, start, end).map((row) => ({
      start: Number(row['start']),
      mean: row['mean'] as number | null,
      min: row['min'] as number | null,
      max: row['max'] as number | null,
      coverage: Number(row['coverage']),
      quality: qualityOf(Number(row['quality'])),
    }));
  }

  /** Quarters without raw samples, each as one sample at its start; with `past`, only those made, or all stored, by then. */
  thinned(series: number, range: { start: number; end: number; past: Past | undefined }): Sample[] {
    const mark = this.#marks.get(series);
    if (mark === undefined || range.start >= mark.thinnedTo) return [];
    return this.#select
      .all(series, range.start, range.end)
      .filter(
        (row) =>
          row['raw'] === 0 && row['mean'] !== null && (range.past === undefined || this.#isKnown(row, range.past)),
      )
      .map((row) => ({
        time: Number(row['start']),
        value: Number(row['mean']),
        quality: qualityOf(Number(row['quality'])),
        origin: 'measured',
      }));
  }

  #isKnown(row: Record<string, unknown>, { asOf, known }: Past): boolean {
    if (Number(row['made_at']) <= asOf) return true;
    const [start, oldest, newest] = [Number(row['start']), row['oldest_offset'], row['newest_offset']];
    if (typeof oldest !== 'number' || typeof newest !== 'number') return false;
    const times = { from: start - this.#backMs, to: start + ROLLUP_MS };
    return isAllKnown(known, { oldest, newest, ...times }, asOf);
  }

  /** Whole quarters before one, on which its mean depends, ms. */
  get #backMs(): number {
    return Math.ceil(this.#means.lookbackMs / ROLLUP_MS) * ROLLUP_MS;
  }

  /** Rolls up the closed quarters of a series, all points of which must be in the `point` table. False: more is left. */
  roll(series: number, now: number): boolean {
    const mark = this.#marks.get(series) ?? this.#begin(series);
    if (mark === undefined) return true;
    const closed = this.#closed(series, now);
    const end = Math.min(closed, mark.upTo + SLICE * ROLLUP_MS);
    if (end <= mark.upTo) return true;
    this.#roll(series, { from: mark.upTo, end, now });
    mark.upTo = end;
    this.#save(series, mark);
    return end === closed;
  }

  /** Thins raw samples and deletes quarters past retention. False: more is left. */
  thin(series: number, now: number): boolean {
    const mark = this.#marks.get(series);
    if (mark === undefined) return true;
    const { thinFrom } = mark;
    this.#thin(series, mark, now);
    if (mark.thinFrom !== thinFrom) this.#save(series, mark);
    return this.#drop(series, now);
  }

  #closed(series: number, now: number): number {
    const newest =
      this.#db.prepare('SELECT max(time) AS time FROM point WHERE series = ?').get(series)?.['time'] ?? null;
    return newest === null ? 0 : closedUntil(Number(newest), { now, reachMs: this.#means.reachMs });
  }

  #begin(series: number): Mark | undefined {
    const row = this.#db.prepare('SELECT min(time) AS time FROM point WHERE series = ?').get(series);
    if (row === undefined || row['time'] === null) return undefined;
    const first = quarterOf(Number(row['time']));
    const mark = { upTo: first, thinFrom: first, thinnedTo: 0 };
    this.#marks.set(series, mark);
    return mark;
  }

  #roll(series: number, { from, end, now }: { from: number; end: number; now: number }): void {
    const back = this.#backMs;
    const rows = this.#db
      .prepare(
        `SELECT time - time % CAST(? AS INTEGER) AS start, count(*) AS n,
           min(mark / 16 * ${OFFSET_MODULUS} + off) AS oldest, max(mark / 16 * ${OFFSET_MODULUS} + off) AS newest
         FROM point WHERE series = ? AND time >= ? AND time < ? GROUP BY 1`,
      )
      .all(ROLLUP_MS, series, from - back, end);
    const found = new Map(rows.map((row) => [Number(row['start']), row]));
    const offsets = (start: number, which: 'oldest' | 'newest'): number | null => {
      const all: number[] = [];
      for (let at = start - back; at <= start; at += ROLLUP_MS)
        if (found.has(at)) all.push(Number(found.get(at)![which]));
      return all.length === 0 ? null : Math[which === 'oldest' ? 'min' : 'max'](...all);
    };
    const put = this.#db.prepare(
      `INSERT INTO rollup VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?, ?) ON CONFLICT DO UPDATE SET
         mean = excluded.mean, min = excluded.min, max = excluded.max, coverage = excluded.coverage,
         quality = excluded.quality, samples = excluded.samples, made_at = excluded.made_at,
         oldest_offset = excluded.oldest_offset, newest_offset = excluded.newest_offset WHERE raw = 1`,
    );
    for (const part of this.#means.of(series, from, end)) {
      const { start, mean, min, max, coverage } = part;
      put.run(
        series,
        start,
        mean,
        min,
        max,
        coverage,
        qualityRank(part.quality),
        Number(found.get(start)?.['n'] ?? 0),
        Math.ceil(now),
        offsets(start, 'oldest'),
        offsets(start, 'newest'),
      );
    }
  }

  #thin(series: number, mark: Mark, now: number): void {
    const oldest = quarterOf(now - this.#keep.rawMs);
    const end = Math.min(oldest, mark.upTo);
    if (end <= mark.thinFrom) return;
    const rows = this.#db
      .prepare('SELECT start FROM rollup WHERE series = ? AND start >= ? AND start < ? AND samples > ? AND raw = 1')
      .all(series, mark.thinFrom, end, SPARSE);
    const remove = this.#db.prepare('DELETE FROM point WHERE series = ? AND time >= ? AND time < ?');
    const thinned = this.#db.prepare('UPDATE rollup SET raw = 0 WHERE series = ? AND start = ?');
    for (const row of rows) {
      const start = Number(row['start']);
      remove.run(series, start, start + ROLLUP_MS);
      thinned.run(series, start);
    }
    mark.thinFrom = end;
    mark.thinnedTo = Math.max(mark.thinnedTo, end);
  }

  /** Deletes old quarters, and the raw samples that served as roll-ups, a slice at a time. */
  #drop(series: number, now: number): boolean {
    const first = this.#db.prepare('SELECT min(start) AS start FROM rollup WHERE series = ?').get(series)?.['start'];
    const oldest = quarterOf(now - this.#keep.rollupMs);
    if (first === null || first === undefined || Number(first) >= oldest) return true;
    const end = Math.min(oldest, Number(first) + SLICE * ROLLUP_MS);
    this.#db.prepare('DELETE FROM point WHERE series = ? AND time < ?').run(series, end);
    this.#db.prepare('DELETE FROM rollup WHERE series = ? AND start < ?').run(series, end);
    return end === oldest;
  }

  #save(series: number, mark: Mark): void {
    this.#db
      .prepare('INSERT OR REPLACE INTO rolled VALUES (?, ?, ?, ?)')
      .run(series, mark.upTo, mark.thinFrom, mark.thinnedTo);
  }
}
