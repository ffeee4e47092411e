import type { DuelDay } from '../../../shared/contracts/duel-day.ts';
import type { ModelManifest } from '../../../shared/contracts/model.ts';
import { bad, good, type Outcome } from '../../../shared/outcome/outcome.ts';
import type { DayScore } from '../../../shared/forecast/evaluate.ts';
import type { Where } from '../../telemetry/database.ts';
import { SqliteFile } from '../../telemetry/sqlite-file.ts';
import { transaction } from '../../telemetry/sqlite.ts';
import type { ModelBundle, ModelRole } from './bundle.ts';
import type { InputReferences } from './drift/inputs.ts';
import type { GateReport } from './gate.ts';
import { mayFollow, type ModelState, type Step, type Transition } from './lifecycle.ts';
import type { WaitingPromotion, WaitingPromotions } from './second-person.ts';

/** What is known of a model beside its signed manifest. */
export interface ModelEvidence {
  /** Losses on days that the recipe, or the model itself, has not seen. */
  readonly days: readonly DayScore[];
  readonly gate?: GateReport | undefined;
  /** What a shadow's place has told of it and of the model that answered there, day by day. */
  readonly duel?: { readonly against: string; readonly days: readonly DuelDay[] } | undefined;
  /** What it learnt from, against which drift is watched. */
  readonly inputs?: InputReferences | undefined;
  readonly int8Loss?: number | null | undefined;
  /** True: it was trained elsewhere and brought. */
  readonly imported?: boolean | undefined;
}

/** A model in the registry, without its bytes. */
export interface RegistryEntry {
  readonly manifest: ModelManifest;
  readonly role: ModelRole;
  readonly state: ModelState;
  /** Plant time of the last change of state. */
  readonly since: number;
  readonly reason: string;
  /** Models that were made together and are let out together. */
  readonly release: string;
  /** The model that it took over from, which comes back where it is rolled back. */
  readonly replaced: string | null;
  readonly evidence: ModelEvidence;
}

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

/**
 * Models by id, their bytes by hash. Neither is ever overwritten; only the state of a model changes, by the steps of the life
 * cycle, each kept with who, when and why in the transaction that takes it.
 */
export class ModelRegistry extends SqliteFile implements WaitingPromotions {
  /** `at`: a file of its own, `:memory:`, or a file that it shares. */
  constructor(at: Where) {
    super({ at, name: 'models', migrations, what: 'the registry' });
  }

  /** Adds a candidate. The same bundle again changes nothing; another one under its id is LS-MODEL-001. */
  put(
    bundle: ModelBundle,
    { release, evidence, ...step }: Step & { readonly release: string; readonly evidence: ModelEvidence },
  ): Outcome<RegistryEntry> {
    const { manifest, bytes, role } = bundle;
    const known = this.get(manifest.id);
    if (known !== undefined) {
      if (known.manifest.sha256 === manifest.sha256) return good(known);
      return bad('LS-MODEL-001', `${manifest.id} is in the registry with other bytes; versions are never overwritten`);
    }
    const db = this.db;
    transaction(db, () => {
      db.prepare('INSERT INTO content (sha256, bytes) VALUES (?, ?) ON CONFLICT (sha256) DO NOTHING').run(
        manifest.sha256,
        bytes,
      );
      db.prepare(
        `INSERT INTO model (id, target, role, sha256, manifest, state, since, release, evidence)
         VALUES (?, ?, ?, ?, ?, 'candidate', ?, ?, ?)`,
      ).run(
        manifest.id,
        manifest.target,
        role,
        manifest.sha256,
        JSON.stringify(manifest),
        step.at,
        release,
        JSON.stringify(evidence),
      );
      this.#note({ model: manifest.id, from: null, to: 'candidate', ...step });
    });
    return good(this.get(manifest.id)!);
  }

