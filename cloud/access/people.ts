import { createHmac, randomBytes } from 'node:crypto';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import type { Scope } from './caller.ts';
import { backOff } from '../../shared/time/back-off.ts';
import { type Passwords, randomPassword } from './passwords.ts';
import type { Areas, Rights, User } from './people-changes.ts';
import { hashed, PeopleReader, unknownUser } from './people-reader.ts';
import type { ApiToken, PeopleStore } from './people-store.ts';
import { rightsOf, type Role } from './roles.ts';
import { openedWith, sealedWith } from './sealed.ts';
import type { StillMay } from './warrant.ts';

export interface PeopleOptions {
  readonly store: PeopleStore;
  readonly passwords: Passwords;
  readonly requestsPerSecond: number;
  /** Machine time, ms UTC. */
  readonly now: () => number;
}

/** A shift. */
const SESSION_MS = 12 * 3_600_000;
const FREE_FAILURES = 5;
const LOCK_MS = [30_000, 15 * 60_000] as const;
const FORGET_FAILURES_MS = 24 * 3_600_000;
const LEAST_PASSWORD = 12;
const MOST_TOKENS = 50;

const newSecret = (): string => randomBytes(32).toString('base64url');

/** How the hash of one begins who signs in elsewhere: no password opens it. */
const EXTERNAL = 'external ';
const passwordOf = (user: { readonly hash: string } | undefined): string | undefined =>
  user?.hash.startsWith(EXTERNAL) === true ? undefined : user?.hash;

/** The value that a page sends beside its session's cookie; it follows from the session, so nothing of it is kept. */
export const csrfOf = (session: string): string => createHmac('sha256', session).update('csrf').digest('base64url');

const lastAdmin = (name: string): LoadstoneError =>
  new LoadstoneError('LS-API-005', `${name} is the last admin; make another one first`);

/** Signs people in, knows their rights and announces changes. */
export class People extends PeopleReader {
  readonly #options: PeopleOptions;
  readonly #listeners = new Set<() => void>();
  /** Who is signed in, as the store said behind the last change. */
  #sessions: ReturnType<PeopleStore['signedIn']> | undefined;

  constructor(options: PeopleOptions) {
    super({ ...options, noteUse: (id) => this.noteUse(id) });
    this.#options = options;
  }

  /** Calls back when somebody's rights, session or token change or end. Returns the unsubscribe function. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** From memory: nobody else writes sessions while this process runs. */
  override signedIn(): string[] {
    const { store, now } = this.#options;
    this.#sessions ??= store.signedIn(now());
    return this.#sessions.filter(({ until }) => until > now()).map(({ user }) => user);
  }

  /**
   * Returns the secret of a new session. LS-API-002 for a wrong name or password alike. LS-API-008 after the fifth failure in a row, with
   * the wait: 30 s, doubled after each further failure up to 15 min, whether the user exists or not.
   */
  async signIn(name: string, password: string): Promise<string> {
    const { store, passwords } = this.#options;
    const now = this.#options.now();
    const waitMs = this.#lockedUntil(name) - now;
    if (waitMs > 0)
      throw new LoadstoneError('LS-API-008', `too many wrong passwords; wait ${Math.ceil(waitMs / 1000)} s`);
    // Counted before it is checked, so that parallel guesses count too.
    store.countFailure(name, now, now - FORGET_FAILURES_MS);
    const known = store.user(name);
    const right = await passwords.check(password, passwordOf(known));
    // Read anew: a password may have changed, or its owner been locked, while it was checked.
    const user = store.user(name);
    if (!right || user === undefined || user.disabled || user.hash !== known?.hash)
      throw new LoadstoneError('LS-API-002', 'name or password is not right');
    store.clearFailures(name);
    const secret = newSecret();
    store.putSession(hashed(secret), name, { now, expiresAt: now + SESSION_MS });
    this.#sessions = undefined;
    return secret;
  }

  /**
   * The secret of a new session for somebody whom another provider knows as `identity`; roles and areas are what it says now.
   * LS-API-003 where the name is somebody else's here, or is locked.
   */
  signInExternal(user: { name: string; roles: readonly Role[]; areas: Areas; identity: string }): string {
    const { store } = this.#options;
    const now = this.#options.now();
    const { name, roles, areas } = user;
    const hash = `${EXTERNAL}${user.identity}`;
    const known = store.user(name);
    if (known !== undefined && known.hash !== hash)
      throw new LoadstoneError('LS-API-003', `the name ${name} is somebody else's here; ask an admin`);
    if (known?.disabled === true) throw new LoadstoneError('LS-API-003', `${name} is locked; ask an admin`);
    store.put({ name, hash, roles, areas, mustChange: false, disabled: false });
    const secret = newSecret();
    store.putSession(hashed(secret), name, { now, expiresAt: now + SESSION_MS });
    this.#changed();
    return secret;
  }

  /** Stores a text with a session, over restarts. Only the bearer of the session can read it. */
  keepBeside(session: string, text: string): void {
    this.#options.store.putSealed(hashed(session), sealedWith(session, text));
  }

  /** The text stored with a session. */
  sessionData(session: string): string | undefined {
    const sealed = this.#options.store.sealed(hashed(session), this.#options.now());
    return sealed === undefined ? undefined : openedWith(session, sealed);
  }

  signOut(session: string): void {
    this.#options.store.endSession(hashed(session));
    this.#changed();
  }

