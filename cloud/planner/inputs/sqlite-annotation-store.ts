import { SqlStore, type SqlPlace } from '../../sql/sql-store.ts';
import type { Row } from '../../sql/sql.ts';
import type { Annotation, AnnotationKind } from './annotation.ts';
import type { AnnotationQuery, AnnotationStore, NumberedAnnotation } from './annotation-store.ts';

const migrations = [
  `CREATE TABLE annotation (
     number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, target TEXT NOT NULL, kind TEXT NOT NULL,
     start INTEGER NOT NULL, "end" INTEGER, note TEXT NOT NULL, created_by TEXT NOT NULL, created_at INTEGER NOT NULL,
     withdrawn_at INTEGER
   );
   CREATE INDEX annotation_target ON annotation (target, start)`,
];

export class SqliteAnnotationStore extends SqlStore implements AnnotationStore {
  #revision = 0;

  /** `at`: a SQLite file of its own, `:memory:`, or a shared database. */
  constructor(at: SqlPlace) {
    super({ at, name: 'annotations', migrations, what: 'the store of annotations' });
  }

  get revision(): number {
    return this.#revision;
  }

  async add({ id, target, kind, start, end, note, createdBy, createdAt }: Annotation): Promise<void> {
    await this.sql.run(
      'INSERT INTO annotation (id, target, kind, start, "end", note, created_by, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
      id,
      target,
      kind,
      start,
      end,
      note,
      createdBy,
      createdAt,
    );
    // Only after the change is visible, so that a concurrent reader reads again.
    this.#revision++;
  }

  async get(id: string): Promise<NumberedAnnotation | undefined> {
    return (await this.sql.rows('SELECT * FROM annotation WHERE id = ?', id)).map(annotationOf)[0];
  }

  async withdraw(id: string, at: number): Promise<boolean> {
    const withdraws = 'UPDATE annotation SET withdrawn_at = ? WHERE id = ? AND withdrawn_at IS NULL';
    const changes = await this.sql.run(withdraws, at, id);
    this.#revision++;
    return changes > 0;
  }

  async list(
    query: AnnotationQuery,
    page: { readonly after: number; readonly limit: number },
  ): Promise<NumberedAnnotation[]> {
    const { targets, from, to, asOf = Number.MAX_SAFE_INTEGER, kind } = query;
    if (targets.length === 0) return [];
    const found = await this.sql.rows(
      `SELECT * FROM annotation WHERE target IN (${targets.map(() => '?').join(', ')}) AND start < ? AND coalesce("end", ?) > ?
         AND created_at <= ? AND coalesce(withdrawn_at > ?, TRUE) AND (? = '' OR kind = ?) AND number > ?
         ORDER BY number LIMIT ?`,
      ...targets,
      to,
      Number.MAX_SAFE_INTEGER,
      from,
      asOf,
      asOf,
      kind ?? '',
      kind ?? '',
      page.after,
      page.limit,
    );
    return found.map(annotationOf);
  }
}

const annotationOf = (row: Row): NumberedAnnotation => ({
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
