import type { Scope } from './caller.ts';
import { SqlStore, type SqlPlace } from '../sql/sql-store.ts';
import { first, rows, run, type Row, type SqlValue, type Steps } from '../sql/sql.ts';
import type {
  AccessRequest,
  Accounts,
  ApiToken,
  Areas,
  Failures,
  Passkey,
  PeopleStore,
  Rights,
  StoredSession,
  StoredToken,
  StoredUser,
} from './people-store.ts';
import type { Role } from './roles.ts';

const migrations = [
  `CREATE TABLE "user" (
     name TEXT PRIMARY KEY, hash TEXT NOT NULL, roles TEXT NOT NULL, areas TEXT NOT NULL,
     must_change INTEGER NOT NULL, disabled INTEGER NOT NULL
   ) WITHOUT ROWID;
   CREATE TABLE failure (name TEXT PRIMARY KEY, count INTEGER NOT NULL, last_at INTEGER NOT NULL) WITHOUT ROWID;
   CREATE TABLE session (hash TEXT PRIMARY KEY, "user" TEXT NOT NULL, expires_at INTEGER NOT NULL) WITHOUT ROWID;
   CREATE TABLE token (
     id TEXT PRIMARY KEY, hash TEXT NOT NULL UNIQUE, "user" TEXT NOT NULL, label TEXT NOT NULL,
     scopes TEXT NOT NULL, expires_at INTEGER NOT NULL
   ) WITHOUT ROWID`,
  'ALTER TABLE session ADD COLUMN sealed BLOB',
  'ALTER TABLE token ADD COLUMN created_at INTEGER; ALTER TABLE token ADD COLUMN used_at INTEGER',
  `CREATE TABLE request (
     "user" TEXT NOT NULL, kind TEXT NOT NULL, rights TEXT NOT NULL, by TEXT NOT NULL,
     asked_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, PRIMARY KEY ("user", kind)
   ) WITHOUT ROWID`,
  `CREATE TABLE passkey (
     id TEXT PRIMARY KEY, "user" TEXT NOT NULL, name TEXT NOT NULL, host TEXT NOT NULL, key TEXT NOT NULL,
     counter INTEGER NOT NULL, created_at INTEGER NOT NULL, used_at INTEGER
   ) WITHOUT ROWID`,
  // Before, failures counted by name alone; their longest lock was a quarter of an hour.
  `DROP TABLE failure;
   CREATE TABLE failure (
     name TEXT NOT NULL, source TEXT NOT NULL, count INTEGER NOT NULL, last_at INTEGER NOT NULL, PRIMARY KEY (name, source)
   ) WITHOUT ROWID;
   CREATE TABLE device (
     hash TEXT NOT NULL, "user" TEXT NOT NULL, used_at INTEGER NOT NULL, PRIMARY KEY (hash, "user")
   ) WITHOUT ROWID`,
  // The last activity of older sessions is unknown, so they are locked.
  'ALTER TABLE session ADD COLUMN active_at INTEGER NOT NULL DEFAULT 0',
  // Before, counters of invented names were unlimited.
  `DELETE FROM failure WHERE name NOT IN (SELECT name FROM "user");
   CREATE INDEX failure_age ON failure (last_at)`,
];

/** Known browsers per person; the least recently used one is evicted. */
const MOST_DEVICES = 50;
/** Counters of wrong passwords. Anybody can invent names, so beyond it the oldest of names that nobody has are deleted. */
export const MOST_FAILURES = 5_000;

const userOf = (row: Row): StoredUser => ({
  name: String(row['name']),
  hash: String(row['hash']),
  roles: JSON.parse(String(row['roles'])) as Role[],
  areas: JSON.parse(String(row['areas'])) as Areas,
  mustChange: row['must_change'] === 1,
  disabled: row['disabled'] === 1,
});