  /** The secret of a new session: every other one ends, and so does each token. */
  async changePassword(
    session: string,
    { current, next }: { readonly current: string; readonly next: string },
  ): Promise<string> {
    const { store, passwords, now } = this.#options;
    const user = this.#holderOf(session);
    if (next.length < LEAST_PASSWORD || next === current || next.includes(user.name))
      throw new LoadstoneError(
        'LS-API-007',
        `a new password has ${LEAST_PASSWORD} characters or more, is not the old one and does not hold the name`,
        '/body/next',
      );
    store.countFailure(user.name, now(), now() - FORGET_FAILURES_MS);
    if (this.#lockedUntil(user.name) > now() || !(await passwords.check(current, passwordOf(user))))
      throw new LoadstoneError('LS-API-003', 'the current password is not right', '/body/current');
    store.clearFailures(user.name);
    const hash = await passwords.hash(next);
    // Read anew: the session may have ended while the hashes were worked out.
    store.put({ ...this.#holderOf(session), hash, mustChange: false });
    store.endAccess(user.name);
    const secret = newSecret();
    store.putSession(hashed(secret), user.name, { now: now(), expiresAt: now() + SESSION_MS });
    this.#changed();
    return secret;
  }

  /** Creates a user with a one-time password, or changes one. Returns the password for a new one. */
  async putUser(user: Rights, stillMay: StillMay = () => undefined): Promise<string | undefined> {
    const { store, passwords } = this.#options;
    let password: string | undefined;
    // Again where somebody else made or removed the user meanwhile.
    for (;;) {
      const done = await store.change(user);
      if (done === 'last admin') throw lastAdmin(user.name);
      if (done === 'changed') break;
      const once = randomPassword();
      const hash = await passwords.hash(once);
      stillMay();
      const made = await store.make({ ...user, hash, mustChange: true });
      if (made === 'known') continue;
      password = once;
      break;
    }
    this.#changed();
    return password;
  }

  /** A new one-time password; sessions and tokens end. */
  async resetPassword(name: string, stillMay: StillMay = () => undefined): Promise<string> {
    const { store, passwords } = this.#options;
    if (passwordOf(this.known(name)) === undefined)
      throw new LoadstoneError('LS-API-005', `${name} signs in elsewhere and has no password here`);
    const password = randomPassword();
    const hash = await passwords.hash(password);
    stillMay();
    store.put({ ...this.known(name), hash, mustChange: true });
    store.endAccess(name);
    store.clearFailures(name);
    this.#changed();
    return password;
  }

  /** Sets a user that stands by its file, with a password that need not be changed: for the demo. */
  async ensureUser(user: Omit<User, 'mustChange' | 'disabled'>, password: string): Promise<void> {
    const { store, passwords } = this.#options;
    const hash = await passwords.hash(password);
    store.put({ ...user, hash, mustChange: false, disabled: false });
  }

  async removeUser(name: string): Promise<void> {
    const done = await this.#options.store.remove(name);
    if (done === 'unknown') throw unknownUser(name);
    if (done === 'last admin') throw lastAdmin(name);
    this.#changed();
  }

  /** Returns the token's secret, which is shown once. Throws LS-API-003 for a scope that the user lacks. */
  makeToken(
    { name }: Pick<User, 'name'>,
    wish: { label: string; scopes: readonly Scope[]; days: number },
  ): ApiToken & { secret: string } {
    const { store, now } = this.#options;
    const { roles, mustChange } = this.known(name);
    if (mustChange) throw new LoadstoneError('LS-API-003', 'change your password first');
    const rights = rightsOf(roles);
    const lacking = wish.scopes.find((scope) => !rights.includes(scope));
    if (lacking !== undefined)
      throw new LoadstoneError('LS-API-003', `you do not hold ${lacking} yourself`, '/body/scopes');
    if (store.tokens(name).length >= MOST_TOKENS)
      throw new LoadstoneError('LS-API-005', `you hold ${MOST_TOKENS} tokens already; remove one first`);
    const secret = newSecret();
    const id = randomBytes(9).toString('base64url');
    const createdAt = now();
    const expiresAt = createdAt + wish.days * 24 * 3_600_000;
    const token = { id, user: name, label: wish.label, scopes: wish.scopes, createdAt, usedAt: null, expiresAt };
    store.putToken(token, hashed(secret));
    return { ...token, secret };
  }

  /** Returns the token that ended. LS-API-004 where the user holds no such one. */
  removeToken(user: string, id: string): ApiToken {
    const token = this.tokens(user).find((each) => each.id === id);
    if (token === undefined) throw new LoadstoneError('LS-API-004', `${user} holds no token "${id}"`);
    this.#options.store.removeToken(id);
    this.#changed();
    return token;
  }

  /** Returns the tokens that ended. */
  removeTokens(user: string): ApiToken[] {
    const tokens = this.tokens(user);
    for (const { id } of tokens) this.#options.store.removeToken(id);
    this.#changed();
    return tokens;
  }

  /** Keeps when a token was used last. */
  noteUse(id: string): void {
    const { store, now } = this.#options;
    try {
      store.markUsed(id, now());
    } catch {
      // A full disk must not lock out readers.
    }
  }

  #holderOf(session: string): User & { readonly hash: string } {
    const { store, now } = this.#options;
    const name = store.session(hashed(session), now());
    const user = name === undefined ? undefined : store.user(name);
    if (user === undefined) throw new LoadstoneError('LS-API-002', 'the session has ended');
    return user;
  }

  #lockedUntil(name: string): number {
    const failures = this.#options.store.failures(name);
    if (failures === undefined || failures.count < FREE_FAILURES) return 0;
    return failures.lastAt + backOff(LOCK_MS, failures.count - FREE_FAILURES + 1);
  }

  #changed(): void {
    this.#sessions = undefined;
    for (const listener of this.#listeners) listener();
  }
}
