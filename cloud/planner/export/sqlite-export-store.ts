import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { SqlStore, type SqlPlace } from '../../sql/sql-store.ts';
import { PART_BYTES, type ExportFile, type ExportStore } from './export-store.ts';

const migrations = [
  `CREATE TABLE export (
     id TEXT PRIMARY KEY, owner TEXT NOT NULL, targets TEXT NOT NULL, format TEXT NOT NULL, rows INTEGER NOT NULL, expires_at INTEGER NOT NULL
   ) WITHOUT ROWID`,
];

const DAY_MS = 86_400_000;

export class SqliteExportStore extends SqlStore implements ExportStore {
  readonly #folder: string | undefined;

  /**
   * `at`: a SQLite file of its own, `:memory:`, or a shared database; the files are in `folder`. Undefined: they are on another machine, and
   * their existence is not checked.
   */
  constructor(at: SqlPlace, folder: string | undefined) {
    super({ at, name: 'exports', migrations, what: 'the store of exports' });
    this.#folder = folder;
  }

  pathOf(id: string, format: 'csv' | 'parquet'): string {
    if (this.#folder === undefined) throw new Error('the files of exports are on another machine');
    mkdirSync(this.#folder, { recursive: true });
    return join(this.#folder, `${id}.${format}`);
  }

  async put({ id, owner, targets, format, rows, expiresAt }: ExportFile): Promise<void> {
    await this.sql.run(
      `INSERT INTO export VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET owner = excluded.owner, targets = excluded.targets,
         format = excluded.format, rows = excluded.rows, expires_at = excluded.expires_at`,
      id,
      owner,
      JSON.stringify(targets),
      format,
      rows,
      expiresAt,
    );
  }

  async get(id: string, now: number): Promise<ExportFile | undefined> {
    const [row] = await this.sql.rows('SELECT * FROM export WHERE id = ? AND expires_at > ?', id, now);
    if (row === undefined) return undefined;
    const format = row['format'] as 'csv' | 'parquet';
    if (this.#folder !== undefined && !existsSync(this.pathOf(id, format))) return undefined;
    return {
      id,
      owner: String(row['owner']),
      targets: JSON.parse(String(row['targets'])) as string[],
      format,
      rows: Number(row['rows']),
      expiresAt: Number(row['expires_at']),
    };
  }

  async part(id: string, from: number, now: number): Promise<Uint8Array | undefined> {
    const file = await this.get(id, now);
    if (file === undefined) return undefined;
    await using handle = await open(this.pathOf(id, file.format));
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(PART_BYTES), 0, PART_BYTES, from);
    return buffer.subarray(0, bytesRead);
  }

  async prune(now: number): Promise<void> {
    const over = await this.sql.rows('DELETE FROM export WHERE expires_at <= ? RETURNING id, format', now);
    for (const { id, format } of over) rmSync(this.pathOf(String(id), format as 'csv'), { force: true });
    await this.#pruneOrphans(now);
  }

  /** Deletes files without an entry: a crash or a failure came between the two. A file that is being written is younger. */
  async #pruneOrphans(now: number): Promise<void> {
    const folder = this.#folder;
    if (folder === undefined || !existsSync(folder)) return;
    const old = readdirSync(folder).filter((name) => {
      const file = statSync(join(folder, name), { throwIfNoEntry: false });
      return file?.isFile() === true && file.mtimeMs < now - DAY_MS;
    });
    if (old.length === 0) return;
    const rows = await this.sql.rows('SELECT id, format FROM export');
    const known = new Set(rows.map(({ id, format }) => `${String(id)}.${String(format)}`));
    for (const name of old) if (!known.has(name)) rmSync(join(folder, name), { force: true });
  }
}