const tokenOf = (row: Row): ApiToken => ({
  id: String(row['id']),
  user: String(row['user']),
  label: String(row['label']),
  scopes: JSON.parse(String(row['scopes'])) as Scope[],
  createdAt: row['created_at'] as number | null,
  usedAt: row['used_at'] as number | null,
  expiresAt: Number(row['expires_at']),
});

const storedTokenOf = (row: Row): StoredToken => ({ ...tokenOf(row), hash: String(row['hash']) });

const sessionOf = (row: Row): StoredSession => ({
  hash: String(row['hash']),
  user: String(row['user']),
  expiresAt: Number(row['expires_at']),
  activeAt: Number(row['active_at']),
});

const requestOf = (row: Row): AccessRequest => ({
  user: String(row['user']),
  kind: row['kind'] as AccessRequest['kind'],
  rights: JSON.parse(String(row['rights'])) as Rights | null,
  by: String(row['by']),
  askedAt: Number(row['asked_at']),
  expiresAt: Number(row['expires_at']),
});

const passkeyOf = (row: Row): Passkey => ({
  id: String(row['id']),
  user: String(row['user']),
  name: String(row['name']),
  host: String(row['host']),
  key: String(row['key']),
  counter: Number(row['counter']),
  createdAt: Number(row['created_at']),
  usedAt: row['used_at'] as number | null,
});

const PUT = `INSERT INTO "user" (name, hash, roles, areas, must_change, disabled) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (name)`;

const columnsOf = ({ name, hash, roles, areas, mustChange, disabled }: StoredUser): SqlValue[] => [
  name,
  hash,
  JSON.stringify(roles),
  JSON.stringify(areas),
  Number(mustChange),
  Number(disabled),
];

export class SqlitePeopleStore extends SqlStore implements PeopleStore {
  /** `at`: a SQLite file of its own, `:memory:`, or a shared database. */
  constructor(at: SqlPlace) {
    super({ at, name: 'people', migrations, what: 'the store of people' });
  }

  async load(now: number): Promise<Accounts<StoredUser, StoredSession>> {
    return this.sql.reading(function* () {
      const sessions = yield* rows('SELECT * FROM session WHERE expires_at > ? ORDER BY hash', now);
      const tokens = yield* rows('SELECT * FROM token ORDER BY label, id');
      const holders = yield* rows('SELECT DISTINCT "user" FROM passkey ORDER BY "user"');
      return {
        users: yield* users(),
        sessions: sessions.map(sessionOf),
        tokens: tokens.map(storedTokenOf),
        withPasskey: holders.map(({ user }) => String(user)),
      };
    });
  }

  async make(user: StoredUser): Promise<'made' | 'known'> {
    return (await this.sql.run(`${PUT} DO NOTHING`, ...columnsOf(user))) > 0 ? 'made' : 'known';
  }

  async put(user: StoredUser): Promise<void> {
    await this.sql.transaction(() => put(user));
  }

  async change({ name, roles, areas, disabled }: Rights): Promise<'changed' | 'unknown' | 'last admin'> {
    return this.sql.transaction(function* () {
      const known = yield* userOfName(name);
      if (known === undefined) return 'unknown';
      if (!(roles.includes('admin') && !disabled) && (yield* isLastAdmin(name))) return 'last admin';
      yield* put({ ...known, roles, areas, disabled });
      if (disabled || known.disabled) yield* endAccess(name);
      return 'changed';
    });
  }

  async remove(name: string): Promise<'removed' | 'unknown' | 'last admin'> {
    return this.sql.transaction(function* () {
      if ((yield* userOfName(name)) === undefined) return 'unknown';
      if (yield* isLastAdmin(name)) return 'last admin';
      yield* endAccess(name);
      yield* run('DELETE FROM "user" WHERE name = ?', name);
      yield* run('DELETE FROM request WHERE "user" = ?', name);
      yield* run('DELETE FROM passkey WHERE "user" = ?', name);
      yield* run('DELETE FROM device WHERE "user" = ?', name);
      return 'removed';
    });
  }

