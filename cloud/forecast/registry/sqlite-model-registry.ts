import type { DuelDay } from '../../../shared/contracts/duel-day.ts';
import type { ModelManifest } from '../../../shared/contracts/model.ts';
import { good, type Outcome } from '../../../shared/outcome/outcome.ts';
import { refused } from '../../../shared/sentences/refused.ts';
import { formatMessage } from '../../../shared/sentences/message-forms.ts';
import type { DayScore } from '../../../shared/forecast/evaluate.ts';
import { SqlStore, type SqlPlace } from '../../sql/sql-store.ts';
import { first, rows, run, type Row, type Steps } from '../../sql/sql.ts';
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
  'CREATE INDEX model_since ON model (since)',
];

/** Most models, and most bytes without a model, deleted in one call. */
const MOST_FORGOTTEN = 20;
/** Bytes of no model that are kept: those of nine campaigns of ten gateways with ten rounds. */
const MOST_LOOSE = 1000;

const COLUMNS = `manifest, role, state, since, release, replaced, evidence,
  (SELECT reason FROM transition WHERE transition.model = model.id ORDER BY transition.number DESC LIMIT 1) AS reason`;

/** Models and their bytes in a database. */
export class SqliteModelRegistry extends SqlStore implements ModelRegistry {
  /** `at`: a SQLite file of its own, `:memory:`, or a shared database. */
  constructor(at: SqlPlace) {
    super({ at, name: 'models', migrations, what: 'the registry' });
  }

  async put(
    { manifest, bytes, role }: ModelBundle,
    { release, evidence, ...step }: Step & { readonly release: string; readonly evidence: ModelEvidence },
  ): Promise<Outcome<RegistryEntry>> {
    const { id, target, sha256 } = manifest;
    return this.sql.transaction(function* () {
      const known = yield* entryWithId(id);
      if (known?.manifest.sha256 === sha256) return good(known);
      if (known !== undefined)
        return refused('LS-MODEL-001', '{model} is in the registry with other bytes; versions are never overwritten', {
          model: id,
        });
      yield* keep(sha256, bytes);
      yield* run(
        `INSERT INTO model (id, target, role, sha256, manifest, state, since, release, evidence)
         VALUES (?, ?, ?, ?, ?, 'candidate', ?, ?, ?)`,
        id,
        target,
        role,
        sha256,
        JSON.stringify(manifest),
        step.at,
        release,
        JSON.stringify(evidence),
      );
      yield* note({ model: id, from: null, to: 'candidate', ...step });
      return good((yield* entryWithId(id))!);
    });
  }

  async move(id: string, to: ModelState, step: Step): Promise<Outcome<RegistryEntry>> {
    return this.sql.transaction(function* () {
      const entry = yield* entryWithId(id);
      if (entry === undefined) return refused('LS-MODEL-002', 'there is no model {model}', { model: id });
      const { state: from, role } = entry;
      if (from === to) return good(entry);
      if (!mayFollow(from, to))
        return refused('LS-MODEL-003', '{model} is {before}: it cannot become {state}', {
          model: id,
          before: from,
          state: to,
        });
      for (const other of yield* inForce(entry.manifest.target, role)) {
        if (other.manifest.id === id) continue;
        const isChallenger = other.state !== 'active';
        const goes = to === 'active' ? true : (to === 'shadow' || to === 'canary') && isChallenger;
        if (!goes) continue;
        const reason = isChallenger
          ? formatMessage('any', '{model} takes its place as challenger', { model: id })
          : formatMessage('any', '{model} answers in its place', { model: id });
        yield* set(other, 'retired', { ...step, reason });
        if (to === 'active' && !isChallenger)
          yield* run('UPDATE model SET replaced = ? WHERE id = ?', other.manifest.id, id);
      }
      yield* set(entry, to, step);
      const isRolledBack = from === 'active' && (to === 'rejected' || to === 'held');
      const back = isRolledBack && entry.replaced !== null ? yield* entryWithId(entry.replaced) : undefined;
      if (back?.state === 'retired' && back.manifest.expiresAt > step.at)
        yield* set(back, 'active', { ...step, reason: `${id} was rolled back` });
      return good((yield* entryWithId(id))!);
    });
  }

