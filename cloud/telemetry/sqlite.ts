import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { makeFilesPrivate } from '../../shared/files/private-files.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';

/** One numbered step of a store's schema: SQL that runs once, in order, each in a transaction of its own. Forward only. */
export type Migration = string;

/** A log that grew beyond this is cut back to it once its content is in the database. */
const LOG_BYTES = 64 * 1024 * 1024;

/**
 * Opens a file, or `:memory:`, for this user alone; folders are created. In WAL mode. `durable`: a commit is on the medium when it
 * returns (synchronous FULL). Else a cut of power may take the last commits with it, and a commit does not wait for the disk.
 */
export function openFile(path: string, durable: boolean): DatabaseSync {
  const isFile = path !== ':memory:';
  if (isFile) mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const db = new DatabaseSync(path);
  db.exec(
    `PRAGMA journal_mode = WAL; PRAGMA synchronous = ${durable ? 'FULL' : 'NORMAL'}; PRAGMA busy_timeout = 5000;
     PRAGMA journal_size_limit = ${LOG_BYTES};`,
  );
  // By name, not by a handle of our own: closing one would drop the locks that SQLite holds on the file in this process.
  if (isFile) makeFilesPrivate(path, `${path}-wal`, `${path}-shm`);
  return db;
}

/** Opens a file that is there to be read alone. */
export function openToRead(path: string): DatabaseSync {
  const db = new DatabaseSync(path, { readOnly: true });
  db.exec('PRAGMA busy_timeout = 5000');
  return db;
}

/** Opens the file of one store, and brings its schema up. */
export function openSqlite(path: string, migrations: readonly Migration[]): DatabaseSync {
  const db = openFile(path, true);
  const version = userVersion(db);
  if (version > migrations.length) {
    db.close();
    throw new LoadstoneError(
      'LS-DATA-005',
      `${path} has schema ${version}, this version knows ${migrations.length}: it is of a newer Loadstone`,
    );
  }
  for (let step = version; step < migrations.length; step++) {
    transaction(db, () => db.exec(`${migrations[step]}; PRAGMA user_version = ${step + 1};`));
  }
  return db;
}

/** How many steps of its schema a file of one store has taken. */
export const userVersion = (db: DatabaseSync, schema = 'main'): number =>
  Number(db.prepare(`PRAGMA ${schema}.user_version`).get()?.['user_version'] ?? 0);

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
