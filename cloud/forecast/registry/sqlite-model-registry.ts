import type { DuelDay } from '../../../shared/contracts/duel-day.ts';
import type { ModelManifest } from '../../../shared/contracts/model.ts';
import { bad, good, type Outcome } from '../../../shared/outcome/outcome.ts';
import type { DayScore } from '../../../shared/forecast/evaluate.ts';
import type { Where } from '../../telemetry/database.ts';
import { SqliteFile } from '../../telemetry/sqlite-file.ts';
import { transaction } from '../../telemetry/sqlite.ts';
import type { ModelBundle, ModelRole } from './bundle.ts';
import type { GateReport } from './gate.ts';
import { mayFollow, type ModelState, type Step, type Transition } from './lifecycle.ts';
import type { ModelEvidence, ModelRegistry, RegistryEntry } from './registry.ts';
import type { WaitingPromotion } from './second-person.ts';

const migrations = [
  `CREATE TABLE content (sha256 TEXT PRIMARY KEY, bytes BLOB NOT NULL) WITHOUT ROWID;
   CREATE TABLE model (
     number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, target TEXT NOT NULL, role TEXT NOT NULL,
     sha256 TEXT NOT NULL REFERENCES content, manifest TEXT NOT NULL, state TEXT NOT NULL, since INTEGER NOT NULL
   );
   CREATE INDEX model_target ON model (target, role, state)`,
  `ALTER TABLE model ADD COLUMN release TEXT NOT NULL DEFAULT '';
   ALTER TABLE model ADD COLUMN replaced TEXT;
   ALTER TABLE model ADD COLUMN evidence TEXT NOT NULL DEFAULT '{"days":[]}';
   CREATE INDEX model_release ON model (release);
   CREATE TABLE transition (
     number INTEGER PRIMARY KEY AUTOINCREMENT, model TEXT NOT NULL, from_state TEXT, to_state TEXT NOT NULL,
     at INTEGER NOT NULL, by TEXT NOT NULL, reason TEXT NOT NULL
   );
   CREATE INDEX transition_model ON transition (model);
   UPDATE model SET state = 'held' WHERE state = 'shadow';
   INSERT INTO transition (model, from_state, to_state, at, by, reason)
     SELECT id, NULL, state, since, 'loadstone', 'from before transitions were kept' FROM model`,
  'CREATE TABLE drift (target TEXT PRIMARY KEY, state TEXT NOT NULL) WITHOUT ROWID',
  `CREATE TABLE promotion (
     model TEXT PRIMARY KEY, to_state TEXT NOT NULL, by TEXT NOT NULL, reason TEXT NOT NULL, until INTEGER NOT NULL
   ) WITHOUT ROWID`,
  'CREATE TABLE federated (one INTEGER PRIMARY KEY CHECK (one = 1), state TEXT NOT NULL) WITHOUT ROWID',
  `CREATE INDEX model_ended ON model (state, since);
   CREATE INDEX model_bytes ON model (sha256);
   CREATE INDEX model_replaced ON model (replaced);
   CREATE TABLE loose (number INTEGER PRIMARY KEY AUTOINCREMENT, sha256 TEXT NOT NULL UNIQUE);
   INSERT INTO loose (sha256) SELECT sha256 FROM content WHERE sha256 NOT IN (SELECT sha256 FROM model)`,
];

/** Models, and bytes without one, that are forgotten at once. */
const MOST_FORGOTTEN = 20;
/** Bytes of no model that stay: those of nine campaigns of ten gateways in ten rounds. */
const MOST_LOOSE = 1000;

const COLUMNS = `manifest, role, state, since, release, replaced, evidence,
  (SELECT reason FROM transition WHERE transition.model = model.id ORDER BY transition.number DESC LIMIT 1) AS reason`;

/** Models and their bytes on SQLite. */
export class SqliteModelRegistry extends SqliteFile implements ModelRegistry {
  /** `at`: a file of its own, `:memory:`, or a file that it shares. */
  constructor(at: Where) {
    super({ at, name: 'models', migrations, what: 'the registry' });
  }

