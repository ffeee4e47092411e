import type { AreaLossView } from '../../shared/contracts/areas.ts';
import type { Where } from '../telemetry/database.ts';
import { SqliteFile } from '../telemetry/sqlite-file.ts';
import { transaction } from '../telemetry/sqlite.ts';

const migrations = [
  `CREATE TABLE area (
     target TEXT PRIMARY KEY, holder TEXT NOT NULL, since INTEGER NOT NULL,
     offered_to TEXT, offer_reason TEXT, offered_at INTEGER
   ) WITHOUT ROWID`,
  `CREATE TABLE loss (
     id INTEGER PRIMARY KEY AUTOINCREMENT, holder TEXT NOT NULL, how TEXT NOT NULL, by TEXT, reason TEXT,
     areas TEXT NOT NULL, at INTEGER NOT NULL
   )`,
];

/** A holder who is away for long finds the newest of what they lost. */
const MOST_LOSSES = 50;

export type Loss = Omit<AreaLossView, 'id'>;

/** Who holds an area, and to whom it is offered. Plant time, ms UTC. */
export interface Holding {
  readonly target: string;
  readonly holder: string;
  readonly since: number;
  readonly offer: { readonly to: string; readonly reason: string; readonly at: number } | null;
}

/** Who holds which area of responsibility, and what holders lost and have not seen. What nobody holds has no row. */
export class AreaStore extends SqliteFile {
  /** `at`: a file of its own, `:memory:`, or a file that it shares. */
  constructor(at: Where) {
    super({ at, name: 'areas', migrations, what: 'the store of areas' });
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

  /** Oldest first. */
  losses(): AreaLossView[] {
    return this.prepared('SELECT * FROM loss ORDER BY id').all().map(lossOf);
  }

  /** Takes out a loss of a holder; undefined where there is no such one. */
  seen(holder: string, id: number): AreaLossView | undefined {
    const row = this.prepared('DELETE FROM loss WHERE id = ? AND holder = ? RETURNING *').get(id, holder);
    return row === undefined ? undefined : lossOf(row);
  }

  /** All of it or nothing. */
  write(put: readonly Holding[], free: readonly string[], lost: readonly Loss[] = []): void {
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
      for (const { holder, how, by, reason, areas, at } of lost) {
        this.prepared('INSERT INTO loss (holder, how, by, reason, areas, at) VALUES (?, ?, ?, ?, ?, ?)').run(
          holder,
          how,
          by,
          reason,
          JSON.stringify(areas),
          at,
        );
        this.prepared(
          `DELETE FROM loss WHERE holder = ?1 AND id NOT IN (
             SELECT id FROM loss WHERE holder = ?1 ORDER BY id DESC LIMIT ${MOST_LOSSES})`,
        ).run(holder);
      }
    });
  }
}

const lossOf = (row: Record<string, unknown>): AreaLossView => ({
  id: Number(row['id']),
  holder: String(row['holder']),
  how: row['how'] as AreaLossView['how'],
  by: row['by'] as string | null,
  reason: row['reason'] as string | null,
  areas: JSON.parse(String(row['areas'])) as string[],
  at: Number(row['at']),
});
