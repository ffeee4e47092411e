import type { ModelManifest } from '../../shared/contracts/model.ts';
import { bad, good, type Outcome } from '../../shared/outcome/outcome.ts';
import { SqliteFile } from '../telemetry/sqlite-file.ts';
import { transaction } from '../telemetry/sqlite.ts';
import type { ModelBundle, ModelRole } from './bundle.ts';

export type ModelState = 'shadow' | 'active' | 'retired';

/** A model in the registry, without its bytes. */
export interface RegistryEntry {
  readonly manifest: ModelManifest;
  readonly role: ModelRole;
  readonly state: ModelState;
  /** Plant time of the last change of state. */
  readonly since: number;
}

const migrations = [
  `CREATE TABLE content (sha256 TEXT PRIMARY KEY, bytes BLOB NOT NULL) WITHOUT ROWID;
   CREATE TABLE model (
     number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, target TEXT NOT NULL, role TEXT NOT NULL,
     sha256 TEXT NOT NULL REFERENCES content, manifest TEXT NOT NULL, state TEXT NOT NULL, since INTEGER NOT NULL
   );
   CREATE INDEX model_target ON model (target, role, state)`,
];

/** Models by id, their bytes by hash. Neither is ever overwritten; only the state of a model changes. */
export class ModelRegistry extends SqliteFile {
  /** `path`: a file, or `:memory:`. */
  constructor(path: string) {
    super({ path, migrations, what: 'the registry' });
  }

  /** Adds a model. The same bundle again changes nothing; another one under its id is LS-MODEL-001. */
  put(bundle: ModelBundle, state: ModelState, since: number): Outcome<RegistryEntry> {
    const { manifest, bytes, role } = bundle;
    const known = this.get(manifest.id);
    if (known !== undefined) {
      if (known.manifest.sha256 === manifest.sha256) return good(known);
      return bad('LS-MODEL-001', `${manifest.id} is in the registry with other bytes; versions are never overwritten`);
    }
    const db = this.db;
    transaction(db, () => {
      db.prepare('INSERT OR IGNORE INTO content VALUES (?, ?)').run(manifest.sha256, bytes);
      db.prepare(
        'INSERT INTO model (id, target, role, sha256, manifest, state, since) VALUES (?, ?, ?, ?, ?, ?, ?)',
      ).run(manifest.id, manifest.target, role, manifest.sha256, JSON.stringify(manifest), 'shadow', since);
    });
    if (state !== 'shadow') return this.setState(manifest.id, state, since);
    return good({ manifest, role, state, since });
  }

  /** Activating a model retires the one that was active for its target and role. */
  setState(id: string, state: ModelState, since: number): Outcome<RegistryEntry> {
    const entry = this.get(id);
    if (entry === undefined) return bad('LS-MODEL-002', `there is no model ${id}`);
    const db = this.db;
    transaction(db, () => {
      if (state === 'active') {
        db.prepare(
          `UPDATE model SET state = 'retired', since = ? WHERE target = ? AND role = ? AND state = 'active' AND id <> ?`,
        ).run(since, entry.manifest.target, entry.role, id);
      }
      db.prepare('UPDATE model SET state = ?, since = ? WHERE id = ?').run(state, since, id);
    });
    return good({ ...entry, state, since });
  }

  get(id: string): RegistryEntry | undefined {
    return entryOf(this.db.prepare('SELECT manifest, role, state, since FROM model WHERE id = ?').get(id));
  }

  active(target: string, role: ModelRole): RegistryEntry | undefined {
    const query = `SELECT manifest, role, state, since FROM model WHERE target = ? AND role = ? AND state = 'active'
      ORDER BY number DESC LIMIT 1`;
    return entryOf(this.db.prepare(query).get(target, role));
  }

  /** Newest first. */
  list(): RegistryEntry[] {
    const rows = this.db.prepare('SELECT manifest, role, state, since FROM model ORDER BY number DESC').all();
    return rows.map((row) => entryOf(row)!);
  }

  bytes(sha256: string): Uint8Array | undefined {
    const row = this.db.prepare('SELECT bytes FROM content WHERE sha256 = ?').get(sha256);
    return row?.['bytes'] as Uint8Array | undefined;
  }
}

function entryOf(row: Record<string, unknown> | undefined): RegistryEntry | undefined {
  if (row === undefined) return undefined;
  return {
    manifest: JSON.parse(row['manifest'] as string) as ModelManifest,
    role: row['role'] as ModelRole,
    state: row['state'] as ModelState,
    since: Number(row['since']),
  };
}
