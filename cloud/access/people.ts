import { createHmac, randomBytes } from 'node:crypto';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import type { Scope } from './caller.ts';
import { Turns } from '../../shared/time/turns.ts';
import { Guesses, type From, type Guess } from './guesses.ts';
import { Passkeys, type PasskeyProof } from './passkeys.ts';
import { type Passwords, randomPassword } from './passwords.ts';
import { hashed, NOBODY, PeopleReader, unknownUser } from './people-reader.ts';
import type { Accounts, ApiToken, Areas, PeopleStore, Presence, Rights, StoredSession, User } from './people-store.ts';
import { rightsOf, type Role } from './roles.ts';
import { openedWith, sealedWith } from './sealed.ts';
import { assertApart, raises, SecondAdmin } from './second-admin.ts';
import { lockedSession, type StillMay } from './warrant.ts';

export interface PeopleOptions {
  readonly store: PeopleStore;
  readonly passwords: Passwords;
  /** Why a password is easy to guess and what would be better; `words` are what an attacker tries first. */
  readonly weaknessOf: (password: string, words: readonly string[]) => string | undefined | Promise<string | undefined>;
  /** People with one of these roles have no rights until they have a passkey. Absent: not required. */
  readonly passkeyRoles?: readonly Role[];
  /**
   * True: creating a person, raising rights, and resetting the password of anybody but a reader take two admins. False beside a simulated
   * plant.
   */
  readonly takesTwo: boolean;
  readonly requestsPerSecond: number;
  /** A session is locked after this long without activity, until its holder signs in again; 0 or absent: only by hand. */
  readonly lockAfterMs?: number;
  /** Machine time, ms UTC. */
  readonly now: () => number;
}

/** Result of an act on a person. */
export interface Given {
  /** Undefined: the user has a password already. */
  readonly oneTimePassword: string | undefined;
  /** The admin who requested it first, if it took two. */
  readonly requester: string | undefined;
}

/** Source of a sign-in, and the browser's proof beside the password. */
export interface SignInFrom extends From {
  readonly proof?: PasskeyProof;
  /** The browser's current session. A locked one of the same person is unlocked, so that all its windows continue; any other ends. */
  readonly before?: string | undefined;
}

/** Length of a shift. */
const SESSION_MS = 12 * 3_600_000;
/** Activity is stored at most this often, because a write waits for the disk. */
const ACTIVE_NOTED_MS = 20_000;
const LEAST_PASSWORD = 12;
const MOST_TOKENS = 50;

export const newSecret = (): string => randomBytes(32).toString('base64url');

/** Prefix of the hash of a person who signs in at a provider; no password matches it. */
const EXTERNAL = 'external ';
const isExternal = (hash: string | undefined): boolean => hash?.startsWith(EXTERNAL) === true;

/** The value that a page sends beside its session cookie. Derived from the session, so it is not stored. */
export const csrfOf = (session: string): string => createHmac('sha256', session).update('csrf').digest('base64url');

const sessionEnded = (): LoadstoneError => new LoadstoneError('LS-API-002', 'the session has ended');

const wrongPassword = (): LoadstoneError => new LoadstoneError('LS-API-002', 'name or password is wrong');

const lastAdmin = (name: string): LoadstoneError =>
  new LoadstoneError('LS-API-005', `${name} is the last admin; make another user an admin first`);

/**
 * Signs people in, knows their rights and announces changes. Everything that an act checks is in memory, because no other process writes
 * people while this one runs. A change is in force once its promise resolves.
 */
export class People extends PeopleReader {
  readonly #options: PeopleOptions;
  readonly #listeners = new Set<() => void>();
  readonly #turns = new Turns();
  /** Serialises acts on people, so that each sees the result of the previous one. */
  readonly #acts = new Turns();
  #accounts: Accounts = NOBODY;
  #presence: Presence = {};
  #hashes: ReadonlyMap<string, string> = new Map();
  #isRead = false;
  readonly #guesses: Guesses;

  readonly passkeys: Passkeys;
  /** Requests that wait for a second admin. */
  readonly second: SecondAdmin;

