import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { makeFilesPrivate } from '../../shared/files/private-files.ts';

/** One numbered step of a store's schema: SQL that runs once, in order, each in a transaction of its own. Forward only. */
export type Migration = string;

export interface SqliteOptions {
  /** File, or `:memory:`. Folders are created. */
  readonly path: string;
  readonly migrations: readonly Migration[];
  /** False: a cut of power may take the last commits with it, and a commit does not wait for the disk; see also `WalSync`. */
  readonly durable?: boolean;
}

/** Opens a database, for this user alone, and brings its schema up. Commits are on the medium when they return (WAL, synchronous FULL). */
export function openSqlite(options: SqliteOptions): DatabaseSync {
  const { path, migrations, durable = true } = options;
  const isFile = path !== ':memory:';
  if (isFile) mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const db = new DatabaseSync(path);
  db.exec(
    `PRAGMA journal_mode = WAL; PRAGMA synchronous = ${durable ? 'FULL' : 'NORMAL'}; PRAGMA busy_timeout = 5000;`,
  );
  // By name, not by a handle of our own: closing one would drop the locks that SQLite holds on the file in this process.
  if (isFile) makeFilesPrivate(path, `${path}-wal`, `${path}-shm`);
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
