import type { InterventionView } from '../../shared/contracts/desk.ts';
import { SqlStore, type SqlPlace } from '../sql/sql-store.ts';
import { first, run } from '../sql/sql.ts';
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
  'CREATE INDEX intervention_open ON intervention (id) WHERE ended_at IS NULL',
];

const GO_ON =
  'UPDATE intervention SET seen_at = ?, ended_at = ?, depth_kw = ?, energy_kwh = ?, command = ? WHERE id = ?';
const BEGIN = `INSERT INTO intervention
  (gateway, device, kind, who, started_at, seen_at, depth_kw, energy_kwh, why, measurement, command, free_kw)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`;

export class SqliteInterventionStore extends SqlStore implements InterventionStore {
  /** `at`: a SQLite file of its own, `:memory:`, or a shared database. */
  constructor(at: SqlPlace) {
    super({ at, name: 'interventions', migrations, what: 'the register of interventions' });
  }

  async unended(): Promise<OpenIntervention[]> {
    const open = await this.sql.rows('SELECT * FROM intervention WHERE ended_at IS NULL ORDER BY id');
    return open.map((row) => ({
      id: Number(row['id']),
      gateway: String(row['gateway']),
      device: String(row['device']),
      kind: row['kind'] as InterventionView['kind'],
      seenAt: Number(row['seen_at']),
      endedAt: null,
      depthKw: Number(row['depth_kw']),
      energyKwh: Number(row['energy_kwh']),
      command: row['command'] as string | null,
      freeKw: Number(row['free_kw']),
    }));
  }

  async commit(begun: readonly NewIntervention[], went: readonly Progress[]): Promise<number[]> {
    if (begun.length === 0 && went.length === 0) return [];
    return this.sql.transaction(function* () {
      for (const { id, seenAt, endedAt, depthKw, energyKwh, command } of went)
        yield* run(GO_ON, seenAt, endedAt, depthKw, energyKwh, command, id);
      const ids: number[] = [];
      for (const each of begun) {
        const { gateway, device, kind, who, startedAt, depthKw, energyKwh, why, measurement, command, freeKw } = each;
        const values = [gateway, device, kind, who, startedAt, startedAt, depthKw, energyKwh, why, measurement];
        ids.push(Number((yield* first(BEGIN, ...values, command, freeKw))!['id']));
      }
      return ids;
    });
  }

  async list(query: InterventionQuery): Promise<InterventionView[]> {
    const found = await this.sql.rows(
      'SELECT * FROM intervention WHERE started_at >= ? AND started_at < ? AND id < ? ORDER BY id DESC LIMIT ?',
      query.from,
      query.to,
      query.before ?? Number.MAX_SAFE_INTEGER,
      query.limit,
    );
    return found.map((row) => ({
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
