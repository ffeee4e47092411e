import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { cloudSchema } from './postgres-hold.ts';
import { valueFor } from './postgres-text.ts';
import type { Postgres } from './postgres.ts';
import { rows, run, type Row, type Sql, type SqlValue, type Steps } from './sql.ts';

/** Limits of a batch: rows, and roughly their bytes. */
const ROWS = 500;
const BYTES = 4_000_000;

/** A table of a SQLite file to copy to PostgreSQL. */
export interface MovedTable {
  readonly db: DatabaseSync;
  readonly name: string;
  readonly columns: readonly string[];
  /** Columns of the primary key; rows are read in its order. */
  readonly key: readonly string[];
  /** Columns of type INTEGER. */
  readonly whole: ReadonlySet<string>;
  /** The auto-increment column and the last number that it has assigned. */
  readonly counter: { readonly column: string; readonly last: number } | undefined;
}

export type Progress = (table: string, done: number, all: number) => void;

/** The database as a whole, below the stores, whose tables must exist already. */
export const wholeOf = (postgres: Postgres): Sql => postgres.openStore(cloudSchema);

const STORED = `SELECT relname AS name FROM pg_class
  WHERE relkind = 'r' AND relnamespace = to_regnamespace(current_schema()) AND relname NOT IN ('store', 'cloud')`;

/** Names of the tables that the stores have created. */
export const storedTables = async (sql: Sql): Promise<ReadonlySet<string>> =>
  new Set((await sql.rows(STORED)).map(({ name }) => String(name)));

/** Empties all tables before a copy begins. `id`: of the cloud whose state the database will hold. */
export async function beginCopy(sql: Sql, id: string): Promise<void> {
  await sql.transaction(function* () {
    yield* emptied((yield* rows(STORED)).map(({ name }) => String(name)));
    yield* run("UPDATE cloud SET id = ?, state = 'migrating'", id);
  });
}

/** Empties tables. PostgreSQL empties a table that another one refers to only together with that one. */
export function* emptied(tables: readonly string[]): Steps<number> {
  return yield* run(`TRUNCATE ${tables.map(quoted).join(', ')}`);
}

/** The tables of a SQLite file in order of creation, so each table follows those that it refers to. */
export function tablesOf(db: DatabaseSync): MovedTable[] {
  const counts = db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_sequence'").get() !== undefined;
  return db
    .prepare(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT GLOB 'sqlite_*' AND name <> 'store' ORDER BY rowid",
    )
    .all()
    .map(({ name: found }) => {
      const name = String(found);
      const columns = db.prepare('SELECT name, type, pk FROM pragma_table_info(?) ORDER BY cid').all(name);
      const ofKey = columns.filter(({ pk }) => Number(pk) > 0).toSorted((a, b) => Number(a['pk']) - Number(b['pk']));
      const numbered = ofKey.length === 1 && ofKey[0]!['type'] === 'INTEGER' ? String(ofKey[0]!['name']) : undefined;
      const last = counts ? db.prepare('SELECT seq FROM sqlite_sequence WHERE name = ?').get(name)?.['seq'] : undefined;
      return {
        db,
        name,
        columns: columns.map((column) => String(column['name'])),
        key: ofKey.map((column) => String(column['name'])),
        whole: new Set(columns.filter(({ type }) => type === 'INTEGER').map((column) => String(column['name']))),
        counter: numbered === undefined ? undefined : { column: numbered, last: Number(last ?? 0) },
      };
    });
}

