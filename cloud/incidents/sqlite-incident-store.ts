import type { IncidentView } from '../../shared/contracts/incident.ts';
import { SqlStore, type SqlPlace } from '../sql/sql-store.ts';
import { first, rows, run } from '../sql/sql.ts';
import type { IncidentQuery, IncidentStore, StoredIncident } from './incident-store.ts';

const migrations = [
  `CREATE TABLE incident (
     id INTEGER PRIMARY KEY, substation TEXT NOT NULL, started_at INTEGER NOT NULL, ended_at INTEGER, kept TEXT NOT NULL
   );
   CREATE INDEX incident_open ON incident (ended_at)`,
  'CREATE INDEX incident_time ON incident (started_at)',
];

export class SqliteIncidentStore extends SqlStore implements IncidentStore {
  /** `at`: a SQLite file of its own, `:memory:`, or a shared database. */
  constructor(at: SqlPlace) {
    super({ at, name: 'incidents', migrations, what: 'the incidents', durability: 'behind' });
  }

  async load(since: number): Promise<{ recent: StoredIncident[]; nextId: number }> {
    return this.sql.reading(function* () {
      const recent = yield* rows(
        // Uses the index; with OR, SQLite would scan all rows by id.
        `SELECT kept FROM incident WHERE id IN (
           SELECT id FROM incident WHERE ended_at IS NULL UNION ALL SELECT id FROM incident WHERE ended_at >= ?
         ) ORDER BY id`,
        Math.floor(since),
      );
      const last = yield* first('SELECT max(id) AS id FROM incident');
      return { recent: recent.map(storedOf), nextId: Number(last?.['id'] ?? 0) + 1 };
    });
  }

  async commit(incidents: readonly StoredIncident[]): Promise<void> {
    await this.sql.transaction(function* () {
      for (const stored of incidents) {
        const { id, substation, startedAt, endedAt } = stored.view;
        const end = endedAt === null ? null : Math.ceil(endedAt);
        yield* run(PUT, id, substation, Math.floor(startedAt), end, JSON.stringify(stored));
      }
    });
  }

  async list({ from, to, substation, device, before, isOpen, limit }: IncidentQuery): Promise<IncidentView[]> {
    const isTimed = from !== undefined || to !== undefined;
    const found = await this.sql.rows(
      `SELECT kept FROM incident WHERE id < ? ${isTimed ? (device === undefined ? BEGUN_IN_TIME : IN_TIME) : ''} AND (? = '' OR substation = ?)
         AND (ended_at IS NULL OR 0 = ?) ${device === undefined ? '' : NAMED}
       ORDER BY id DESC LIMIT ?`,
      before ?? Number.MAX_SAFE_INTEGER,
      ...(isTimed ? [from ?? 0, to ?? Number.MAX_SAFE_INTEGER] : []),
      substation ?? '',
      substation ?? '',
      isOpen === true ? 1 : 0,
      ...(device === undefined ? [] : namesOf(device)),
      limit,
    );
    return found.map((row) => storedOf(row).view);
  }

  async get(id: number): Promise<IncidentView | undefined> {
    const [row] = await this.sql.rows('SELECT kept FROM incident WHERE id = ?', id);
    return row === undefined ? undefined : storedOf(row).view;
  }
}

/** A subquery, so that the index on time is used: for an old time SQLite would read all newer rows by id. */
const BEGUN_IN_TIME = 'AND id IN (SELECT id FROM incident WHERE started_at >= ? AND started_at < ?)';
/** Not over before the time. */
const IN_TIME = `AND id IN (SELECT id FROM incident WHERE ended_at IS NULL UNION ALL SELECT id FROM incident WHERE ended_at >= ?)
  AND started_at < ?`;

/** How the stored JSON names a device: by these keys, or in a list. No id has a character that is special to LIKE. */
const phrasesOf = ({ gateway, id }: NonNullable<IncidentQuery['device']>): string[] => [
  `"device":"${id}"`,
  `"element":"${id}"`,
  ...['[', ','].flatMap((before) => [']', ','].map((after) => `${before}"${id}"${after}`)),
  `"device:${gateway}/${id}"`,
];
const NAMED = `AND kept LIKE ? AND (${Array.from({ length: 7 }, () => 'kept LIKE ?').join(' OR ')})`;
const namesOf = (device: NonNullable<IncidentQuery['device']>): string[] =>
  [`"gateway":"${device.gateway}"`, ...phrasesOf(device)].map((each) => `%${each}%`);

const PUT = `INSERT INTO incident VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET substation = excluded.substation,
  started_at = excluded.started_at, ended_at = excluded.ended_at, kept = excluded.kept`;

const storedOf = (row: Record<string, unknown>): StoredIncident => JSON.parse(String(row['kept'])) as StoredIncident;
