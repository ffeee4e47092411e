import { createHash } from 'node:crypto';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import type { Caller } from './caller.ts';
import type { Accounts, ApiToken, Presence, Session, StoredToken, User } from './people-store.ts';
import { rightsOf, type Role } from './roles.ts';

export interface PeopleReaderOptions {
  /** What is in force now; another object once it changed. */
  readonly accounts: () => Accounts;
  readonly presence: () => Presence;
  readonly requestsPerSecond: number;
  /** Whoever has one of these roles may do nothing before they have a passkey. Absent: nobody has to. */
  readonly passkeyRoles?: readonly Role[];
  /** A session whose holder was not there for so long is locked; 0, or absent: only by hand. */
  readonly lockAfterMs?: number;
  /** Machine time, ms UTC. */
  readonly now: () => number;
  /** A token was used and this is to be stored. It is not stored at each use, because a write waits for the disk. */
  readonly noteUse: (id: string) => void;
}

interface Directory {
  readonly of: Accounts;
  readonly users: ReadonlyMap<string, User>;
  readonly sessions: ReadonlyMap<string, Session>;
  readonly tokens: ReadonlyMap<string, StoredToken>;
}

const USE_NOTED_MS = 60_000;

export const NOBODY: Accounts = { users: [], sessions: [], tokens: [], withPasskey: [] };

export const hashed = (secret: string): string => createHash('sha256').update(secret).digest('hex');

export const unknownUser = (name: string): LoadstoneError =>
  new LoadstoneError('LS-API-004', `there is no user "${name}"`);

const directoryOf = (of: Accounts): Directory => ({
  of,
  users: new Map(of.users.map((user) => [user.name, user])),
  sessions: new Map(of.sessions.map((session) => [session.hash, session])),
  tokens: new Map(of.tokens.map((token) => [token.hash, token])),
});

/** People and their present rights, from memory: who acts is looked at in the turn of the act. */
export class PeopleReader {
  readonly #options: PeopleReaderOptions;
  #known = directoryOf(NOBODY);
  /** When each token's use was last to be kept: the store may have it later. */
  readonly #askedAt = new Map<string, number>();

  constructor(options: PeopleReaderOptions) {
    this.#options = options;
  }

  /** Who holds a session now; undefined when it has ended. */
  userOf(session: string): User | undefined {
    return this.#holder(this.session(hashed(session)));
  }

  /** A person sees the whole region, since neighbours matter for safe operation, and acts only in their areas. */
  callerOfSession(session: string): Caller | undefined {
    const hash = hashed(session);
    const user = this.#holder(this.session(hash));
    if (user === undefined) return undefined;
    const caller = this.#caller(user, user.name);
    return this.#isLocked(hash) ? { ...caller, isLocked: true } : caller;
  }

  /** Whether whoever has a session has to sign in again before they act. */
  isLocked(session: string): boolean {
    return this.#isLocked(hashed(session));
  }

  #holder(session: Session | undefined): User | undefined {
    const isOver = session === undefined || session.expiresAt <= this.#options.now();
    const user = isOver ? undefined : this.user(session.user);
    return user?.disabled === false ? user : undefined;
  }

  #isLocked(hash: string): boolean {
    const { lockAfterMs = 0, now, presence } = this.#options;
    const activeAt = presence()[hash] ?? 0;
    // A time that lies ahead was noted by a clock that has been set back.
    return activeAt === 0 || (lockAfterMs > 0 && Math.abs(now() - activeAt) >= lockAfterMs);
  }

  /** A token has its own scopes, as far as its owner still has them. */
  callerOfToken(secret: string): Caller | undefined {
    const { now, noteUse } = this.#options;
    const hash = hashed(secret);
    const token = this.#directory.tokens.get(hash);
    const caller = this.callerOfTokenHash(hash);
    if (token === undefined || caller === undefined) return undefined;
    const notedAt = this.#askedAt.get(token.id) ?? token.usedAt ?? -Infinity;
    // A use that lies ahead was noted by a clock that has been set back.
    if (Math.abs(now() - notedAt) >= USE_NOTED_MS) {
      this.#askedAt.set(token.id, now());
      noteUse(token.id);
    }
    return caller;
  }

  callerOfTokenHash(hash: string): Caller | undefined {
    const token = this.#directory.tokens.get(hash);
    const user = token === undefined || token.expiresAt <= this.#options.now() ? undefined : this.user(token.user);
    if (token === undefined || user === undefined || user.disabled) return undefined;
    const caller = this.#caller(user, `${user.name}/${token.label}`);
    return { ...caller, scopes: caller.scopes.filter((scope) => token.scopes.includes(scope)) };
  }

  /**
   * Who has a name now, of a person or of their tokens (`name/label`): for what goes on while nobody asks. Of tokens with one label,
   * what all of them allow.
   */
  callerNamed(name: string): Caller | undefined {
    const { now } = this.#options;
    const [person = '', label] = name.split('/');
    const user = this.user(person);
    if (user === undefined || user.disabled) return undefined;
    const caller = this.#caller(user, name);
    if (label === undefined) return caller;
    const tokens = this.#tokensOf(person).filter((each) => each.label === label && each.expiresAt > now());
    if (tokens.length === 0) return undefined;
    return { ...caller, scopes: caller.scopes.filter((scope) => tokens.every(({ scopes }) => scopes.includes(scope))) };
  }

  users(): readonly User[] {
    return this.#options.accounts().users;
  }

  /** Who has a session now. */
  signedIn(): string[] {
    const { accounts, now } = this.#options;
    const standing = accounts().sessions.filter(({ expiresAt }) => expiresAt > now());
    return [...new Set(standing.map(({ user }) => user))].toSorted();
  }

  user(name: string): User | undefined {
    return this.#directory.users.get(name);
  }

  /** Whether somebody has to make a passkey first. */
  lacksPasskey({ name, roles }: Pick<User, 'name' | 'roles'>): boolean {
    const { passkeyRoles = [], accounts } = this.#options;
    return roles.some((role) => passkeyRoles.includes(role)) && !(accounts().withSecond ?? []).includes(name);
  }

  /** LS-API-004 where there is no such user. */
  tokens(user: string): ApiToken[] {
    this.known(user);
    return this.#tokensOf(user);
  }

  protected session(hash: string): Session | undefined {
    return this.#directory.sessions.get(hash);
  }

  /** Throws LS-API-004 where there is no such user. */
  protected known(name: string): User {
    const user = this.user(name);
    if (user === undefined) throw unknownUser(name);
    return user;
  }

  #tokensOf(user: string): ApiToken[] {
    return this.#options.accounts().tokens.flatMap(({ hash: _hash, ...token }) => (token.user === user ? [token] : []));
  }

  get #directory(): Directory {
    const accounts = this.#options.accounts();
    if (accounts !== this.#known.of) this.#known = directoryOf(accounts);
    return this.#known;
  }

  #caller(user: User, name: string): Caller {
    const { requestsPerSecond } = this.#options;
    const { roles, areas, mustChange } = user;
    const mayNothing = mustChange || this.lacksPasskey(user);
    return { name, scopes: mayNothing ? [] : rightsOf(roles), targets: '*', acts: areas, requestsPerSecond };
  }
}