/** Copies the rows that the copy lacks. Each batch is atomic, so a resumed copy continues after the last row that is there. */
export async function copyTable(table: MovedTable, sql: Sql, progress: Progress): Promise<void> {
  const { name, columns, key, counter } = table;
  const order = key.map(quoted);
  const [last] = await sql.rows(
    `SELECT ${order.join(', ')} FROM ${quoted(name)} ORDER BY ${order.map((column) => `${column} DESC`).join(', ')} LIMIT 1`,
  );
  const all = rowsIn(table);
  const [there] = await sql.rows(`SELECT count(*) AS n FROM ${quoted(name)}`);
  let done = Number(there!['n']);
  progress(name, done, all);
  const after = last === undefined ? undefined : key.map((column) => last[column] as SqlValue);
  for (const batch of batchesOf(table, after)) {
    const row = `(${columns.map(() => '?').join(', ')})`;
    await sql.run(
      `INSERT INTO ${quoted(name)} (${columns.map(quoted).join(', ')}) VALUES ${batch.map(() => row).join(', ')}`,
      ...batch.flatMap((each) => columns.map((column) => each[column] as SqlValue)),
    );
    done += batch.length;
    progress(name, done, all);
  }
  if (counter === undefined) return;
  const [newest] = await sql.rows(`SELECT max(${quoted(counter.column)}) AS n FROM ${quoted(name)}`);
  const given = Math.max(counter.last, Number(newest!['n'] ?? 0));
  if (given > 0) await sql.rows('SELECT setval(pg_get_serial_sequence(?, ?), ?)', quoted(name), counter.column, given);
}

/** Compares each row of a table with its copy and returns the number of rows. Throws LS-STATE-004 at the first difference. */
export async function compareTable(table: MovedTable, sql: Sql, progress: Progress): Promise<number> {
  const { name, columns, key, whole } = table;
  const order = key.map(quoted).join(', ');
  const all = rowsIn(table);
  const [there] = await sql.rows(`SELECT count(*) AS n FROM ${quoted(name)}`);
  if (there!['n'] !== all)
    throw new LoadstoneError(
      'LS-STATE-004',
      `${name} has ${all} rows in the data folder, but ${Number(there!['n'])} in PostgreSQL`,
    );
  let done = 0;
  let after: readonly SqlValue[] | undefined;
  for (const batch of batchesOf(table)) {
    const copies = await sql.rows(
      `SELECT ${columns.map(quoted).join(', ')} FROM ${quoted(name)} ${behind(key, after)} ORDER BY ${order} LIMIT ${batch.length}`,
      ...(after ?? []),
    );
    for (const [n, row] of batch.entries())
      for (const column of columns)
        if (!isSame(row[column]!, copies[n]?.[column], whole.has(column)))
          throw new LoadstoneError(
            'LS-STATE-004',
            `${name}: ${column} of row ${done + n + 1} by its key differs between PostgreSQL and the data folder`,
          );
    after = key.map((column) => batch.at(-1)![column] as SqlValue);
    done += batch.length;
    progress(name, done, all);
  }
  return all;
}

const rowsIn = ({ db, name }: MovedTable): number =>
  Number(db.prepare(`SELECT count(*) AS n FROM ${quoted(name)}`).get()!['n']);

/** Batches of rows in key order. `after`: the key after which they start. */
function* batchesOf(
  { db, name, key }: MovedTable,
  after?: readonly SqlValue[],
): Generator<Record<string, SQLOutputValue>[]> {
  const sql = `SELECT * FROM ${quoted(name)} ${behind(key, after)} ORDER BY ${key.map(quoted).join(', ')}`;
  let batch: Record<string, SQLOutputValue>[] = [];
  let bytes = 0;
  for (const row of db.prepare(sql).iterate(...(after ?? []))) {
    batch.push(row);
    for (const value of Object.values(row))
      bytes += typeof value === 'string' || value instanceof Uint8Array ? value.length : 8;
    if (batch.length < ROWS && bytes < BYTES) continue;
    yield batch;
    batch = [];
    bytes = 0;
  }
  if (batch.length > 0) yield batch;
}

const behind = (key: readonly string[], after: readonly SqlValue[] | undefined): string =>
  after === undefined ? '' : `WHERE (${key.map(quoted).join(', ')}) > (${key.map(() => '?').join(', ')})`;

/** PostgreSQL rounds values stored as integers and cannot hold the character 0 in a text. */
function isSame(value: SQLOutputValue, copy: Row[string], isWhole: boolean): boolean {
  if (value instanceof Uint8Array) return copy instanceof Uint8Array && Buffer.compare(value, copy) === 0;
  if (typeof value === 'string') return valueFor(value) === copy;
  if (typeof value === 'number' && typeof copy === 'number' && isWhole) return Math.abs(value - copy) <= 0.5;
  return value === copy;
}

const quoted = (name: string): string => `"${name}"`;