  async put(
    { manifest, bytes, role }: ModelBundle,
    { release, evidence, ...step }: Step & { readonly release: string; readonly evidence: ModelEvidence },
  ): Promise<Outcome<RegistryEntry>> {
    const { id, target, sha256 } = manifest;
    return transaction(this.db, () => {
      const known = this.#get(id);
      if (known?.manifest.sha256 === sha256) return good(known);
      if (known !== undefined)
        return bad('LS-MODEL-001', `${id} is in the registry with other bytes; versions are never overwritten`);
      this.#keep(sha256, bytes);
      this.prepared(
        `INSERT INTO model (id, target, role, sha256, manifest, state, since, release, evidence)
         VALUES (?, ?, ?, ?, ?, 'candidate', ?, ?, ?)`,
      ).run(id, target, role, sha256, JSON.stringify(manifest), step.at, release, JSON.stringify(evidence));
      this.#note({ model: id, from: null, to: 'candidate', ...step });
      return good(this.#get(id)!);
    });
  }

  async move(id: string, to: ModelState, step: Step): Promise<Outcome<RegistryEntry>> {
    return transaction(this.db, () => {
      const entry = this.#get(id);
      if (entry === undefined) return bad('LS-MODEL-002', `there is no model ${id}`);
      const { state: from, role } = entry;
      if (from === to) return good(entry);
      if (!mayFollow(from, to)) return bad('LS-MODEL-003', `${id} is ${from}: it cannot become ${to}`);
      for (const other of this.#inForce(entry.manifest.target, role)) {
        if (other.manifest.id === id) continue;
        const isChallenger = other.state !== 'active';
        const goes = to === 'active' ? true : (to === 'shadow' || to === 'canary') && isChallenger;
        if (!goes) continue;
        const reason = isChallenger ? `${id} takes its place as challenger` : `${id} answers in its place`;
        this.#set(other, 'retired', { ...step, reason });
        if (to === 'active' && !isChallenger)
          this.prepared('UPDATE model SET replaced = ? WHERE id = ?').run(other.manifest.id, id);
      }
      this.#set(entry, to, step);
      const isRolledBack = from === 'active' && (to === 'rejected' || to === 'held');
      const back = isRolledBack && entry.replaced !== null ? this.#get(entry.replaced) : undefined;
      if (back?.state === 'retired' && back.manifest.expiresAt > step.at)
        this.#set(back, 'active', { ...step, reason: `${id} was rolled back` });
      return good(this.#get(id)!);
    });
  }

  async setGate(id: string, report: GateReport): Promise<void> {
    this.#learn(id, () => ({ gate: report }));
  }

  async keepDuel(id: string, against: string, told: readonly DuelDay[]): Promise<readonly DuelDay[]> {
    let days: readonly DuelDay[] = [];
    this.#learn(id, ({ since, evidence: { duel } }) => {
      const counts = (day: DuelDay): boolean => day.day >= since;
      const known = duel?.against === against ? duel.days.filter(counts) : [];
      const fresh = told.filter((day) => counts(day) && known.every((each) => each.day !== day.day));
      days = [...known, ...fresh].toSorted((a, b) => a.day - b.day);
      return fresh.length === 0 ? undefined : { duel: { against, days } };
    });
    return days;
  }