  async resetPassword(name: string, hash: string): Promise<boolean> {
    return this.sql.transaction(function* () {
      const known = yield* userOfName(name);
      if (known === undefined) return false;
      yield* put({ ...known, hash, mustChange: true });
      yield* endAccess(name);
      yield* run('DELETE FROM device WHERE "user" = ?', name);
      yield* clearAllFailures(name);
      return true;
    });
  }

  async changePassword(
    by: string,
    { from, to, next, now, device }: Parameters<PeopleStore['changePassword']>[1],
  ): Promise<boolean> {
    return this.sql.transaction(function* () {
      const stands = yield* first('SELECT "user" FROM session WHERE hash = ? AND expires_at > ?', by, now);
      const known = stands === undefined ? undefined : yield* userOfName(String(stands['user']));
      if (known?.hash !== from) return false;
      yield* put({ ...known, hash: to, mustChange: false });
      yield* endAccess(known.name);
      yield* run('DELETE FROM device WHERE "user" = ?', known.name);
      yield* clearAllFailures(known.name);
      if (device !== undefined) yield* noteDevice(device, known.name, now);
      yield* begin(next, now);
      return true;
    });
  }

  async failures(name: string, sources: readonly string[]): Promise<readonly (Failures | undefined)[]> {
    return this.sql.reading(() => failuresOf(name, sources));
  }

  async countFailure(
    name: string,
    sources: readonly string[],
    seen: readonly (Failures | undefined)[],
    { now, forgetBefore }: { readonly now: number; readonly forgetBefore: number },
  ): Promise<boolean> {
    return this.sql.transaction(function* () {
      const known = yield* failuresOf(name, sources);
      if (known.some((each, n) => each?.count !== seen[n]?.count || each?.lastAt !== seen[n]?.lastAt)) return false;
      yield* run('DELETE FROM failure WHERE last_at < ?', forgetBefore);
      for (const source of sources)
        yield* run(
          `INSERT INTO failure VALUES (?, ?, 1, ?)
             ON CONFLICT (name, source) DO UPDATE SET count = failure.count + 1, last_at = excluded.last_at`,
          name,
          source,
          now,
        );
      yield* dropInvented();
      return true;
    });
  }

  async clearFailures(name: string, sources: readonly string[]): Promise<void> {
    await this.sql.transaction(() => clearFailures(name, sources));
  }

  async knowsDevice(hash: string, user: string, since: number): Promise<boolean> {
    const sql = 'SELECT 1 AS known FROM device WHERE hash = ? AND "user" = ? AND used_at >= ?';
    return (await this.sql.rows(sql, hash, user, since)).length > 0;
  }

  async openSession(
    session: StoredSession,
    hash: string,
    {
      now,
      forgets = [],
      device,
    }: { readonly now: number; readonly forgets?: readonly string[]; readonly device?: string | undefined },
  ): Promise<boolean> {
    return this.sql.transaction(function* () {
      const known = yield* userOfName(session.user);
      if (known === undefined || known.disabled || known.hash !== hash) return false;
      yield* clearFailures(known.name, forgets);
      if (device !== undefined) yield* noteDevice(device, known.name, now);
      yield* begin(session, now);
      return true;
    });
  }

  async openExternal(user: StoredUser, session: StoredSession, now: number): Promise<'opened' | 'other' | 'locked'> {
    return this.sql.transaction(function* () {
      const known = yield* userOfName(user.name);
      if (known !== undefined && known.hash !== user.hash) return 'other';
      if (known?.disabled === true) return 'locked';
      yield* put(user);
      yield* begin(session, now);
      return 'opened';
    });
  }

  async endSession(hash: string): Promise<void> {
    await this.sql.run('DELETE FROM session WHERE hash = ?', hash);
  }

  async markActive(hash: string, activeAt: number): Promise<void> {
    await this.sql.run('UPDATE session SET active_at = ? WHERE hash = ?', activeAt, hash);
  }

