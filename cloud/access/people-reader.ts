import { createHash } from 'node:crypto';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import type { Caller } from './caller.ts';
import type { Accounts, ApiToken, Presence, Session, StoredToken, User } from './people-store.ts';
import { rightsOf, type Role } from './roles.ts';

export interface PeopleReaderOptions {
  /** Current accounts; a new object after each change. */
  readonly accounts: () => Accounts;
  readonly presence: () => Presence;
  readonly requestsPerSecond: number;
  /** People with one of these roles have no rights until they have a passkey. Absent: not required. */
  readonly passkeyRoles?: readonly Role[];
  /** A session is locked after this long without activity; 0 or absent: only by hand. */
  readonly lockAfterMs?: number;
  /** Machine time, ms UTC. */
  readonly now: () => number;
  /** A token's use is due to be stored. Not called for every use, because a write waits for the disk. */
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

/** People and their current rights, from memory, so that an act is authorised in its own turn. */
export class PeopleReader {
  readonly #options: PeopleReaderOptions;
  #known = directoryOf(NOBODY);
  /** When each token's use was last sent to the store, which may lag. */
  readonly #askedAt = new Map<string, number>();

  constructor(options: PeopleReaderOptions) {
    this.#options = options;
  }

  /** The person who holds a session; undefined if it has ended. */
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

  /** Whether the holder of a session has to sign in again before acting. */
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
    // A time in the future was noted before the clock was set back.
    return activeAt === 0 || (lockAfterMs > 0 && Math.abs(now() - activeAt) >= lockAfterMs);
  }

  /** A token has its own scopes, limited to those its owner still has. */
  callerOfToken(secret: string): Caller | undefined {
    const { now, noteUse } = this.#options;
    const hash = hashed(secret);
    const token = this.#directory.tokens.get(hash);
    const caller = this.callerOfTokenHash(hash);
    if (token === undefined || caller === undefined) return undefined;
    const notedAt = this.#askedAt.get(token.id) ?? token.usedAt ?? -Infinity;
    // A use in the future was noted before the clock was set back.
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
   * The current rights behind the name of a person or of their tokens (`name/label`), for work without a request. Tokens with the same
   * label get the intersection of their scopes.
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

  /** People with an active session. */
  signedIn(): string[] {
    const { accounts, now } = this.#options;
    const standing = accounts().sessions.filter(({ expiresAt }) => expiresAt > now());
    return [...new Set(standing.map(({ user }) => user))].toSorted();
  }

  user(name: string): User | undefined {
    return this.#directory.users.get(name);
  }

  /** Whether a person has to register a passkey first. */
  lacksPasskey({ name, roles }: Pick<User, 'name' | 'roles'>): boolean {
    const { passkeyRoles = [], accounts } = this.#options;
    return roles.some((role) => passkeyRoles.includes(role)) && !(accounts().withSecond ?? []).includes(name);
  }

  /** Throws LS-API-004 for an unknown user. */
  tokens(user: string): ApiToken[] {
    this.known(user);
    return this.#tokensOf(user);
  }

  protected session(hash: string): Session | undefined {
    return this.#directory.sessions.get(hash);
  }

  /** Throws LS-API-004 for an unknown user. */
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