  constructor(options: PeopleOptions) {
    super({
      ...options,
      accounts: () => this.#accounts,
      presence: () => this.#presence,
      noteUse: (id) => void this.noteUse(id),
    });
    this.#options = options;
    this.#guesses = new Guesses(options);
    this.passkeys = new Passkeys({
      ...options,
      holder: (session) => this.#ownerOf(session),
      check: async (name, password, from) => void (await this.#checked(name, password, from)),
      checkAgain: (name, password) => this.#checkedAgain(name, password),
      changed: () => this.#changed(),
    });
    this.second = new SecondAdmin({ ...options, callerNamed: (name) => this.callerNamed(name) });
  }

  /** All people as of the last change, without password hashes. */
  get accounts(): Accounts {
    return this.#accounts;
  }

  /** Last activity of each session, by its hash; 0: locked by hand. */
  get presence(): Presence {
    return this.#presence;
  }

  /** Calls back when a person's rights, sessions or tokens change or end. Returns the unsubscribe function. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Loads the store, which must be open. */
  start(): Promise<void> {
    return this.#load();
  }

  /**
   * Returns the secret of a new session, or of the previous one if that was locked. LS-API-002: wrong name or password, indistinguishably.
   * LS-API-008 after the fifth consecutive failure from one address or known browser, with the wait: 30 s, doubled per further failure up
   * to 15 min, whether or not the user exists.
   */
  async signIn(name: string, password: string, { proof, before, ...from }: SignInFrom = {}): Promise<string> {
    const { store, now } = this.#options;
    const { hash, forgets } = await this.#checked(name, password, from);
    const { secret, session } = this.#newSession(name);
    if (this.#accounts.withPasskey.includes(name)) {
      if (proof === undefined) throw new LoadstoneError('LS-API-015', 'your account has a passkey: it is needed too');
      await this.passkeys.prove(name, proof.response, proof.origin);
    }
    if (before !== undefined && this.#mayOpen(before, name)) {
      await store.clearFailures(name, forgets);
      await this.#turns.take(async () => {
        const activeAt = now();
        await store.markActive(hashed(before), activeAt);
        this.#setActive(hashed(before), activeAt);
      });
      return before;
    }
    const device = from.device === undefined ? undefined : hashed(from.device);
    if (!(await store.openSession(session, hash, { now: now(), forgets, device }))) throw wrongPassword();
    await this.#load();
    await this.#endReplaced(before, secret);
    return secret;
  }

  /** Whether a session belongs to this person and is locked: signing in then unlocks it instead of starting a new one. */
  #mayOpen(session: string, name: string): boolean {
    return this.userOf(session)?.name === name && this.isLocked(session);
  }

  /** The hash of a user's password, if the given password is right. */
  async #checked(name: string, password: string, from: From): Promise<Guess & { readonly hash: string }> {
    if (!this.#isRead) await this.#changed();
    const guess = await this.#guesses.count(name, from);
    const hash = this.#hashes.get(name);
    const isRight = await this.#isRight(password, hash, guess.stranger);
    if (!isRight || hash === undefined || this.user(name)?.disabled !== false) throw wrongPassword();
    return { ...guess, hash };
  }

  /** A signed-in person enters the password again. */
  async #checkedAgain(name: string, password: string): Promise<void> {
    await this.#guesses.countSignedIn(name);
    if (!(await this.#isRight(password, this.#hashes.get(name)))) throw wrongPassword();
    await this.#guesses.forgetSignedIn(name);
  }

  #isRight(password: string, hash: string | undefined, stranger?: string): Promise<boolean> {
    return this.#options.passwords.check(password, isExternal(hash) ? undefined : hash, stranger);
  }

  #ownerOf(session: string): string {
    const user = this.userOf(session);
    if (user === undefined) throw sessionEnded();
    if (user.mustChange) throw new LoadstoneError('LS-API-003', 'change your password first');
    return user.name;
  }

  /**
   * Like `signIn`, for a person whom a provider knows as `identity`, with the roles and areas it reports. LS-API-003: the name belongs to
   * somebody else here, or is locked.
   */
  signInExternal(user: {
    name: string;
    roles: readonly Role[];
    areas: Areas;
    identity: string;
    before?: string | undefined;
  }): Promise<string> {
    return this.#acts.take(async () => {
      const { store, now } = this.#options;
      const { name, roles, areas, identity, before } = user;
      assertApart(roles, this.user(name)?.roles ?? []);
      const { secret, session } =
        before !== undefined && this.#mayOpen(before, name)
          ? { secret: before, session: { ...this.session(hashed(before))!, activeAt: now() } }
          : this.#newSession(name);
      const entry = { name, hash: `${EXTERNAL}${identity}`, roles, areas, mustChange: false, disabled: false };
      const done = await store.openExternal(entry, session, now());
      if (done === 'other')
        throw new LoadstoneError('LS-API-003', `the name ${name} belongs to somebody else here; ask an admin`);
      if (done === 'locked') throw new LoadstoneError('LS-API-003', `${name} is locked; ask an admin`);
      await this.#turns.take(() => this.#setActive(session.hash, session.activeAt));
      await this.#changed();
      await this.#endReplaced(before, secret);
      return secret;
    });
  }

  /** Ends the session that the browser had before the sign-in, unless it continues. */
  async #endReplaced(before: string | undefined, session: string): Promise<void> {
    if (before !== undefined && before !== session) await this.signOut(before);
  }

  /** Stores a text with a session, across restarts. Only the bearer of the session can read it. */
  keepBeside(session: string, text: string): Promise<void> {
    return this.#options.store.putSealed(hashed(session), sealedWith(session, text));
  }

  /** The text stored with a session. */
  async sessionData(session: string): Promise<string | undefined> {
    const { store, now } = this.#options;
    const sealed = await store.sealed(hashed(session), now());
    return sealed === undefined ? undefined : openedWith(session, sealed);
  }

  /**
   * Records activity in a session, or locks it if false. Serialised, so that a pending activity cannot undo a lock. LS-API-019: it is
   * locked already.
   */
  present(session: string, isThere: boolean): Promise<void> {
    const { store, now } = this.#options;
    const hash = hashed(session);
    return this.#turns.take(async () => {
      if (this.userOf(session) === undefined) throw sessionEnded();
      if (this.isLocked(session)) throw lockedSession();
      const activeAt = isThere ? now() : 0;
      if (isThere && Math.abs(activeAt - (this.#presence[hash] ?? 0)) < ACTIVE_NOTED_MS) return;
      this.#setActive(hash, activeAt);
      const stored = store.markActive(hash, activeAt);
      // A full disk must not lock out an active person. Locking, however, reports that it holds only until a restart.
      await (isThere ? stored.catch(() => undefined) : stored);
    });
  }

  #setActive(hash: string, activeAt: number): void {
    this.#presence = { ...this.#presence, [hash]: activeAt };
  }

  async signOut(session: string): Promise<void> {
    await this.#options.store.endSession(hashed(session));
    await this.#changed();
  }

  /** Returns the secret of a new session. Every other session and every token ends; only the browser `device` stays known. */
  async changePassword(
    session: string,
    { current, next }: { readonly current: string; readonly next: string },
    device?: string,
  ): Promise<string> {
    const { store, passwords, now } = this.#options;
    const name = this.userOf(session)?.name;
    const from = name === undefined ? undefined : this.#hashes.get(name);
    if (name === undefined || from === undefined) throw sessionEnded();
    if (next.length < LEAST_PASSWORD || next === current || next.includes(name))
      throw new LoadstoneError(
        'LS-API-007',
        `a new password must have at least ${LEAST_PASSWORD} characters, differ from the old one and not contain the user name`,
        '/body/next',
      );
    const weakness = await this.#options.weaknessOf(next, ['loadstone', name, ...name.split(/[._-]/)]);
    if (weakness !== undefined)
      throw new LoadstoneError('LS-API-013', `the new password is too easy to guess: ${weakness}`, '/body/next');
    await this.#guesses.countSignedIn(name);
    if (!(await this.#isRight(current, from)))
      throw new LoadstoneError('LS-API-003', 'the current password is wrong', '/body/current');
    const to = await passwords.hash(next);
    const { secret, session: opened } = this.#newSession(name);
    const known = device === undefined ? undefined : hashed(device);
    const change = { from, to, next: opened, now: now(), device: known };
    if (!(await store.changePassword(hashed(session), change))) throw sessionEnded();
    await this.#changed();
    return secret;
  }

  /**
   * Creates a user with a one-time password, or changes one. `by`: the caller over the API, where raising rights takes two; undefined: a
   * person on the machine itself. LS-API-014: roles that exclude each other, unless the user holds them already. LS-DESK-005: it waits for
   * a second admin.
   */
  putUser(user: Rights, by?: string, stillMay: StillMay = () => undefined): Promise<Given> {
    return this.#acts.take(() => this.#put(user, by, stillMay));
  }

  async #put(user: Rights, by: string | undefined, stillMay: StillMay): Promise<Given> {
    const { store, passwords } = this.#options;
    const known = this.user(user.name);
    assertApart(user.roles, known?.roles ?? []);
    const requester = raises(known, user)
      ? await this.second.consented({ user: user.name, kind: 'rights', rights: user }, by)
      : undefined;
    let oneTimePassword: string | undefined;
    // Repeats if another process created or removed the user meanwhile.
    for (;;) {
      stillMay();
      const done = await store.change(user);
      if (done === 'last admin') throw lastAdmin(user.name);
      if (done === 'changed') break;
      if (known !== undefined) {
        // Creating the user again may take a second admin.
        await this.#changed();
        return this.#put(user, by, stillMay);
      }
      const once = randomPassword();
      const hash = await passwords.hash(once);
      stillMay();
      const made = await store.make({ ...user, hash, mustChange: true });
      if (made === 'known') continue;
      oneTimePassword = once;
      break;
    }
    await this.#changed();
    return { oneTimePassword, requester };
  }

  /**
   * Sets a new one-time password; sessions and tokens end. It gives access to all the user's rights, so it takes two admins, like raising
   * rights.
   */
  resetPassword(
    name: string,
    by?: string,
    stillMay: StillMay = () => undefined,
  ): Promise<Given & { oneTimePassword: string }> {
    return this.#acts.take(async () => {
      const { store, passwords } = this.#options;
      const { roles } = this.known(name);
      if (isExternal(this.#hashes.get(name)))
        throw new LoadstoneError('LS-API-005', `${name} signs in through a provider and has no password here`);
      const isReader = rightsOf(roles).every((right) => right === 'planner:read');
      const requester = isReader
        ? undefined
        : await this.second.consented({ user: name, kind: 'password', rights: null }, by);
      const oneTimePassword = randomPassword();
      const hash = await passwords.hash(oneTimePassword);
      stillMay();
      if (!(await store.resetPassword(name, hash))) throw unknownUser(name);
      await this.#changed();
      return { oneTimePassword, requester };
    });
  }

  /** Sets a user from a file, with a password that need not be changed: for the demo. */
  async ensureUser(user: Omit<User, 'mustChange' | 'disabled'>, password: string): Promise<void> {
    const { store, passwords } = this.#options;
    const hash = await passwords.hash(password);
    await store.put({ ...user, hash, mustChange: false, disabled: false });
    await this.#load();
  }

  removeUser(name: string, stillMay: StillMay = () => undefined): Promise<void> {
    return this.#acts.take(async () => {
      stillMay();
      const done = await this.#options.store.remove(name);
      if (done === 'unknown') throw unknownUser(name);
      if (done === 'last admin') throw lastAdmin(name);
      await this.#changed();
    });
  }

  /** Returns the token's secret, which is shown once. Throws LS-API-003 for a scope that the user lacks. */
  async makeToken(
    { name }: Pick<User, 'name'>,
    wish: { label: string; scopes: readonly Scope[]; days: number },
  ): Promise<ApiToken & { secret: string }> {
    const { store, now } = this.#options;
    const user = this.known(name);
    if (user.mustChange) throw new LoadstoneError('LS-API-003', 'change your password first');
    // Otherwise a token made with the password alone would get all rights with the first passkey.
    if (this.lacksPasskey(user)) throw new LoadstoneError('LS-API-003', 'register a passkey first');
    const rights = rightsOf(user.roles);
    const lacking = wish.scopes.find((scope) => !rights.includes(scope));
    if (lacking !== undefined)
      throw new LoadstoneError('LS-API-003', `you do not have the right ${lacking} yourself`, '/body/scopes');
    const secret = newSecret();
    const id = randomBytes(9).toString('base64url');
    const createdAt = now();
    const expiresAt = createdAt + wish.days * 24 * 3_600_000;
    const token = { id, user: name, label: wish.label, scopes: wish.scopes, createdAt, usedAt: null, expiresAt };
    const password = this.#hashes.get(name) ?? '';
    const done = await store.addToken({ ...token, hash: hashed(secret) }, { password, most: MOST_TOKENS });
    if (done === 'full')
      throw new LoadstoneError('LS-API-005', `you already have ${MOST_TOKENS} tokens; remove one first`);
    if (done === 'late') throw sessionEnded();
    await this.#load();
    return { ...token, secret };
  }

  /** Returns the removed token. LS-API-004: the user holds no such token. */
  async removeToken(user: string, id: string): Promise<ApiToken> {
    this.known(user);
    const token = await this.#options.store.removeToken(user, id);
    if (token === undefined) throw new LoadstoneError('LS-API-004', `${user} has no token "${id}"`);
    await this.#changed();
    return token;
  }

  /** Returns the removed tokens. */
  async removeTokens(user: string): Promise<readonly ApiToken[]> {
    this.known(user);
    const tokens = await this.#options.store.removeTokens(user);
    await this.#changed();
    return tokens;
  }

  /** Records the last use of a token. */
  async noteUse(id: string): Promise<void> {
    const { store, now } = this.#options;
    const usedAt = now();
    try {
      await store.markUsed(id, usedAt);
    } catch {
      // A full disk must not lock out readers.
      return;
    }
    // Does not reload: an unreadable store would sign everybody out, and no right has changed.
    await this.#turns.take(() => {
      const tokens = this.#accounts.tokens.map((token) => (token.id === id ? { ...token, usedAt } : token));
      this.#accounts = { ...this.#accounts, tokens };
    });
  }

  #newSession(user: string): { readonly secret: string; readonly session: StoredSession } {
    const secret = newSecret();
    const now = this.#options.now();
    return { secret, session: { hash: hashed(secret), user, expiresAt: now + SESSION_MS, activeAt: now } };
  }

  async #changed(): Promise<void> {
    await this.#load();
    for (const listener of this.#listeners) listener();
  }

  /** If the store cannot be read, nobody gets in until a sign-in finds it readable. */
  #load(): Promise<void> {
    const { store, now } = this.#options;
    return this.#turns.take(async () => {
      try {
        const { users, sessions: stored, ...rest } = await store.load(now());
        // This process knows more about a known session: the disk may have refused its last activity.
        this.#presence = Object.fromEntries(
          stored.map(({ hash, activeAt }) => [hash, this.#presence[hash] ?? activeAt]),
        );
        const sessions = stored.map(({ activeAt: _activeAt, ...session }) => session);
        this.#hashes = new Map(users.map(({ name, hash }) => [name, hash]));
        const external = users.filter(({ hash }) => isExternal(hash)).map(({ name }) => name);
        const withSecond = [...rest.withPasskey, ...external];
        this.#accounts = { users: users.map(({ hash: _hash, ...user }) => user), sessions, ...rest, withSecond };
        this.#isRead = true;
      } catch (error) {
        this.#accounts = NOBODY;
        this.#isRead = false;
        throw error;
      }
    });
  }
}
