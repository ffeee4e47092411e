import type { SQLInputValue } from 'node:sqlite';
import type { Scope } from './caller.ts';
import type { Where } from '../telemetry/database.ts';
import { SqliteFile } from '../telemetry/sqlite-file.ts';
import { transaction } from '../telemetry/sqlite.ts';
import type { Areas, PeopleChanges, Rights, User } from './people-changes.ts';
import type { Role } from './roles.ts';

const migrations = [
  `CREATE TABLE user (
     name TEXT PRIMARY KEY, hash TEXT NOT NULL, roles TEXT NOT NULL, areas TEXT NOT NULL,
     must_change INTEGER NOT NULL, disabled INTEGER NOT NULL
   ) WITHOUT ROWID;
   CREATE TABLE failure (name TEXT PRIMARY KEY, count INTEGER NOT NULL, last_at INTEGER NOT NULL) WITHOUT ROWID;
   CREATE TABLE session (hash TEXT PRIMARY KEY, user TEXT NOT NULL, expires_at INTEGER NOT NULL) WITHOUT ROWID;
   CREATE TABLE token (
     id TEXT PRIMARY KEY, hash TEXT NOT NULL UNIQUE, user TEXT NOT NULL, label TEXT NOT NULL,
     scopes TEXT NOT NULL, expires_at INTEGER NOT NULL
   ) WITHOUT ROWID`,
  'ALTER TABLE session ADD COLUMN sealed BLOB',
  'ALTER TABLE token ADD COLUMN created_at INTEGER; ALTER TABLE token ADD COLUMN used_at INTEGER',
];

export interface ApiToken {
  readonly id: string;
  readonly user: string;
  readonly label: string;
  readonly scopes: readonly Scope[];
  /** Times are ms UTC of machine time. Null: it was made before this was kept. */
  readonly createdAt: number | null;
  /** To the minute; null: never. */
  readonly usedAt: number | null;
  readonly expiresAt: number;
}

type Row = Readonly<Record<string, unknown>>;

