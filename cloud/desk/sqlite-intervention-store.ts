import type { InterventionView } from '../../shared/contracts/desk.ts';
import type { Where } from '../telemetry/database.ts';
import { SqliteFile } from '../telemetry/sqlite-file.ts';
import { transaction } from '../telemetry/sqlite.ts';
import type {
  InterventionQuery,
  InterventionStore,
  NewIntervention,
  OpenIntervention,
  Progress,
} from './intervention-store.ts';

const migrations = [
  `CREATE TABLE intervention (
     id INTEGER PRIMARY KEY AUTOINCREMENT, gateway TEXT NOT NULL, device TEXT NOT NULL, kind TEXT NOT NULL, who TEXT NOT NULL,
     started_at INTEGER NOT NULL, seen_at INTEGER NOT NULL, ended_at INTEGER,
     depth_kw REAL NOT NULL, energy_kwh REAL NOT NULL, why TEXT NOT NULL, measurement TEXT NOT NULL
   );
   CREATE INDEX intervention_time ON intervention (started_at)`,
  `ALTER TABLE intervention ADD COLUMN command TEXT;
   ALTER TABLE intervention ADD COLUMN free_kw REAL NOT NULL DEFAULT 0`,
];

/** The register of interventions on SQLite. */
export class SqliteInterventionStore extends SqliteFile implements InterventionStore {
  /** `at`: a file of its own, `:memory:`, or a file that it shares. */
  constructor(at: Where) {
    super({ at, name: 'interventions', migrations, what: 'the register of interventions' });
  }

  async unended(): Promise<OpenIntervention[]> {
    return this.prepared('SELECT * FROM intervention WHERE ended_at IS NULL')
      .all()
      .map((row) => ({
        id: Number(row['id']),
        gateway: String(row['gateway']),
        device: String(row['device']),
        kind: row['kind'] as InterventionView['kind'],
        seenAt: Number(row['seen_at']),
        endedAt: null,
        depthKw: Number(row['depth_kw']),
        energyKwh: Number(row['energy_kwh']),
        command: row['command'] === null ? null : String(row['command']),
        freeKw: Number(row['free_kw']),
      }));
  }

  async commit(begun: readonly NewIntervention[], went: readonly Progress[]): Promise<number[]> {
    if (begun.length === 0 && went.length === 0) return [];
    return transaction(this.db, () => {
      const update = this.prepared(
        'UPDATE intervention SET seen_at = ?, ended_at = ?, depth_kw = ?, energy_kwh = ?, command = ? WHERE id = ?',
      );
      for (const { id, seenAt, endedAt, depthKw, energyKwh, command } of went)
        update.run(seenAt, endedAt, depthKw, energyKwh, command, id);
      const insert = this.prepared(
        `INSERT INTO intervention
           (gateway, device, kind, who, started_at, seen_at, depth_kw, energy_kwh, why, measurement, command, free_kw)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      );
      return begun.map((each) => {
        const { gateway, device, kind, who, startedAt, depthKw, energyKwh, why, measurement, command, freeKw } = each;
        const values = [gateway, device, kind, who, startedAt, startedAt, depthKw, energyKwh, why, measurement];
        return Number(insert.run(...values, command, freeKw).lastInsertRowid);
      });
    });
  }

  async list(query: InterventionQuery): Promise<InterventionView[]> {
    return this.prepared(
      'SELECT * FROM intervention WHERE started_at >= ? AND started_at < ? AND id < ? ORDER BY id DESC LIMIT ?',
    )
      .all(query.from, query.to, query.before ?? Number.MAX_SAFE_INTEGER, query.limit)
      .map((row) => ({
        id: Number(row['id']),
        gateway: String(row['gateway']),
        device: String(row['device']),
        kind: row['kind'] as InterventionView['kind'],
        who: String(row['who']),
        startedAt: Number(row['started_at']),
        endedAt: row['ended_at'] === null ? null : Number(row['ended_at']),
        depthKw: Number(row['depth_kw']),
        energyKwh: Number(row['energy_kwh']),
        why: String(row['why']),
        measurement: String(row['measurement']),
      }));
  }
}