  /**
   * Takes one step; LS-MODEL-003 where the life cycle has none from here to there. Who becomes active retires the active one of its
   * target and role, who becomes a challenger the challenger before; an active one that is held or rejected brings back whom it replaced.
   */
  move(id: string, to: ModelState, step: Step): Outcome<RegistryEntry> {
    const entry = this.get(id);
    if (entry === undefined) return bad('LS-MODEL-002', `there is no model ${id}`);
    const { state: from, role } = entry;
    if (from === to) return good(entry);
    if (!mayFollow(from, to)) return bad('LS-MODEL-003', `${id} is ${from}: it cannot become ${to}`);
    const { target } = entry.manifest;
    const others = this.#inForce(target, role).filter(({ manifest }) => manifest.id !== id);
    transaction(this.db, () => {
      for (const other of others) {
        const isChallenger = other.state !== 'active';
        const goes = to === 'active' ? true : (to === 'shadow' || to === 'canary') && isChallenger;
        if (!goes) continue;
        const reason = isChallenger ? `${id} takes its place as challenger` : `${id} answers in its place`;
        this.#set(other, 'retired', { ...step, reason });
        if (to === 'active' && !isChallenger)
          this.db.prepare('UPDATE model SET replaced = ? WHERE id = ?').run(other.manifest.id, id);
      }
      this.#set(entry, to, step);
      const isRolledBack = from === 'active' && (to === 'rejected' || to === 'held');
      const back = isRolledBack && entry.replaced !== null ? this.get(entry.replaced) : undefined;
      if (back?.state === 'retired' && back.manifest.expiresAt > step.at)
        this.#set(back, 'active', { ...step, reason: `${id} was rolled back` });
    });
    return good(this.get(id)!);
  }

  /** What the gate found is kept with the model. */
  setGate(id: string, report: GateReport): void {
    const entry = this.get(id);
    if (entry === undefined) return;
    const evidence: ModelEvidence = { ...entry.evidence, gate: report };
    this.db.prepare('UPDATE model SET evidence = ? WHERE id = ?').run(JSON.stringify(evidence), id);
  }

  /** Days of a duel that its place has told; those against another model do not count. */
  keepDuel(id: string, against: string, told: readonly DuelDay[]): readonly DuelDay[] {
    const entry = this.get(id);
    if (entry === undefined) return [];
    const { duel } = entry.evidence;
    const since = (day: DuelDay): boolean => day.day >= entry.since;
    const known = duel?.against === against ? duel.days.filter(since) : [];
    const fresh = told.filter((day) => since(day) && known.every((each) => each.day !== day.day));
    if (fresh.length === 0) return known;
    const days = [...known, ...fresh].toSorted((a, b) => a.day - b.day);
    const evidence: ModelEvidence = { ...entry.evidence, duel: { against, days } };
    this.db.prepare('UPDATE model SET evidence = ? WHERE id = ?').run(JSON.stringify(evidence), id);
    return days;
  }

  /** Losses of a model on more recent days, told by its place. */
  refreshDays(id: string, days: readonly DayScore[]): void {
    const entry = this.get(id);
    if (entry === undefined) return;
    const fresh = new Set(days.map(({ day }) => day));
    const all = [...entry.evidence.days.filter(({ day }) => !fresh.has(day)), ...days].toSorted(
      (a, b) => a.day - b.day,
    );
    const evidence: ModelEvidence = { ...entry.evidence, days: all };
    this.db.prepare('UPDATE model SET evidence = ? WHERE id = ?').run(JSON.stringify(evidence), id);
  }

  get(id: string): RegistryEntry | undefined {
    return entryOf(this.db.prepare(`SELECT ${COLUMNS} FROM model WHERE id = ?`).get(id));
  }

  /** The model of a place that has these bytes. */
  withBytes(sha256: string, target: string, role: ModelRole): RegistryEntry | undefined {
    return this.#entries('WHERE sha256 = ? AND target = ? AND role = ? ORDER BY number', sha256, target, role)[0];
  }

  active(target: string, role: ModelRole): RegistryEntry | undefined {
    return this.#inForce(target, role).find(({ state }) => state === 'active');
  }

  /** In shadow or canary: at most one for a target and role. */
  challenger(target: string, role: ModelRole): RegistryEntry | undefined {
    return this.#inForce(target, role).find(({ state }) => state !== 'active');
  }

  /** The one whose forecasts count: a canary, else the active one. */
  answering(target: string, role: ModelRole): RegistryEntry | undefined {
    const inForce = this.#inForce(target, role);
    return inForce.find(({ state }) => state === 'canary') ?? inForce.find(({ state }) => state === 'active');
  }

  /** Newest first. */
  list(): RegistryEntry[] {
    return this.#entries('ORDER BY number DESC');
  }

  /** The last of a place to come into a state. */
  newest(target: string, role: ModelRole, state: ModelState): RegistryEntry | undefined {
    const where = 'WHERE target = ? AND role = ? AND state = ? ORDER BY since DESC, number DESC LIMIT 1';
    return this.#entries(where, target, role, state)[0];
  }

  /** In some states, oldest first. */
  inStates(...states: readonly ModelState[]): RegistryEntry[] {
    return this.#entries(`WHERE state IN (${states.map(() => '?').join(', ')}) ORDER BY number`, ...states);
  }