  async setBack(now: number): Promise<void> {
    await this.sql.run('UPDATE model SET since = ? WHERE since > ?', now, now);
  }

  async setGate(id: string, report: GateReport): Promise<void> {
    await this.sql.transaction(() => learn(id, () => ({ gate: report })));
  }

  async keepDuel(id: string, against: string, reported: readonly DuelDay[]): Promise<readonly DuelDay[]> {
    return this.sql.transaction(function* () {
      let days: readonly DuelDay[] = [];
      yield* learn(id, ({ since, evidence: { duel } }) => {
        const counts = (day: DuelDay): boolean => day.day >= since;
        const known = duel?.against === against ? duel.days.filter(counts) : [];
        const fresh = reported.filter((day) => counts(day) && known.every((each) => each.day !== day.day));
        days = [...known, ...fresh].toSorted((a, b) => a.day - b.day);
        return fresh.length === 0 ? undefined : { duel: { against, days } };
      });
      return days;
    });
  }

  async refreshDays(id: string, days: readonly DayScore[]): Promise<void> {
    const fresh = new Set(days.map(({ day }) => day));
    await this.sql.transaction(() =>
      learn(id, ({ evidence }) => ({
        days: [...evidence.days.filter(({ day }) => !fresh.has(day)), ...days].toSorted((a, b) => a.day - b.day),
      })),
    );
  }

  async get(id: string): Promise<RegistryEntry | undefined> {
    return this.sql.reading(() => entryWithId(id));
  }