  async refreshDays(id: string, days: readonly DayScore[]): Promise<void> {
    const fresh = new Set(days.map(({ day }) => day));
    this.#learn(id, ({ evidence }) => ({
      days: [...evidence.days.filter(({ day }) => !fresh.has(day)), ...days].toSorted((a, b) => a.day - b.day),
    }));
  }

  async get(id: string): Promise<RegistryEntry | undefined> {
    return this.#get(id);
  }

  async withBytes(sha256: string, target: string, role: ModelRole): Promise<RegistryEntry | undefined> {
    return this.#entries('WHERE sha256 = ? AND target = ? AND role = ? ORDER BY number', sha256, target, role)[0];
  }

  async active(target: string, role: ModelRole): Promise<RegistryEntry | undefined> {
    return this.#inForce(target, role).find(({ state }) => state === 'active');
  }

  async challenger(target: string, role: ModelRole): Promise<RegistryEntry | undefined> {
    return this.#inForce(target, role).find(({ state }) => state !== 'active');
  }

  async answering(target: string, role: ModelRole): Promise<RegistryEntry | undefined> {
    const inForce = this.#inForce(target, role);
    return inForce.find(({ state }) => state === 'canary') ?? inForce.find(({ state }) => state === 'active');
  }

  async list(): Promise<readonly RegistryEntry[]> {
    return this.#entries('ORDER BY number DESC');
  }

  async newest(target: string, role: ModelRole, state: ModelState): Promise<RegistryEntry | undefined> {
    const where = 'WHERE target = ? AND role = ? AND state = ? ORDER BY since DESC, number DESC LIMIT 1';
    return this.#entries(where, target, role, state)[0];
  }

  async inStates(...states: readonly ModelState[]): Promise<readonly RegistryEntry[]> {
    return this.#entries(`WHERE state IN (${states.map(() => '?').join(', ')}) ORDER BY number`, ...states);
  }

  async ofRelease(release: string, role: ModelRole): Promise<readonly RegistryEntry[]> {
    return this.#entries('WHERE release = ? AND role = ? ORDER BY number', release, role);
  }

  async transitions(id: string): Promise<readonly Transition[]> {
    return this.prepared(
      'SELECT model, from_state, to_state, at, by, reason FROM transition WHERE model = ? ORDER BY number',
    )
      .all(id)
      .map((row) => ({
        model: String(row['model']),
        from: row['from_state'] as ModelState | null,
        to: row['to_state'] as ModelState,
        at: Number(row['at']),
        by: String(row['by']),
        reason: String(row['reason']),
      }));
  }

  async bytes(sha256: string): Promise<Uint8Array | undefined> {
    return this.prepared('SELECT bytes FROM content WHERE sha256 = ?').get(sha256)?.['bytes'] as Uint8Array | undefined;
  }

  async keepBytes(sha256: string, bytes: Uint8Array): Promise<void> {
    transaction(this.db, () => {
      this.#keep(sha256, bytes);
      this.prepared('INSERT INTO loose (sha256) VALUES (?) ON CONFLICT DO NOTHING').run(sha256);
    });
  }

  async prune(time: number): Promise<number> {
    return transaction(this.db, () => {
      const ended = this.prepared(
        `SELECT id, sha256 FROM model WHERE state IN ('retired', 'rejected') AND since < ? AND NOT EXISTS (
           SELECT 1 FROM model AS later WHERE later.replaced = model.id AND later.state IN ('active', 'canary', 'shadow'))
         LIMIT ?`,
      ).all(time, MOST_FORGOTTEN);
      const loose = this.prepared(
        `SELECT sha256 FROM (SELECT * FROM loose WHERE number > 0 ORDER BY number LIMIT ?)
         WHERE number <= (SELECT max(number) FROM loose) - ?
           AND NOT EXISTS (SELECT 1 FROM federated WHERE instr(state, sha256) > 0)`,
      ).all(MOST_FORGOTTEN, MOST_LOOSE);
      for (const { id } of ended) {
        this.prepared('DELETE FROM transition WHERE model = ?').run(String(id));
        this.prepared('DELETE FROM promotion WHERE model = ?').run(String(id));
        this.prepared('DELETE FROM model WHERE id = ?').run(String(id));
      }
      for (const { sha256 } of loose) this.prepared('DELETE FROM loose WHERE sha256 = ?').run(String(sha256));
      for (const { sha256 } of [...ended, ...loose])
        this.prepared(
          `DELETE FROM content WHERE sha256 = ?1 AND NOT EXISTS (SELECT 1 FROM model WHERE sha256 = ?1)
             AND NOT EXISTS (SELECT 1 FROM loose WHERE sha256 = ?1)`,
        ).run(String(sha256));
      return ended.length + loose.length;
    });
  }

  async federatedState(): Promise<unknown> {
    const row = this.prepared('SELECT state FROM federated').get();
    return row === undefined ? undefined : JSON.parse(String(row['state']));
  }

  async keepFederated(state: unknown): Promise<void> {
    this.prepared('INSERT INTO federated VALUES (1, ?) ON CONFLICT (one) DO UPDATE SET state = excluded.state').run(
      JSON.stringify(state),
    );
  }

  async driftStates(): Promise<ReadonlyMap<string, unknown>> {
    const rows = this.prepared('SELECT target, state FROM drift').all();
    return new Map(rows.map(({ target, state }) => [String(target), JSON.parse(String(state)) as unknown]));
  }

  async keepDrift(target: string, state: unknown): Promise<void> {
    this.prepared('INSERT INTO drift VALUES (?, ?) ON CONFLICT (target) DO UPDATE SET state = excluded.state').run(
      target,
      JSON.stringify(state),
    );
  }

  async waitingPromotion(id: string): Promise<WaitingPromotion | undefined> {
    return promotionOf(this.prepared('SELECT * FROM promotion WHERE model = ?').get(id));
  }

  async askPromotion(
    id: string,
    { to, by, reason, until }: WaitingPromotion,
    now: number,
  ): Promise<WaitingPromotion | undefined> {
    return transaction(this.db, () => {
      const first = this.prepared(
        'DELETE FROM promotion WHERE model = ? AND to_state = ? AND by <> ? AND until > ? RETURNING *',
      ).get(id, to, by, now);
      if (first === undefined)
        this.prepared(
          `INSERT INTO promotion VALUES (?, ?, ?, ?, ?) ON CONFLICT (model) DO UPDATE SET
             to_state = excluded.to_state, by = excluded.by, reason = excluded.reason, until = excluded.until`,
        ).run(id, to, by, reason, until);
      return promotionOf(first);
    });
  }

  async dropPromotion(id: string, now: number): Promise<void> {
    this.prepared('DELETE FROM promotion WHERE model = ? AND until <= ?').run(id, now);
  }

  async lapsedPromotions(now: number): Promise<readonly (WaitingPromotion & { readonly model: string })[]> {
    const rows = this.prepared('SELECT * FROM promotion WHERE until <= ? ORDER BY until, model').all(now);
    return rows.map((row) => ({ model: String(row['model']), ...promotionOf(row)! }));
  }

  #get(id: string): RegistryEntry | undefined {
    return entryOf(this.prepared(`SELECT ${COLUMNS} FROM model WHERE id = ?`).get(id));
  }

  #inForce(target: string, role: ModelRole): RegistryEntry[] {
    const where = `WHERE target = ? AND role = ? AND state IN ('shadow', 'canary', 'active') ORDER BY number DESC`;
    return this.#entries(where, target, role);
  }

  #entries(where: string, ...values: readonly string[]): RegistryEntry[] {
    const rows = this.prepared(`SELECT ${COLUMNS} FROM model ${where}`).all(...values);
    return rows.map((row) => entryOf(row)!);
  }

  #keep(sha256: string, bytes: Uint8Array): void {
    this.prepared('INSERT INTO content (sha256, bytes) VALUES (?, ?) ON CONFLICT (sha256) DO NOTHING').run(
      sha256,
      bytes,
    );
  }

  /** Adds to what is known of a model; undefined: there is nothing new. */
  #learn(id: string, what: (entry: RegistryEntry) => Partial<ModelEvidence> | undefined): void {
    transaction(this.db, () => {
      const entry = this.#get(id);
      const news = entry && what(entry);
      if (news === undefined) return;
      const evidence = JSON.stringify({ ...entry!.evidence, ...news });
      this.prepared('UPDATE model SET evidence = ? WHERE id = ?').run(evidence, id);
    });
  }

  #set({ manifest, state }: RegistryEntry, to: ModelState, step: Step): void {
    this.prepared('UPDATE model SET state = ?, since = ? WHERE id = ?').run(to, step.at, manifest.id);
    this.#note({ model: manifest.id, from: state, to, ...step });
  }

  #note({ model, from, to, at, by, reason }: Transition): void {
    this.prepared('INSERT INTO transition (model, from_state, to_state, at, by, reason) VALUES (?, ?, ?, ?, ?, ?)').run(
      model,
      from,
      to,
      at,
      by,
      reason.slice(0, 500),
    );
  }
}

function promotionOf(row: Record<string, unknown> | undefined): WaitingPromotion | undefined {
  if (row === undefined) return undefined;
  const { to_state: to, by, reason, until } = row;
  return { to: to as ModelState, by: String(by), reason: String(reason), until: Number(until) };
}

function entryOf(row: Record<string, unknown> | undefined): RegistryEntry | undefined {
  if (row === undefined) return undefined;
  return {
    manifest: JSON.parse(row['manifest'] as string) as ModelManifest,
    role: row['role'] as ModelRole,
    state: row['state'] as ModelState,
    since: Number(row['since']),
    reason: (row['reason'] as string | null) ?? '',
    release: String(row['release']),
    replaced: row['replaced'] as string | null,
    evidence: JSON.parse(row['evidence'] as string) as ModelEvidence,
  };
}
