import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { makeFilesPrivate } from '../../shared/files/private-files.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';

/** One numbered step of a store's schema: SQL that runs once, in order, in a transaction of its own. Forward only. */
export type Migration = string;

/** A log that has grown beyond this is truncated to it once its content is in the database. */
const LOG_BYTES = 64 * 1024 * 1024;

/**
 * Opens a file in WAL mode, or `:memory:`, private to this user; creates folders. `durable`: a commit is on the medium when it returns
 * (synchronous FULL). Otherwise a commit does not wait for the disk, and a power cut may lose the last ones.
 */
export function openFile(path: string, durable: boolean): DatabaseSync {
  const isFile = path !== ':memory:';
  if (isFile) mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const db = new DatabaseSync(path);
  db.exec(
    `PRAGMA journal_mode = WAL; PRAGMA synchronous = ${durable ? 'FULL' : 'NORMAL'}; PRAGMA busy_timeout = 5000;
     PRAGMA journal_size_limit = ${LOG_BYTES};`,
  );
  // By name, not through a handle of our own: closing that would drop the locks that SQLite holds on the file in this process.
  if (isFile) makeFilesPrivate(path, `${path}-wal`, `${path}-shm`);
  return db;
}

/** Opens an existing file read-only. */
export function openToRead(path: string): DatabaseSync {
  const db = new DatabaseSync(path, { readOnly: true });
  db.exec('PRAGMA busy_timeout = 5000');
  return db;
}

/** Opens the file of one store and migrates it. */
export function openSqlite(path: string, migrations: readonly Migration[]): DatabaseSync {
  const db = openFile(path, true);
  const version = userVersion(db);
  if (version > migrations.length) {
    db.close();
    throw new LoadstoneError(
      'LS-DATA-005',
      `${path} has schema ${version}, this version knows ${migrations.length}: it was written by a newer Loadstone`,
    );
  }
  for (let step = version; step < migrations.length; step++) {
    transaction(db, () => db.exec(`${migrations[step]}; PRAGMA user_version = ${step + 1};`));
  }
  return db;
}

/** The schema step of a file of one store. */
export const userVersion = (db: DatabaseSync, schema = 'main'): number =>
  Number(db.prepare(`PRAGMA ${schema}.user_version`).get()?.['user_version'] ?? 0);

/** Runs `work` in one transaction, which is rolled back if it throws. */
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
