import { SqliteFile } from '../telemetry/sqlite-file.ts';
import { transaction } from '../telemetry/sqlite.ts';

const migrations = [
  `CREATE TABLE area (
     target TEXT PRIMARY KEY, holder TEXT NOT NULL, since INTEGER NOT NULL,
     offered_to TEXT, offer_reason TEXT, offered_at INTEGER
   ) WITHOUT ROWID`,
];

/** Who holds an area, and to whom it is offered. Plant time, ms UTC. */
export interface Holding {
  readonly target: string;
  readonly holder: string;
  readonly since: number;
  readonly offer: { readonly to: string; readonly reason: string; readonly at: number } | null;
}

/** Who holds which area of responsibility. What nobody holds has no row. */
export class AreaStore extends SqliteFile {
  /** `path`: a file, or `:memory:`. */
  constructor(path: string) {
    super({ path, migrations, what: 'the store of areas' });
  }

  all(): Holding[] {
    return this.prepared('SELECT * FROM area ORDER BY target')
      .all()
      .map((row) => ({
        target: String(row['target']),
        holder: String(row['holder']),
        since: Number(row['since']),
        offer:
          row['offered_to'] === null
            ? null
            : {
                to: String(row['offered_to']),
                reason: String(row['offer_reason']),
                at: Number(row['offered_at']),
              },
      }));
  }

  /** All of it or nothing. */
  write(put: readonly Holding[], free: readonly string[]): void {
    transaction(this.db, () => {
      for (const { target, holder, since, offer } of put)
        this.prepared('INSERT OR REPLACE INTO area VALUES (?, ?, ?, ?, ?, ?)').run(
          target,
          holder,
          since,
          offer?.to ?? null,
          offer?.reason ?? null,
          offer?.at ?? null,
        );
      for (const target of free) this.prepared('DELETE FROM area WHERE target = ?').run(target);
    });
  }
}
