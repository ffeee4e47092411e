import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { SqlStore, type SqlPlace } from '../sql/sql-store.ts';
import type { LastRuns } from './last-runs.ts';

const migrations = ['CREATE TABLE last_run (job TEXT PRIMARY KEY, at REAL NOT NULL) WITHOUT ROWID', takeOverFile];

/** The last runs in a database. */
export class SqliteLastRuns extends SqlStore implements LastRuns {
  /** `at`: a SQLite file of its own, `:memory:`, or a shared database. */
  constructor(at: SqlPlace) {
    super({ at, name: 'last-runs', migrations, what: 'the store of last runs' });
  }

  async seen(job: string, now: number): Promise<number> {
    const [row] = await this.sql.rows(
      'INSERT INTO last_run (job, at) VALUES (?, ?) ON CONFLICT (job) DO UPDATE SET at = last_run.at RETURNING at',
      job,
      now,
    );
    return Number(row?.['at']);
  }

  async set(job: string, at: number): Promise<void> {
    await this.sql.run(
      'INSERT INTO last_run (job, at) VALUES (?, ?) ON CONFLICT (job) DO UPDATE SET at = excluded.at',
      job,
      at,
    );
  }
}

/** Takes over the file used up to version 0.1.0. It stays in place; one that cannot be read is ignored. */
function takeOverFile(db: DatabaseSync, folder: string | undefined): void {
  const file = join(folder ?? '', 'last-runs.json');
  if (folder === undefined || !existsSync(file)) return;
  const keep = db.prepare('INSERT INTO last_run (job, at) VALUES (?, ?)');
  for (const [job, at] of Object.entries(parse(readFileSync(file, 'utf8')))) if (Number.isFinite(at)) keep.run(job, at);
}

function parse(text: string): Record<string, number> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, number>) : {};
  } catch {
    return {};
  }
}
