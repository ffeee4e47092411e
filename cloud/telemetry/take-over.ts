import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { messageOf } from '../../shared/outcome/message-of.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { transaction, userVersion } from './sqlite.ts';

/**
 * Takes over a store's former own file: one transaction copies all of it and records that. Once that is on the medium, the file is renamed
 * to `<name>.sqlite.taken`. The next start completes what a crash interrupted. Throws LS-DATA-003 if the file cannot be read, or if it
 * appeared after the tables had moved, as an older version creates it.
 */
export function takeOver(db: DatabaseSync, folder: string, name: string): void {
  const file = join(folder, `${name}.sqlite`);
  if (!existsSync(file)) return;
  const taken = `${file}.taken`;
  const row = db.prepare('SELECT is_taken FROM store WHERE name = ?').get(name);
  const isOther = existsSync(taken) || (row !== undefined && row['is_taken'] !== 1);
  if (isOther)
    throw new LoadstoneError(
      'LS-DATA-003',
      `${file} was created after the tables of ${name} moved to another file: an older version has run in this folder. Move ${file} away to continue without the data of that version, or start that version again`,
    );
  if (row === undefined) {
    try {
      copy(db, file, name);
    } catch (error) {
      throw new LoadstoneError('LS-DATA-003', `${file}: ${messageOf(error)}`);
    }
    db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    syncFolder(folder);
  }
  // The log first: next to the renamed file it still belongs to it.
  if (existsSync(`${file}-wal`)) renameSync(`${file}-wal`, `${taken}-wal`);
  rmSync(`${file}-shm`, { force: true });
  renameSync(file, taken);
}

/** Copies tables as they are, with their last assigned numbers, so that none is assigned twice. */
function copy(db: DatabaseSync, file: string, name: string): void {
  db.prepare('ATTACH DATABASE ? AS old').run(file);
  try {
    transaction(db, () => {
      db.exec('PRAGMA defer_foreign_keys = ON');
      const entries = db
        .prepare(
          `SELECT name, type, sql FROM old.sqlite_schema WHERE sql IS NOT NULL AND name NOT GLOB 'sqlite_*'
             ORDER BY type <> 'table', rowid`,
        )
        .all();
      for (const { name: entry, type, sql } of entries) {
        db.exec(String(sql));
        if (type === 'table') db.exec(`INSERT INTO main."${String(entry)}" SELECT * FROM old."${String(entry)}"`);
      }
      const counts = db.prepare(`SELECT 1 FROM old.sqlite_schema WHERE name = 'sqlite_sequence'`).get();
      if (counts !== undefined)
        db.exec(`DELETE FROM main.sqlite_sequence WHERE name IN (SELECT name FROM old.sqlite_schema);
          INSERT INTO main.sqlite_sequence SELECT name, seq FROM old.sqlite_sequence`);
      db.prepare('INSERT INTO store VALUES (?, ?, 1)').run(name, userVersion(db, 'old'));
    });
  } finally {
    db.exec('DETACH DATABASE old');
  }
}

/** Makes the new file's name durable before the old file goes. */
function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
