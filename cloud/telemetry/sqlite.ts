import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** One numbered step of a store's schema: SQL that runs once, in order, each in a transaction of its own. Forward only. */
export type Migration = string;

export interface SqliteOptions {
  /** File, or `:memory:`. Folders are created. */
  readonly path: string;
  readonly migrations: readonly Migration[];
  /** False: a cut of power may take the last commits with it, and a commit does not wait for the disk; see also `WalSync`. */
  readonly durable?: boolean;
}

/** Opens a database and brings its schema up. Commits are on the medium when they return (WAL, synchronous FULL). */
export function openSqlite(options: SqliteOptions): DatabaseSync {
  const { path, migrations, durable = true } = options;
  if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true });
  const db = new DatabaseSync(path);
  db.exec(
    `PRAGMA journal_mode = WAL; PRAGMA synchronous = ${durable ? 'FULL' : 'NORMAL'}; PRAGMA busy_timeout = 5000;`,
  );
  const version = Number(db.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0);
  if (version > migrations.length) {
    db.close();
    throw new Error(
      `${path} has schema ${version}, this version knows ${migrations.length}: it is of a newer Loadstone`,
    );
  }
  for (let step = version; step < migrations.length; step++) {
    transaction(db, () => db.exec(`${migrations[step]}; PRAGMA user_version = ${step + 1};`));
  }
  return db;
}

/** Runs `work` in one transaction: all of it, or nothing where it throws. */
export function transaction<T>(db: DatabaseSync, work: () => T): T {
  db.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    db.exec('COMMIT');
    return result;
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}
