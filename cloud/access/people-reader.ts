import { createHash } from 'node:crypto';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import type { Caller } from './caller.ts';
import type { User } from './people-changes.ts';
import type { ApiToken, PeopleStore } from './people-store.ts';
import { rightsOf } from './roles.ts';

export interface PeopleReaderOptions {
  readonly store: Pick<PeopleStore, 'users' | 'user' | 'session' | 'signedIn' | 'token' | 'tokens'>;
  readonly requestsPerSecond: number;
  /** Machine time, ms UTC. */
  readonly now: () => number;
  /** A token was used and this is to be stored. It is not stored at each use, because a write waits for the disk. */
  readonly noteUse: (id: string) => void;
}

const USE_NOTED_MS = 60_000;

export const hashed = (secret: string): string => createHash('sha256').update(secret).digest('hex');

export const unknownUser = (name: string): LoadstoneError =>
  new LoadstoneError('LS-API-004', `there is no user "${name}"`);

/** People and their present rights, read from the store at each request. */
export class PeopleReader {
  readonly #options: PeopleReaderOptions;
  /** When each token's use was last to be kept: the store may have it later. */
  readonly #askedAt = new Map<string, number>();

  constructor(options: PeopleReaderOptions) {
    this.#options = options;
  }

  /** Who holds a session now; undefined when it has ended. */
  userOf(session: string): User | undefined {
    const { store, now } = this.#options;
    const name = store.session(hashed(session), now());
    const user = name === undefined ? undefined : store.user(name);
    if (user === undefined || user.disabled) return undefined;
    const { hash: _hash, ...shown } = user;
    return shown;
  }

  /** A person sees the whole region, since neighbours matter for safe operation, and acts only in their areas. */
  callerOfSession(session: string): Caller | undefined {
    const user = this.userOf(session);
    return user === undefined ? undefined : this.#caller(user, user.name);
  }

  /** A token has its own scopes, as far as its owner still has them. */
  callerOfToken(secret: string): Caller | undefined {
    const { store, now, noteUse } = this.#options;
    const hash = hashed(secret);
    const token = store.token(hash, now());
    const caller = this.callerOfTokenHash(hash);
    if (token === undefined || caller === undefined) return undefined;
    const notedAt = Math.max(token.usedAt ?? -Infinity, this.#askedAt.get(token.id) ?? -Infinity);
    if (now() - notedAt >= USE_NOTED_MS) {
      this.#askedAt.set(token.id, now());
      noteUse(token.id);
    }
    return caller;
  }

  callerOfTokenHash(hash: string): Caller | undefined {
    const { store, now } = this.#options;
    const token = store.token(hash, now());
    const user = token === undefined ? undefined : store.user(token.user);
    if (token === undefined || user === undefined || user.disabled) return undefined;
    const caller = this.#caller(user, `${user.name}/${token.label}`);
    return { ...caller, scopes: caller.scopes.filter((scope) => token.scopes.includes(scope)) };
  }

  /**
   * Who has a name now, of a person or of their tokens (`name/label`): for what goes on while nobody asks. Of tokens with one label,
   * what all of them allow.
   */
  callerNamed(name: string): Caller | undefined {
    const { store, now } = this.#options;
    const [person = '', label] = name.split('/');
    const user = store.user(person);
    if (user === undefined || user.disabled) return undefined;
    const caller = this.#caller(user, name);
    if (label === undefined) return caller;
    const tokens = store.tokens(person).filter((each) => each.label === label && each.expiresAt > now());
    if (tokens.length === 0) return undefined;
    return { ...caller, scopes: caller.scopes.filter((scope) => tokens.every(({ scopes }) => scopes.includes(scope))) };
  }

  users(): User[] {
    return this.#options.store.users();
  }

  /** Who has a session now. */
  signedIn(): string[] {
    const { store, now } = this.#options;
    return store.signedIn(now()).map(({ user }) => user);
  }

  user(name: string): User | undefined {
    return this.users().find((user) => user.name === name);
  }

  /** LS-API-004 where there is no such user. */
  tokens(user: string): ApiToken[] {
    this.known(user);
    return this.#options.store.tokens(user);
  }

  /** Throws LS-API-004 where there is no such user. */
  protected known(name: string): User & { readonly hash: string } {
    const user = this.#options.store.user(name);
    if (user === undefined) throw unknownUser(name);
    return user;
  }

  #caller({ roles, areas, mustChange }: User, name: string): Caller {
    const { requestsPerSecond } = this.#options;
    return { name, scopes: mustChange ? [] : rightsOf(roles), targets: '*', acts: areas, requestsPerSecond };
  }
}
