import type { Where } from '../../telemetry/database.ts';
import { SqliteFile } from '../../telemetry/sqlite-file.ts';
import type { Annotation, AnnotationKind } from './annotation.ts';
import type { AnnotationQuery, AnnotationStore, NumberedAnnotation } from './annotation-store.ts';

const migrations = [
  `CREATE TABLE annotation (
     number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, target TEXT NOT NULL, kind TEXT NOT NULL,
     start INTEGER NOT NULL, end INTEGER, note TEXT NOT NULL, created_by TEXT NOT NULL, created_at INTEGER NOT NULL,
     withdrawn_at INTEGER
   );
   CREATE INDEX annotation_target ON annotation (target, start)`,
];

/** Annotations on SQLite. */
export class SqliteAnnotationStore extends SqliteFile implements AnnotationStore {
  #revision = 0;

  /** `at`: a file of its own, `:memory:`, or a file that it shares. */
  constructor(at: Where) {
    super({ at, name: 'annotations', migrations, what: 'the store of annotations' });
  }

  get revision(): number {
    return this.#revision;
  }

  async add({ id, target, kind, start, end, note, createdBy, createdAt }: Annotation): Promise<void> {
    this.#revision++;
    this.db
      .prepare(
        'INSERT INTO annotation (id, target, kind, start, end, note, created_by, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
      )
      .run(id, target, kind, start, end, note, createdBy, createdAt);
  }

  async get(id: string): Promise<NumberedAnnotation | undefined> {
    const row = this.db.prepare('SELECT * FROM annotation WHERE id = ?').get(id);
    return row === undefined ? undefined : annotationOf(row);
  }

  async withdraw(id: string, at: number): Promise<boolean> {
    this.#revision++;
    const { changes } = this.db
      .prepare('UPDATE annotation SET withdrawn_at = ? WHERE id = ? AND withdrawn_at IS NULL')
      .run(at, id);
    return Number(changes) > 0;
  }

  async list(
    query: AnnotationQuery,
    page: { readonly after: number; readonly limit: number },
  ): Promise<NumberedAnnotation[]> {
    const { targets, from, to, asOf = Number.MAX_SAFE_INTEGER, kind } = query;
    return this.db
      .prepare(
        `SELECT * FROM annotation WHERE target IN (SELECT value FROM json_each(?)) AND start < ? AND coalesce(end, ?) > ?
           AND created_at <= ? AND coalesce(withdrawn_at > ?, TRUE) AND (? IS NULL OR kind = ?) AND number > ?
           ORDER BY number LIMIT ?`,
      )
      .all(
        JSON.stringify(targets),
        to,
        Number.MAX_SAFE_INTEGER,
        from,
        asOf,
        asOf,
        kind ?? null,
        kind ?? null,
        page.after,
        page.limit,
      )
      .map(annotationOf);
  }
}

const annotationOf = (row: Readonly<Record<string, unknown>>): NumberedAnnotation => ({
  number: Number(row['number']),
  id: String(row['id']),
  target: String(row['target']),
  kind: row['kind'] as AnnotationKind,
  start: Number(row['start']),
  end: row['end'] === null ? null : Number(row['end']),
  note: String(row['note']),
  createdBy: String(row['created_by']),
  createdAt: Number(row['created_at']),
  withdrawnAt: row['withdrawn_at'] === null ? null : Number(row['withdrawn_at']),
});