  ofRelease(release: string, role: ModelRole): RegistryEntry[] {
    return this.#entries('WHERE release = ? AND role = ? ORDER BY number', release, role);
  }

  /** The life of one model, or of all that answered for a target; oldest first. */
  transitions(id: string): Transition[] {
    return this.db
      .prepare('SELECT model, from_state, to_state, at, by, reason FROM transition WHERE model = ? ORDER BY number')
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

  bytes(sha256: string): Uint8Array | undefined {
    const row = this.db.prepare('SELECT bytes FROM content WHERE sha256 = ?').get(sha256);
    return row?.['bytes'] as Uint8Array | undefined;
  }

  /** Keeps bytes that belong to no model of their own: the weights and updates of federated learning. */
  keepBytes(sha256: string, bytes: Uint8Array): void {
    transaction(this.db, () => {
      this.prepared('INSERT INTO content (sha256, bytes) VALUES (?, ?) ON CONFLICT (sha256) DO NOTHING').run(
        sha256,
        bytes,
      );
      this.prepared('INSERT INTO loose (sha256) VALUES (?) ON CONFLICT DO NOTHING').run(sha256);
    });
  }

  /**
   * Forgets a few models that were retired or rejected before `time`, with their bytes and their life, but one that a standing model
   * took over from; and bytes of no model, but the newest and those that federated learning stands on. Answers how many.
   */
  prune(time: number): number {
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

  /** Where federated learning stands. */
  federatedState(): unknown {
    const row = this.db.prepare('SELECT state FROM federated').get();
    return row === undefined ? undefined : JSON.parse(String(row['state']));
  }

  keepFederated(state: unknown): void {
    this.db.prepare('INSERT OR REPLACE INTO federated VALUES (1, ?)').run(JSON.stringify(state));
  }

  /** What the watch over drift has kept of a target. */
  driftState(target: string): unknown {
    const row = this.db.prepare('SELECT state FROM drift WHERE target = ?').get(target);
    return row === undefined ? undefined : JSON.parse(String(row['state']));
  }

  keepDrift(target: string, state: unknown): void {
    this.db.prepare('INSERT OR REPLACE INTO drift VALUES (?, ?)').run(target, JSON.stringify(state));
  }

  waitingPromotion(id: string): WaitingPromotion | undefined {
    return promotionOf(this.prepared('SELECT * FROM promotion WHERE model = ?').get(id));
  }

  keepPromotion(id: string, { to, by, reason, until }: WaitingPromotion): void {
    this.prepared('INSERT OR REPLACE INTO promotion VALUES (?, ?, ?, ?, ?)').run(id, to, by, reason, until);
  }

  takePromotion(
    id: string,
    { to, notBy, now }: { readonly to: ModelState; readonly notBy: string; readonly now: number },
  ): WaitingPromotion | undefined {
    return promotionOf(
      this.prepared('DELETE FROM promotion WHERE model = ? AND to_state = ? AND by <> ? AND until > ? RETURNING *').get(
        id,
        to,
        notBy,
        now,
      ),
    );
  }

  dropPromotion(id: string): void {
    this.prepared('DELETE FROM promotion WHERE model = ?').run(id);
  }

  /** Promotions whose time is up at `now`, machine time, and that were not dropped yet. */
  lapsedPromotions(now: number): (WaitingPromotion & { readonly model: string })[] {
    const rows = this.prepared('SELECT * FROM promotion WHERE until <= ? ORDER BY until, model').all(now);
    return rows.map((row) => ({ model: String(row['model']), ...promotionOf(row)! }));
  }

  #inForce(target: string, role: ModelRole): RegistryEntry[] {
    const where = `WHERE target = ? AND role = ? AND state IN ('shadow', 'canary', 'active') ORDER BY number DESC`;
    return this.#entries(where, target, role);
  }

  #entries(where: string, ...values: readonly string[]): RegistryEntry[] {
    const rows = this.db.prepare(`SELECT ${COLUMNS} FROM model ${where}`).all(...values);
    return rows.map((row) => entryOf(row)!);
  }

  #set({ manifest, state }: RegistryEntry, to: ModelState, step: Step): void {
    this.db.prepare('UPDATE model SET state = ?, since = ? WHERE id = ?').run(to, step.at, manifest.id);
    this.#note({ model: manifest.id, from: state, to, ...step });
  }

  #note({ model, from, to, at, by, reason }: Transition): void {
    this.db
      .prepare('INSERT INTO transition (model, from_state, to_state, at, by, reason) VALUES (?, ?, ?, ?, ?, ?)')
      .run(model, from, to, at, by, reason.slice(0, 500));
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