  async putSealed(hash: string, sealed: Uint8Array): Promise<void> {
    await this.sql.run('UPDATE session SET sealed = ? WHERE hash = ?', sealed, hash);
  }

  async sealed(hash: string, now: number): Promise<Uint8Array | undefined> {
    const [row] = await this.sql.rows('SELECT sealed FROM session WHERE hash = ? AND expires_at > ?', hash, now);
    return (row?.['sealed'] as Uint8Array | null | undefined) ?? undefined;
  }

  async addToken(
    { id, user, label, scopes, createdAt, expiresAt, hash }: StoredToken,
    { password, most }: { readonly password: string; readonly most: number },
  ): Promise<'added' | 'late' | 'full'> {
    return this.sql.transaction(function* () {
      const known = yield* userOfName(user);
      if (known === undefined || known.disabled || known.mustChange || known.hash !== password) return 'late';
      if ((yield* rows('SELECT id FROM token WHERE "user" = ?', user)).length >= most) return 'full';
      yield* run(
        'INSERT INTO token (id, hash, "user", label, scopes, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
        id,
        hash,
        user,
        label,
        JSON.stringify(scopes),
        createdAt,
        expiresAt,
      );
      return 'added';
    });
  }

  async passkeys(user: string): Promise<Passkey[]> {
    const found = await this.sql.rows('SELECT * FROM passkey WHERE "user" = ? ORDER BY created_at, id', user);
    return found.map(passkeyOf);
  }

  async addPasskey(
    { id, user, name, host, key, counter, createdAt, usedAt }: Passkey,
    most: number,
  ): Promise<'added' | 'known' | 'full'> {
    return this.sql.transaction(function* () {
      if ((yield* rows('SELECT id FROM passkey WHERE "user" = ?', user)).length >= most) return 'full';
      const values = [id, user, name, host, key, counter, createdAt, usedAt];
      const added = yield* run('INSERT INTO passkey VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING', ...values);
      return added > 0 ? 'added' : 'known';
    });
  }

  async usePasskey(
    id: string,
    { seen, counter, now }: { readonly seen: number; readonly counter: number; readonly now: number },
  ): Promise<boolean> {
    const sql = 'UPDATE passkey SET counter = ?, used_at = ? WHERE id = ? AND counter = ?';
    return (await this.sql.run(sql, counter, now, id, seen)) > 0;
  }

  async renamePasskey(user: string, id: string, name: string): Promise<boolean> {
    return (await this.sql.run('UPDATE passkey SET name = ? WHERE "user" = ? AND id = ?', name, user, id)) > 0;
  }

  async removePasskey(user: string, id: string): Promise<boolean> {
    return (await this.sql.run('DELETE FROM passkey WHERE "user" = ? AND id = ?', user, id)) > 0;
  }

  async removePasskeys(user: string): Promise<number> {
    return this.sql.run('DELETE FROM passkey WHERE "user" = ?', user);
  }

  async requests(now: number): Promise<AccessRequest[]> {
    const sql = 'SELECT * FROM request WHERE expires_at > ? ORDER BY asked_at, "user", kind';
    return (await this.sql.rows(sql, now)).map(requestOf);
  }

  async putRequest({ user, kind, rights, by, askedAt, expiresAt }: AccessRequest): Promise<void> {
    await this.sql.transaction(function* () {
      yield* run('DELETE FROM request WHERE expires_at <= ? OR ("user" = ? AND kind = ?)', askedAt, user, kind);
      const values = [user, kind, JSON.stringify(rights), by, askedAt, expiresAt];
      yield* run('INSERT INTO request VALUES (?, ?, ?, ?, ?, ?)', ...values);
    });
  }

  async takeRequest(user: string, kind: AccessRequest['kind']): Promise<boolean> {
    return (await this.sql.run('DELETE FROM request WHERE "user" = ? AND kind = ?', user, kind)) > 0;
  }