const userOf = (row: Row): User & { readonly hash: string } => ({
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

/**
 * People, their sessions and tokens. Passwords, sessions and tokens are hashes, and session data is sealed: the file alone opens nothing.
 */
export class PeopleStore extends SqliteFile implements PeopleChanges {
  /** `at`: a file of its own, `:memory:`, or a file that it shares. */
  constructor(at: Where) {
    super({ at, name: 'people', migrations, what: 'the store of people' });
  }

  users(): User[] {
    return this.#all('SELECT * FROM user ORDER BY name').map((row) => {
      const { hash: _hash, ...user } = userOf(row);
      return user;
    });
  }

  user(name: string): (User & { readonly hash: string }) | undefined {
    const row = this.#all('SELECT * FROM user WHERE name = ?', name)[0];
    return row === undefined ? undefined : userOf(row);
  }

  put({ name, hash, roles, areas, mustChange, disabled }: User & { readonly hash: string }): void {
    this.#run(
      'INSERT OR REPLACE INTO user (name, hash, roles, areas, must_change, disabled) VALUES (?, ?, ?, ?, ?, ?)',
      name,
      hash,
      JSON.stringify(roles),
      JSON.stringify(areas),
      Number(mustChange),
      Number(disabled),
    );
  }

  async make(user: User & { readonly hash: string }): Promise<'made' | 'known'> {
    const { name, hash, roles, areas, mustChange, disabled } = user;
    const made = this.#run(
      `INSERT INTO user (name, hash, roles, areas, must_change, disabled) VALUES (?, ?, ?, ?, ?, ?)
         ON CONFLICT (name) DO NOTHING`,
      name,
      hash,
      JSON.stringify(roles),
      JSON.stringify(areas),
      Number(mustChange),
      Number(disabled),
    );
    return made > 0 ? 'made' : 'known';
  }

  async change({ name, roles, areas, disabled }: Rights): Promise<'changed' | 'unknown' | 'last admin'> {
    return transaction(this.db, () => {
      const known = this.user(name);
      if (known === undefined) return 'unknown';
      if (!(roles.includes('admin') && !disabled) && this.#isLastAdmin(name)) return 'last admin';
      this.#run(
        'UPDATE user SET roles = ?, areas = ?, disabled = ? WHERE name = ?',
        JSON.stringify(roles),
        JSON.stringify(areas),
        Number(disabled),
        name,
      );
      if (disabled || known.disabled) this.endAccess(name);
      return 'changed';
    });
  }

  async remove(name: string): Promise<'removed' | 'unknown' | 'last admin'> {
    return transaction(this.db, () => {
      if (this.user(name) === undefined) return 'unknown';
      if (this.#isLastAdmin(name)) return 'last admin';
      this.endAccess(name);
      this.#run('DELETE FROM user WHERE name = ?', name);
      return 'removed';
    });
  }

  #isLastAdmin(name: string): boolean {
    const admins = this.users().filter(({ roles, disabled }) => roles.includes('admin') && !disabled);
    return admins.length === 1 && admins[0]!.name === name;
  }

  failures(name: string): { readonly count: number; readonly lastAt: number } | undefined {
    const row = this.#all('SELECT count, last_at FROM failure WHERE name = ?', name)[0];
    return row === undefined ? undefined : { count: Number(row['count']), lastAt: Number(row['last_at']) };
  }

  countFailure(name: string, now: number, forgetBefore: number): void {
    this.#run('DELETE FROM failure WHERE last_at < ?', forgetBefore);
    this.#run(
      'INSERT INTO failure VALUES (?, 1, ?) ON CONFLICT (name) DO UPDATE SET count = count + 1, last_at = excluded.last_at',
      name,
      now,
    );
  }

  clearFailures(name: string): void {
    this.#run('DELETE FROM failure WHERE name = ?', name);
  }

  putSession(
    hash: string,
    user: string,
    { now, expiresAt }: { readonly now: number; readonly expiresAt: number },
  ): void {
    this.#run('DELETE FROM session WHERE expires_at < ?', now);
    this.#run('INSERT INTO session (hash, user, expires_at) VALUES (?, ?, ?)', hash, user, expiresAt);
  }

  session(hash: string, now: number): string | undefined {
    const row = this.#all('SELECT user FROM session WHERE hash = ? AND expires_at > ?', hash, now)[0];
    return row === undefined ? undefined : String(row['user']);
  }

  /** Keeps bytes as long as a session lasts. */
  putSealed(hash: string, sealed: Uint8Array): void {
    this.#run('UPDATE session SET sealed = ? WHERE hash = ?', sealed, hash);
  }

  sealed(hash: string, now: number): Uint8Array | undefined {
    const row = this.#all('SELECT sealed FROM session WHERE hash = ? AND expires_at > ?', hash, now)[0];
    return (row?.['sealed'] as Uint8Array | null | undefined) ?? undefined;
  }

  /** Those who have a session, and until when. */
  signedIn(now: number): { readonly user: string; readonly until: number }[] {
    return this.#all(
      'SELECT user, max(expires_at) AS until FROM session WHERE expires_at > ? GROUP BY user ORDER BY user',
      now,
    ).map((row) => ({ user: String(row['user']), until: Number(row['until']) }));
  }

  endSession(hash: string): void {
    this.#run('DELETE FROM session WHERE hash = ?', hash);
  }

  /** Ends all sessions and tokens of a person. */
  endAccess(user: string): void {
    this.#run('DELETE FROM session WHERE user = ?', user);
    this.#run('DELETE FROM token WHERE user = ?', user);
  }

  putToken({ id, user, label, scopes, createdAt, expiresAt }: ApiToken, hash: string): void {
    this.#run(
      'INSERT INTO token (id, hash, user, label, scopes, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
      id,
      hash,
      user,
      label,
      JSON.stringify(scopes),
      createdAt,
      expiresAt,
    );
  }

  markUsed(id: string, now: number): void {
    this.#run('UPDATE token SET used_at = ? WHERE id = ?', now, id);
  }

  tokens(user: string): ApiToken[] {
    return this.#all('SELECT * FROM token WHERE user = ? ORDER BY label, id', user).map(tokenOf);
  }

  token(hash: string, now: number): ApiToken | undefined {
    const row = this.#all('SELECT * FROM token WHERE hash = ? AND expires_at > ?', hash, now)[0];
    return row === undefined ? undefined : tokenOf(row);
  }

  removeToken(id: string): void {
    this.#run('DELETE FROM token WHERE id = ?', id);
  }

  #all(sql: string, ...values: SQLInputValue[]): Row[] {
    return this.prepared(sql).all(...values);
  }

  #run(sql: string, ...values: SQLInputValue[]): number {
    return Number(this.prepared(sql).run(...values).changes);
  }
}
