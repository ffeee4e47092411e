import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { dataKinds, type DataKind } from './kinds.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Not walked, because it is by far the largest table: its size is what the others of its file leave. */
const LARGEST = 'point';

export interface KindSize {
  readonly kind: DataKind;
  /** Null: it lies elsewhere. */
  readonly bytes: number | null;
  /** Size divided by the time that it covers; null: it does not grow with time, or is empty. */
  readonly bytesPerDay: number | null;
}

export interface Sizes {
  readonly kinds: readonly KindSize[];
  /** Free pages, and write-ahead logs that are not checkpointed yet. */
  readonly freeBytes: number;
}

/** Size of each kind by the pages of its tables and their indexes. `open`: opens a file of the folder; undefined if it is missing. */
export function sizesIn(folder: string, open: (name: string) => DatabaseSync | undefined): Sizes {
  const files = new Map<string, FileSizes>();
  for (const name of new Set(dataKinds.map(({ file }) => file).filter((file) => file.endsWith('.sqlite')))) {
    const db = open(name);
    if (db !== undefined) files.set(name, fileSizes(db));
  }
  const kinds = dataKinds.map((kind): KindSize => {
    const file = files.get(kind.file);
    if (kind.name === 'audit') return { kind, bytes: audited(folder), bytesPerDay: null };
    if (file === undefined) return { kind, bytes: null, bytesPerDay: null };
    const pages = kind.tables.reduce((sum, table) => sum + (file.tables.get(table) ?? 0), 0);
    const bytes = pages + (kind.name === 'exports' ? below(join(folder, 'exports')) : 0);
    return { kind, bytes, bytesPerDay: perDay(kind, bytes, file.db) };
  });
  const logs = [...files.keys()].reduce((sum, name) => sum + sizeOf(join(folder, `${name}-wal`)), 0);
  return { kinds, freeBytes: logs + [...files.values()].reduce((sum, { free }) => sum + free, 0) };
}

interface FileSizes {
  readonly db: DatabaseSync;
  /** Bytes by table, indexes included. */
  readonly tables: ReadonlyMap<string, number>;
  readonly free: number;
}

function fileSizes(db: DatabaseSync): FileSizes {
  const value = (name: string): number => Number(Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0]);
  const pages = db.prepare('SELECT pgsize FROM dbstat WHERE name = ? AND aggregate = TRUE');
  const tables = new Map<string, number>();
  const entries = db.prepare('SELECT name, tbl_name FROM sqlite_schema WHERE rootpage > 0').all();
  for (const { name, tbl_name: table } of entries) {
    if (name === LARGEST) continue;
    const bytes = Number(pages.get(String(name))?.['pgsize'] ?? 0);
    tables.set(String(table), (tables.get(String(table)) ?? 0) + bytes);
  }
  const pageSize = value('page_size');
  const free = value('freelist_count') * pageSize;
  if (entries.some(({ name }) => name === LARGEST)) {
    const rest = [...tables.values()].reduce((sum, bytes) => sum + bytes, 0);
    tables.set(LARGEST, Math.max(0, value('page_count') * pageSize - free - rest));
  }
  return { db, tables, free };
}

function perDay({ grows, keptDays }: DataKind, bytes: number, db: DatabaseSync): number | null {
  if (grows === undefined) return null;
  const { table, column, by } = grows;
  const known = db.prepare('SELECT 1 FROM sqlite_schema WHERE name = ?').get(table);
  if (known === undefined) return null;
  const end = (which: 'min' | 'max'): unknown => {
    const found =
      by === undefined
        ? `SELECT ${which}(${column}) AS time FROM ${table}`
        : `SELECT ${which}(of_one) AS time
           FROM (SELECT (SELECT ${which}(${column}) FROM ${table} WHERE ${by} = one.id) AS of_one FROM ${by} AS one)`;
    return db.prepare(found).get()!['time'];
  };
  const [first, last] = [end('min'), end('max')];
  if (typeof first !== 'number' || typeof last !== 'number') return null;
  // Thinning leaves a few rows that are far older than the rest.
  const span = Math.min(Math.max(last - first, HOUR_MS), (keptDays ?? Infinity) * DAY_MS);
  return Math.round((bytes / span) * DAY_MS);
}

/** The audit log with its archives and its signed state. */
const audited = (folder: string): number =>
  entriesOf(folder)
    .filter((name) => name.startsWith('audit'))
    .reduce((sum, name) => sum + sizeOf(join(folder, name)), 0);

const below = (folder: string): number => entriesOf(folder).reduce((sum, name) => sum + sizeOf(join(folder, name)), 0);

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;