  async markUsed(id: string, now: number): Promise<void> {
    await this.sql.run('UPDATE token SET used_at = ? WHERE id = ?', now, id);
  }

  async removeToken(user: string, id: string): Promise<ApiToken | undefined> {
    const removed = await this.sql.rows('DELETE FROM token WHERE "user" = ? AND id = ? RETURNING *', user, id);
    return removed.map(tokenOf)[0];
  }

  async removeTokens(user: string): Promise<readonly ApiToken[]> {
    return (await this.sql.rows('DELETE FROM token WHERE "user" = ? RETURNING *', user)).map(tokenOf);
  }
}

function* users(): Steps<StoredUser[]> {
  return (yield* rows('SELECT * FROM "user" ORDER BY name')).map(userOf);
}

function* userOfName(name: string): Steps<StoredUser | undefined> {
  return (yield* rows('SELECT * FROM "user" WHERE name = ?', name)).map(userOf)[0];
}

const put = (user: StoredUser): Steps<number> =>
  run(
    `${PUT} DO UPDATE SET hash = excluded.hash, roles = excluded.roles, areas = excluded.areas,
       must_change = excluded.must_change, disabled = excluded.disabled`,
    ...columnsOf(user),
  );

function* isLastAdmin(name: string): Steps<boolean> {
  const admins = (yield* users()).filter(({ roles, disabled }) => roles.includes('admin') && !disabled);
  return admins.length === 1 && admins[0]!.name === name;
}

function* failuresOf(name: string, sources: readonly string[]): Steps<(Failures | undefined)[]> {
  const found: (Failures | undefined)[] = [];
  for (const source of sources) {
    const row = yield* first('SELECT count, last_at FROM failure WHERE name = ? AND source = ?', name, source);
    found.push(row === undefined ? undefined : { count: Number(row['count']), lastAt: Number(row['last_at']) });
  }
  return found;
}

function* clearFailures(name: string, sources: readonly string[]): Steps<void> {
  for (const source of sources) yield* run('DELETE FROM failure WHERE name = ? AND source = ?', name, source);
}

function* dropInvented(): Steps<void> {
  const over = Number((yield* first('SELECT count(*) AS n FROM failure'))!['n']) - MOST_FAILURES;
  if (over <= 0) return;
  yield* run(
    `DELETE FROM failure WHERE (name, source) IN
       (SELECT name, source FROM failure WHERE name NOT IN (SELECT name FROM "user") ORDER BY last_at LIMIT ?)`,
    over,
  );
}

const clearAllFailures = (name: string): Steps<number> => run('DELETE FROM failure WHERE name = ?', name);

function* noteDevice(hash: string, user: string, now: number): Steps<void> {
  yield* run(
    'INSERT INTO device VALUES (?, ?, ?) ON CONFLICT (hash, "user") DO UPDATE SET used_at = excluded.used_at',
    hash,
    user,
    now,
  );
  yield* run(
    `DELETE FROM device WHERE "user" = ? AND hash NOT IN
       (SELECT hash FROM device WHERE "user" = ? ORDER BY used_at DESC, hash LIMIT ${MOST_DEVICES})`,
    user,
    user,
  );
}

function* begin({ hash, user, expiresAt, activeAt }: StoredSession, now: number): Steps<void> {
  yield* run('DELETE FROM session WHERE expires_at < ?', now);
  yield* run(
    `INSERT INTO session (hash, "user", expires_at, active_at) VALUES (?, ?, ?, ?)
       ON CONFLICT (hash) DO UPDATE SET active_at = excluded.active_at`,
    hash,
    user,
    expiresAt,
    activeAt,
  );
}

/** Ends all sessions and tokens of a person. */
function* endAccess(user: string): Steps<void> {
  yield* run('DELETE FROM session WHERE "user" = ?', user);
  yield* run('DELETE FROM token WHERE "user" = ?', user);
}
