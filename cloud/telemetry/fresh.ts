import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { decodeBatch, encodeBatch, type Batch } from './fresh-batch.ts';
import { FreshSeries } from './fresh-series.ts';
import type { Row } from './rows.ts';
import { transaction } from './sqlite.ts';

export const freshMigration = 'CREATE TABLE fresh (id INTEGER PRIMARY KEY, points BLOB NOT NULL)';

/**
 * Points that came lately: a batch of them is one row of the file, and they are looked up in memory. In the table of points each series has
 * pages of its own, so a batch with one point of each series would write a page for each of its points. They go there later, many of one
 * series at once. Points that a cut of power leaves in both places have the same keys there.
 */
export class Fresh {
  readonly #db: DatabaseSync;
  readonly #append: StatementSync;
  readonly #insert: StatementSync;
  readonly #series = new Map<number, FreshSeries>();
  #count = 0;

  /** Reads what is not in its place yet. */
  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#append = db.prepare('INSERT INTO fresh (points) VALUES (?)');
    this.#insert = db.prepare('INSERT INTO point VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING');
    for (const batch of batchesOf(db)) this.#add(batch);
  }

  /** Points that are not in their place yet. */
  get count(): number {
    return this.#count;
  }

  /** Durable when it returns; `beside` is written in the same transaction. */
  write(batch: Batch, beside: () => void): void {
    transaction(this.#db, () => {
      this.#append.run(encodeBatch(batch));
      beside();
    });
    this.#add(batch);
  }

  /** Of a series in [start, end), in the order of their keys. */
  rows(series: number, start: number, end: number): readonly Row[] {
    return this.#series.get(series)?.rows(start, end) ?? [];
  }

  /** The newest of those for which something holds. */
  findLast(
    series: number,
    range: { readonly start: number; readonly end: number },
    holds: (row: Row) => boolean,
  ): Row | undefined {
    return this.#series.get(series)?.findLast(range.start, range.end, holds);
  }

  /** How many points of a series are not in their place yet. */
  countOf(series: number): number {
    return this.#series.get(series)?.length ?? 0;
  }

  /** Brings a series to its place, in the caller's transaction; behind it `placed` is told. */
  place(series: number): void {
    for (const row of this.rows(series, -Infinity, Infinity)) this.#insert.run(series, ...row);
  }

  placed(series: number): void {
    this.#count -= this.countOf(series);
    this.#series.delete(series);
  }

  /** The newest batch: all series that are placed from now on are so with all batches up to it. */
  newestBatch(): number {
    return Number(this.#db.prepare('SELECT max(id) AS id FROM fresh').get()?.['id'] ?? 0);
  }

  /** Batches up to this one are in their place. */
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

/** What is not in its place yet in a file, batch by batch. */
export function* batchesOf(db: DatabaseSync): Generator<Batch> {
  for (const { points } of db.prepare('SELECT points FROM fresh ORDER BY id').iterate())
    yield decodeBatch(points as Uint8Array);
}