  async withBytes(sha256: string, target: string, role: ModelRole): Promise<RegistryEntry | undefined> {
    const where = 'WHERE sha256 = ? AND target = ? AND role = ? ORDER BY number LIMIT 1';
    return (await this.#entries(where, sha256, target, role))[0];
  }

  async active(target: string, role: ModelRole): Promise<RegistryEntry | undefined> {
    return (await this.#inForce(target, role)).find(({ state }) => state === 'active');
  }

  async challenger(target: string, role: ModelRole): Promise<RegistryEntry | undefined> {
    return (await this.#inForce(target, role)).find(({ state }) => state !== 'active');
  }

  async answering(target: string, role: ModelRole): Promise<RegistryEntry | undefined> {
    const entries = await this.#inForce(target, role);
    return entries.find(({ state }) => state === 'canary') ?? entries.find(({ state }) => state === 'active');
  }

  async list(): Promise<readonly RegistryEntry[]> {
    return this.#entries('ORDER BY number DESC');
  }

  async newest(target: string, role: ModelRole, state: ModelState): Promise<RegistryEntry | undefined> {
    const where = 'WHERE target = ? AND role = ? AND state = ? ORDER BY since DESC, number DESC LIMIT 1';
    return (await this.#entries(where, target, role, state))[0];
  }

  async inStates(...states: readonly ModelState[]): Promise<readonly RegistryEntry[]> {
    return this.#entries(`WHERE state IN (${states.map(() => '?').join(', ')}) ORDER BY number`, ...states);
  }

  async ofRelease(release: string, role: ModelRole): Promise<readonly RegistryEntry[]> {
    return this.#entries('WHERE release = ? AND role = ? ORDER BY number', release, role);
  }

  async transitions(id: string): Promise<readonly Transition[]> {
    const sql = 'SELECT model, from_state, to_state, at, by, reason FROM transition WHERE model = ? ORDER BY number';
    return (await this.sql.rows(sql, id)).map((row) => ({
      model: String(row['model']),
      from: row['from_state'] as ModelState | null,
      to: row['to_state'] as ModelState,
      at: Number(row['at']),
      by: String(row['by']),
      reason: String(row['reason']),
    }));
  }

  async bytes(sha256: string): Promise<Uint8Array | undefined> {
    const [row] = await this.sql.rows('SELECT bytes FROM content WHERE sha256 = ?', sha256);
    return row?.['bytes'] as Uint8Array | undefined;
  }

  async keepBytes(sha256: string, bytes: Uint8Array): Promise<void> {
    await this.sql.transaction(function* () {
      yield* keep(sha256, bytes);
      yield* run('INSERT INTO loose (sha256) VALUES (?) ON CONFLICT DO NOTHING', sha256);
    });
  }

  async prune(time: number): Promise<number> {
    return this.sql.transaction(function* () {
      const ended = yield* rows(ENDED, time, MOST_FORGOTTEN);
      const loose = yield* rows(LOOSE, MOST_FORGOTTEN, MOST_LOOSE);
      for (const { id } of ended) {
        yield* run('DELETE FROM transition WHERE model = ?', String(id));
        yield* run('DELETE FROM promotion WHERE model = ?', String(id));
        yield* run('DELETE FROM model WHERE id = ?', String(id));
      }
      for (const { sha256 } of loose) yield* run('DELETE FROM loose WHERE sha256 = ?', String(sha256));
      for (const { sha256 } of [...ended, ...loose])
        yield* run(
          `DELETE FROM content WHERE sha256 = ?1 AND NOT EXISTS (SELECT 1 FROM model WHERE sha256 = ?1)
             AND NOT EXISTS (SELECT 1 FROM loose WHERE sha256 = ?1)`,
          String(sha256),
        );
      return ended.length + loose.length;
    });
  }

  async federatedState(): Promise<unknown> {
    const [row] = await this.sql.rows('SELECT state FROM federated');
    return row === undefined ? undefined : JSON.parse(String(row['state']));
  }

  async keepFederated(state: unknown): Promise<void> {
    const sql = 'INSERT INTO federated VALUES (1, ?) ON CONFLICT (one) DO UPDATE SET state = excluded.state';
    await this.sql.run(sql, JSON.stringify(state));
  }

  async driftStates(): Promise<ReadonlyMap<string, unknown>> {
    const states = await this.sql.rows('SELECT target, state FROM drift');
    return new Map(states.map(({ target, state }) => [String(target), JSON.parse(String(state)) as unknown]));
  }

  async keepDrift(target: string, state: unknown): Promise<void> {
    const sql = 'INSERT INTO drift VALUES (?, ?) ON CONFLICT (target) DO UPDATE SET state = excluded.state';
    await this.sql.run(sql, target, JSON.stringify(state));
  }

  async waitingPromotion(id: string): Promise<WaitingPromotion | undefined> {
    return promotionOf((await this.sql.rows('SELECT * FROM promotion WHERE model = ?', id))[0]);
  }

  async askPromotion(
    id: string,
    { to, by, reason, until }: WaitingPromotion,
    now: number,
  ): Promise<WaitingPromotion | undefined> {
    return this.sql.transaction(function* () {
      const asked = yield* first(
        'DELETE FROM promotion WHERE model = ? AND to_state = ? AND by <> ? AND until > ? RETURNING *',
        id,
        to,
        by,
        now,
      );
      if (asked === undefined)
        yield* run(
          `INSERT INTO promotion VALUES (?, ?, ?, ?, ?) ON CONFLICT (model) DO UPDATE SET
             to_state = excluded.to_state, by = excluded.by, reason = excluded.reason, until = excluded.until`,
          id,
          to,
          by,
          reason,
          until,
        );
      return promotionOf(asked);
    });
  }

  async dropPromotion(id: string, now: number): Promise<void> {
    await this.sql.run('DELETE FROM promotion WHERE model = ? AND until <= ?', id, now);
  }

  async lapsedPromotions(now: number): Promise<readonly (WaitingPromotion & { readonly model: string })[]> {
    const lapsed = await this.sql.rows('SELECT * FROM promotion WHERE until <= ? ORDER BY until, model', now);
    return lapsed.map((row) => ({ model: String(row['model']), ...promotionOf(row)! }));
  }

  #inForce(target: string, role: ModelRole): Promise<RegistryEntry[]> {
    return this.sql.reading(() => inForce(target, role));
  }

  #entries(where: string, ...values: readonly string[]): Promise<RegistryEntry[]> {
    return this.sql.reading(() => entries(where, ...values));
  }
}

const ENDED = `SELECT id, sha256 FROM model WHERE state IN ('retired', 'rejected') AND since < ? AND NOT EXISTS (
    SELECT 1 FROM model AS later WHERE later.replaced = model.id AND later.state IN ('active', 'canary', 'shadow'))
  LIMIT ?`;
/** A hash contains no LIKE wildcard and matches no other text. */
const LOOSE = `SELECT sha256 FROM (SELECT * FROM loose WHERE number > 0 ORDER BY number LIMIT ?) AS oldest
  WHERE number <= (SELECT max(number) FROM loose) - ?
    AND NOT EXISTS (SELECT 1 FROM federated WHERE state LIKE '%' || sha256 || '%')`;

function* entries(where: string, ...values: readonly string[]): Steps<RegistryEntry[]> {
  return (yield* rows(`SELECT ${COLUMNS} FROM model ${where}`, ...values)).map(entryOf);
}

function* entryWithId(id: string): Steps<RegistryEntry | undefined> {
  return (yield* entries('WHERE id = ?', id))[0];
}

const inForce = (target: string, role: ModelRole): Steps<RegistryEntry[]> =>
  entries(
    `WHERE target = ? AND role = ? AND state IN ('shadow', 'canary', 'active') ORDER BY number DESC`,
    target,
    role,
  );

const keep = (sha256: string, bytes: Uint8Array): Steps<number> =>
  run('INSERT INTO content (sha256, bytes) VALUES (?, ?) ON CONFLICT (sha256) DO NOTHING', sha256, bytes);

/** Adds to the evidence of a model; undefined: nothing new. */
function* learn(id: string, what: (entry: RegistryEntry) => Partial<ModelEvidence> | undefined): Steps<void> {
  const entry = yield* entryWithId(id);
  const news = entry && what(entry);
  if (news === undefined) return;
  const evidence = JSON.stringify({ ...entry!.evidence, ...news });
  yield* run('UPDATE model SET evidence = ? WHERE id = ?', evidence, id);
}

function* set({ manifest, state }: RegistryEntry, to: ModelState, step: Step): Steps<void> {
  yield* run('UPDATE model SET state = ?, since = ? WHERE id = ?', to, step.at, manifest.id);
  yield* note({ model: manifest.id, from: state, to, ...step });
}

const note = ({ model, from, to, at, by, reason }: Transition): Steps<number> =>
  run(
    'INSERT INTO transition (model, from_state, to_state, at, by, reason) VALUES (?, ?, ?, ?, ?, ?)',
    model,
    from,
    to,
    at,
    by,
    reason.slice(0, 500),
  );

function promotionOf(row: Row | undefined): WaitingPromotion | undefined {
  if (row === undefined) return undefined;
  const { to_state: to, by, reason, until } = row;
  return { to: to as ModelState, by: String(by), reason: String(reason), until: Number(until) };
}

const entryOf = (row: Row): RegistryEntry => ({
  manifest: JSON.parse(row['manifest'] as string) as ModelManifest,
  role: row['role'] as ModelRole,
  state: row['state'] as ModelState,
  since: Number(row['since']),
  reason: (row['reason'] as string | null) ?? '',
  release: String(row['release']),
  replaced: row['replaced'] as string | null,
  evidence: JSON.parse(row['evidence'] as string) as ModelEvidence,
});
