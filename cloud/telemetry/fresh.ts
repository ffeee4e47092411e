import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { decodeBatch, encodeBatch, type Batch } from './fresh-batch.ts';
import { FreshSeries } from './fresh-series.ts';
import type { Row } from './rows.ts';
import { transaction } from './sqlite.ts';

export const freshMigration = 'CREATE TABLE fresh (id INTEGER PRIMARY KEY, points BLOB NOT NULL)';

/**
 * Recent points: each batch is one row of the file, and lookups go to memory. In the `point` table each series has its own pages, so a
 * batch with one point per series would write a page for each point. Points move there later, many of one series at a time. If a power cut
 * leaves a point in both places, the keys are the same.
 */
export class Fresh {
  readonly #db: DatabaseSync;
  readonly #append: StatementSync;
  readonly #insert: StatementSync;
  readonly #series = new Map<number, FreshSeries>();
  #count = 0;

  /** Reads the points that have not moved yet. */
  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#append = db.prepare('INSERT INTO fresh (points) VALUES (?)');
    this.#insert = db.prepare('INSERT INTO point VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING');
    for (const batch of batchesOf(db)) this.#add(batch);
  }

  /** Number of points that have not moved yet. */
  get count(): number {
    return this.#count;
  }

  /** Durable when it returns; `beside` writes in the same transaction. */
  write(batch: Batch, beside: () => void): void {
    transaction(this.#db, () => {
      this.#append.run(encodeBatch(batch));
      beside();
    });
    this.#add(batch);
  }

  /** Points of a series in [start, end), in order of key. */
  rows(series: number, start: number, end: number): readonly Row[] {
    return this.#series.get(series)?.rows(start, end) ?? [];
  }

  /** The newest of them for which `holds` is true. */
  findLast(
    series: number,
    range: { readonly start: number; readonly end: number },
    holds: (row: Row) => boolean,
  ): Row | undefined {
    return this.#series.get(series)?.findLast(range.start, range.end, holds);
  }

  /** Number of points of a series that have not moved yet. */
  countOf(series: number): number {
    return this.#series.get(series)?.length ?? 0;
  }

  /** Moves a series to the `point` table, in the caller's transaction; call `placed` after the commit. */
  place(series: number): void {
    for (const row of this.rows(series, -Infinity, Infinity)) this.#insert.run(series, ...row);
  }

  placed(series: number): void {
    this.#count -= this.countOf(series);
    this.#series.delete(series);
  }

  /** The newest batch. A series placed from now on is placed for all batches up to this one. */
  newestBatch(): number {
    return Number(this.#db.prepare('SELECT max(id) AS id FROM fresh').get()?.['id'] ?? 0);
  }

  /** Deletes batches up to this one, once they are all placed. */
  forget(upTo: number): void {
    this.#db.prepare('DELETE FROM fresh WHERE id <= ?').run(upTo);
  }

  #add({ series, time, low, value, mark }: Batch): void {
    for (let i = 0; i < series.length; i++) {
      let of = this.#series.get(series[i]!);
      if (of === undefined) this.#series.set(series[i]!, (of = new FreshSeries()));
      if (of.add([time[i]!, low[i]!, value[i]!, mark[i]!])) this.#count++;
    }
  }
}

/** The batches of a file that have not moved yet. */
export function* batchesOf(db: DatabaseSync): Generator<Batch> {
  for (const { points } of db.prepare('SELECT points FROM fresh ORDER BY id').iterate())
    yield decodeBatch(points as Uint8Array);
}
