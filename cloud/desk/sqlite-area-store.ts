import type { AreaLossView } from '../../shared/contracts/areas.ts';
import type { Where } from '../telemetry/database.ts';
import { SqliteFile } from '../telemetry/sqlite-file.ts';
import { transaction } from '../telemetry/sqlite.ts';
import type { AreaMove, AreaStore, Holding, Loss } from './area-store.ts';

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

const AS_SEEN = `target = ? AND holder = ? AND since = ? AND offered_to IS NOT DISTINCT FROM ?
  AND offer_reason IS NOT DISTINCT FROM ? AND offered_at IS NOT DISTINCT FROM ?`;

/** An area is not as it was seen. */
class Moved extends Error {}

/** Areas on SQLite. What nobody holds has no row. */
export class SqliteAreaStore extends SqliteFile implements AreaStore {
  /** `at`: a file of its own, `:memory:`, or a file that it shares. */
  constructor(at: Where) {
    super({ at, name: 'areas', migrations, what: 'the store of areas' });
  }

  async load(): Promise<{ readonly holdings: Holding[]; readonly losses: AreaLossView[] }> {
    return {
      holdings: this.prepared('SELECT * FROM area ORDER BY target').all().map(holdingOf),
      losses: this.prepared('SELECT * FROM loss ORDER BY id').all().map(lossOf),
    };
  }

  async change(moves: readonly AreaMove[], lost: readonly Loss[]): Promise<boolean> {
    try {
      transaction(this.db, () => {
        for (const move of moves) if (!this.#move(move)) throw new Moved();
        for (const loss of lost) this.#lose(loss);
      });
      return true;
    } catch (error) {
      if (error instanceof Moved) return false;
      throw error;
    }
  }

  async seen(holder: string, id: number): Promise<AreaLossView | undefined> {
    const row = this.prepared('DELETE FROM loss WHERE id = ? AND holder = ? RETURNING *').get(id, holder);
    return row === undefined ? undefined : lossOf(row);
  }

  /** Whether the area was as it was seen. */
  #move({ target, from, to }: AreaMove): boolean {
    if (from === undefined && to === undefined)
      return this.prepared('SELECT 1 FROM area WHERE target = ?').get(target) === undefined;
    const { changes } =
      from === undefined
        ? this.prepared(
            `INSERT INTO area (target, holder, since, offered_to, offer_reason, offered_at) VALUES (?, ?, ?, ?, ?, ?)
               ON CONFLICT (target) DO NOTHING`,
          ).run(...valuesOf(to!))
        : to === undefined
          ? this.prepared(`DELETE FROM area WHERE ${AS_SEEN}`).run(...valuesOf(from))
          : this.prepared(
              `UPDATE area SET holder = ?, since = ?, offered_to = ?, offer_reason = ?, offered_at = ? WHERE ${AS_SEEN}`,
            ).run(...valuesOf(to).slice(1), ...valuesOf(from));
    return Number(changes) > 0;
  }

  #lose({ holder, how, by, reason, areas, at }: Loss): void {
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
}

const valuesOf = ({ target, holder, since, offer }: Holding) => [
  target,
  holder,
  since,
  offer?.to ?? null,
  offer?.reason ?? null,
  offer?.at ?? null,
];

function holdingOf(row: Record<string, unknown>): Holding {
  const to = row['offered_to'] as string | null;
  return {
    target: String(row['target']),
    holder: String(row['holder']),
    since: Number(row['since']),
    offer: to === null ? null : { to, reason: String(row['offer_reason']), at: Number(row['offered_at']) },
  };
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
