import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Where } from '../../telemetry/database.ts';
import { SqliteFile } from '../../telemetry/sqlite-file.ts';
import type { ExportFile, ExportStore } from './export-store.ts';

const migrations = [
  `CREATE TABLE export (
     id TEXT PRIMARY KEY, owner TEXT NOT NULL, targets TEXT NOT NULL, format TEXT NOT NULL, rows INTEGER NOT NULL, expires_at INTEGER NOT NULL
   ) WITHOUT ROWID`,
];

/** Exports on SQLite. */
export class SqliteExportStore extends SqliteFile implements ExportStore {
  readonly #folder: string;

  /** `at`: a file of its own, `:memory:`, or a file that it shares; the exports lie in `folder`. */
  constructor(at: Where, folder: string) {
    super({ at, name: 'exports', migrations, what: 'the store of exports' });
    this.#folder = folder;
  }

  pathOf(id: string, format: 'csv' | 'parquet'): string {
    mkdirSync(this.#folder, { recursive: true });
    return join(this.#folder, `${id}.${format}`);
  }

  async put({ id, owner, targets, format, rows, expiresAt }: ExportFile): Promise<void> {
    this.db
      .prepare('INSERT OR REPLACE INTO export VALUES (?, ?, ?, ?, ?, ?)')
      .run(id, owner, JSON.stringify(targets), format, rows, expiresAt);
  }

  async get(id: string, now: number): Promise<ExportFile | undefined> {
    const row = this.db.prepare('SELECT * FROM export WHERE id = ? AND expires_at > ?').get(id, now);
    if (row === undefined) return undefined;
    const format = row['format'] as 'csv' | 'parquet';
    if (!existsSync(this.pathOf(id, format))) return undefined;
    return {
      id,
      owner: String(row['owner']),
      targets: JSON.parse(String(row['targets'])) as string[],
      format,
      rows: Number(row['rows']),
      expiresAt: Number(row['expires_at']),
    };
  }

  async prune(now: number): Promise<void> {
    const rows = this.db.prepare('DELETE FROM export WHERE expires_at <= ? RETURNING id, format').all(now);
    for (const { id, format } of rows) rmSync(this.pathOf(String(id), format as 'csv'), { force: true });
  }
}
