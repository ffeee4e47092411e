import type { AreaLossView } from '../../shared/contracts/areas.ts';
import { SqlStore, type SqlPlace } from '../sql/sql-store.ts';
import { first, rows, run, type Row, type Steps } from '../sql/sql.ts';
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

/** A holder who is away for long sees only the newest losses. */
const MOST_LOSSES = 50;

const AS_SEEN = `target = ? AND holder = ? AND since = ? AND offered_to IS NOT DISTINCT FROM ?
  AND offer_reason IS NOT DISTINCT FROM ? AND offered_at IS NOT DISTINCT FROM ?`;
const TAKE = `INSERT INTO area (target, holder, since, offered_to, offer_reason, offered_at) VALUES (?, ?, ?, ?, ?, ?)
  ON CONFLICT (target) DO NOTHING`;
const CHANGE = `UPDATE area SET holder = ?, since = ?, offered_to = ?, offer_reason = ?, offered_at = ? WHERE ${AS_SEEN}`;

/** An area has changed since it was read. */
class Moved extends Error {}

/** Areas in a database. An unheld area has no row. */
export class SqliteAreaStore extends SqlStore implements AreaStore {
  /** `at`: a SQLite file of its own, `:memory:`, or a shared database. */
  constructor(at: SqlPlace) {
    super({ at, name: 'areas', migrations, what: 'the store of areas' });
  }

  async load(): Promise<{ readonly holdings: Holding[]; readonly losses: AreaLossView[] }> {
    return this.sql.reading(function* () {
      return {
        holdings: (yield* rows('SELECT * FROM area ORDER BY target')).map(holdingOf),
        losses: (yield* rows('SELECT * FROM loss ORDER BY id')).map(lossOf),
      };
    });
  }

  async change(moves: readonly AreaMove[], lost: readonly Loss[]): Promise<boolean> {
    try {
      await this.sql.transaction(function* () {
        for (const each of moves) if (!(yield* move(each))) throw new Moved();
        for (const each of lost) yield* lose(each);
      });
      return true;
    } catch (error) {
      if (error instanceof Moved) return false;
      throw error;
    }
  }

  async seen(holder: string, id: number): Promise<AreaLossView | undefined> {
    return (await this.sql.rows('DELETE FROM loss WHERE id = ? AND holder = ? RETURNING *', id, holder)).map(lossOf)[0];
  }
}

/** Whether the area was as it was read. */
function* move({ target, from, to }: AreaMove): Steps<boolean> {
  if (from === undefined && to === undefined)
    return (yield* first('SELECT 1 AS held FROM area WHERE target = ?', target)) === undefined;
  if (from === undefined) return (yield* run(TAKE, ...valuesOf(to!))) > 0;
  if (to === undefined) return (yield* run(`DELETE FROM area WHERE ${AS_SEEN}`, ...valuesOf(from))) > 0;
  return (yield* run(CHANGE, ...valuesOf(to).slice(1), ...valuesOf(from))) > 0;
}

function* lose({ holder, how, by, reason, areas, at }: Loss): Steps<void> {
  yield* run(
    'INSERT INTO loss (holder, how, by, reason, areas, at) VALUES (?, ?, ?, ?, ?, ?)',
    holder,
    how,
    by,
    reason,
    JSON.stringify(areas),
    at,
  );
  yield* run(
    `DELETE FROM loss WHERE holder = ?1 AND id NOT IN (
       SELECT id FROM loss WHERE holder = ?1 ORDER BY id DESC LIMIT ${MOST_LOSSES})`,
    holder,
  );
}

const valuesOf = ({ target, holder, since, offer }: Holding) => [
  target,
  holder,
  since,
  offer?.to ?? null,
  offer?.reason ?? null,
  offer?.at ?? null,
];

function holdingOf(row: Row): Holding {
  const to = row['offered_to'] as string | null;
  return {
    target: String(row['target']),
    holder: String(row['holder']),
    since: Number(row['since']),
    offer: to === null ? null : { to, reason: String(row['offer_reason']), at: Number(row['offered_at']) },
  };
}

const lossOf = (row: Row): AreaLossView => ({
  id: Number(row['id']),
  holder: String(row['holder']),
  how: row['how'] as AreaLossView['how'],
  by: row['by'] as string | null,
  reason: row['reason'] as string | null,
  areas: JSON.parse(String(row['areas'])) as string[],
  at: Number(row['at']),
});
