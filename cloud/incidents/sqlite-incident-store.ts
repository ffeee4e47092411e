import type { IncidentView } from '../../shared/contracts/incident.ts';
import type { Where } from '../telemetry/database.ts';
import { SqliteFile } from '../telemetry/sqlite-file.ts';
import { transaction } from '../telemetry/sqlite.ts';
import type { IncidentQuery, IncidentStore, KeptIncident } from './incident-store.ts';

const migrations = [
  `CREATE TABLE incident (
     id INTEGER PRIMARY KEY, substation TEXT NOT NULL, started_at INTEGER NOT NULL, ended_at INTEGER, kept TEXT NOT NULL
   );
   CREATE INDEX incident_open ON incident (ended_at)`,
];

/** Incidents on SQLite. */
export class SqliteIncidentStore extends SqliteFile implements IncidentStore {
  /** `at`: a file of its own, `:memory:`, or a file that it shares. */
  constructor(at: Where) {
    super({ at, name: 'incidents', migrations, what: 'the incidents', kept: 'behind' });
  }

  async load(since: number): Promise<{ recent: KeptIncident[]; nextId: number }> {
    const recent = this.prepared('SELECT kept FROM incident WHERE ended_at IS NULL OR ended_at >= ? ORDER BY id')
      .all(Math.floor(since))
      .map(keptOf);
    const last = this.prepared('SELECT max(id) AS id FROM incident').get()?.['id'];
    return { recent, nextId: Number(last ?? 0) + 1 };
  }

  async commit(incidents: readonly KeptIncident[]): Promise<void> {
    const put = this.prepared('INSERT OR REPLACE INTO incident VALUES (?, ?, ?, ?, ?)');
    transaction(this.db, () => {
      for (const kept of incidents) {
        const { id, substation, startedAt, endedAt } = kept.view;
        put.run(
          id,
          substation,
          Math.floor(startedAt),
          endedAt === null ? null : Math.ceil(endedAt),
          JSON.stringify(kept),
        );
      }
    });
    this.committed();
  }

  async list({ from, to, substation, before, isOpen, limit }: IncidentQuery): Promise<IncidentView[]> {
    return this.prepared(
      `SELECT kept FROM incident WHERE id < ? AND started_at >= ? AND started_at < ? AND (? = '' OR substation = ?)
         AND (ended_at IS NULL OR NOT ?)
       ORDER BY id DESC LIMIT ?`,
    )
      .all(
        before ?? Number.MAX_SAFE_INTEGER,
        from ?? 0,
        to ?? Number.MAX_SAFE_INTEGER,
        substation ?? '',
        substation ?? '',
        isOpen === true ? 1 : 0,
        limit,
      )
      .map((row) => keptOf(row).view);
  }

  async get(id: number): Promise<IncidentView | undefined> {
    const row = this.prepared('SELECT kept FROM incident WHERE id = ?').get(id);
    return row === undefined ? undefined : keptOf(row).view;
  }
}

const keptOf = (row: Record<string, unknown>): KeptIncident => JSON.parse(String(row['kept'])) as KeptIncident;
