import type { Scope } from './caller.ts';
import type { Role } from './roles.ts';

/** Where a person may act: targets such as `substation:owd`, with their parts; `*`: everywhere. */
export type Areas = '*' | readonly string[];

export interface User {
  readonly name: string;
  readonly roles: readonly Role[];
  readonly areas: Areas;
  /** Somebody else set the password: it only allows changing it. */
  readonly mustChange: boolean;
  readonly disabled: boolean;
}

/** With the hash of the password. */
export type StoredUser = User & { readonly hash: string };

/** An admin's change of an existing person. */
export type Rights = Pick<User, 'name' | 'roles' | 'areas' | 'disabled'>;

/** A request that another admin has not confirmed yet; one of each kind per user. Times are ms UTC of machine time. */
export interface AccessRequest {
  readonly user: string;
  readonly kind: 'rights' | 'password';
  /** The requested rights; null: a new one-time password. */
  readonly rights: Rights | null;
  readonly by: string;
  readonly askedAt: number;
  readonly expiresAt: number;
}

/** A registered passkey. Times are ms UTC of machine time. */
export interface Passkey {
  readonly id: string;
  readonly user: string;
  /** The owner's name for it. */
  readonly name: string;
  /** Host name of the page it is bound to. */
  readonly host: string;
  /** The public key, COSE as base64url. */
  readonly key: string;
  /** The authenticator's last signature counter. */
  readonly counter: number;
  readonly createdAt: number;
  /** Null: never. */
  readonly usedAt: number | null;
}

/** Times are ms UTC of machine time. */
export interface Session {
  /** SHA-256 of the secret. */
  readonly hash: string;
  readonly user: string;
  readonly expiresAt: number;
}

/** `activeAt`: last activity of its holder, to half a minute; 0: locked by hand. */
export type StoredSession = Session & { readonly activeAt: number };

/** Last activity of each session, by its hash. Kept separate from people, because it changes far more often. */
export type Presence = Readonly<Record<string, number>>;

export interface ApiToken {
  readonly id: string;
  readonly user: string;
  readonly label: string;
  readonly scopes: readonly Scope[];
  /** Null: created before this was recorded. */
  readonly createdAt: number | null;
  /** To the minute; null: never. */
  readonly usedAt: number | null;
  readonly expiresAt: number;
}

/** `hash`: SHA-256 of the secret. */
export type StoredToken = ApiToken & { readonly hash: string };

/** All people, by name, with their credentials. */
export interface Accounts<Who extends User = User, Held extends Session = Session> {
  readonly users: readonly Who[];
  readonly sessions: readonly Held[];
  readonly tokens: readonly StoredToken[];
  /** Names of passkey holders. */
  readonly withPasskey: readonly string[];
  /** Passkey holders and people who sign in at a provider. Absent in what a store holds. */
  readonly withSecond?: readonly string[];
}

/** Consecutive wrong passwords of one name from one source. */
export interface Failures {
  readonly count: number;
  readonly lastAt: number;
}

/**
 * People, their sessions and tokens. Passwords, sessions and tokens are hashed and session data is encrypted, so the store alone gives no
 * access. Each change is atomic across all processes that share the store. `last admin`: no user administrator would remain, so nothing was
 * changed.
 */
export interface PeopleStore {
  /** Leaves out sessions that have ended at `now`. */
  load(now: number): Promise<Accounts<StoredUser, StoredSession>>;
  /** Of several concurrent callers for one name, exactly one gets `made`. */
  make(user: StoredUser): Promise<'made' | 'known'>;
  /** Creates or replaces a user. */
  put(user: StoredUser): Promise<void>;
  /** Locking ends sessions and tokens; so does unlocking, because an older version left tokens behind when locking. */
  change(rights: Rights): Promise<'changed' | 'unknown' | 'last admin'>;
  /** Also removes sessions, tokens and known browsers. */
  remove(name: string): Promise<'removed' | 'unknown' | 'last admin'>;
  /** Sets a one-time password; ends sessions, tokens, known browsers and failures. False: no such user. */
  resetPassword(name: string, hash: string): Promise<boolean>;
  /**
   * Sets a password if the session with hash `by` is active and its holder's password is still `from`. Ends every session, token, known
   * browser and failure, and starts `next`. `device`: hash of the browser used, known from now on. False: too late.
   */
  changePassword(
    by: string,
    change: {
      readonly from: string;
      readonly to: string;
      readonly next: StoredSession;
      readonly now: number;
      readonly device?: string | undefined;
    },
  ): Promise<boolean>;
  /** One entry per source, in order. */
  failures(name: string, sources: readonly string[]): Promise<readonly (Failures | undefined)[]>;
  /**
   * Counts one more failure per source if all are still as `seen`: of several concurrent calls, one counts. Deletes failures before
   * `forgetBefore`, and the oldest of names that nobody has if there are too many.
   */
  countFailure(
    name: string,
    sources: readonly string[],
    seen: readonly (Failures | undefined)[],
    at: { readonly now: number; readonly forgetBefore: number },
  ): Promise<boolean>;
  clearFailures(name: string, sources: readonly string[]): Promise<void>;
  /** Whether the user has signed in from the browser with this hash since then. */
  knowsDevice(hash: string, user: string, since: number): Promise<boolean>;
  /**
   * Starts a session if its user is not locked and still has the password `hash`; clears the failures of the sources `forgets`. `device`:
   * hash of the browser's secret, known from now on. False: too late.
   */
  openSession(
    session: StoredSession,
    hash: string,
    at: { readonly now: number; readonly forgets?: readonly string[]; readonly device?: string | undefined },
  ): Promise<boolean>;
  /**
   * Creates or updates a person whose identity at a provider is in `hash`, and starts or unlocks the session. `other`: the name belongs to
   * somebody else.
   */
  openExternal(user: StoredUser, session: StoredSession, now: number): Promise<'opened' | 'other' | 'locked'>;
  endSession(hash: string): Promise<void>;
  markActive(hash: string, activeAt: number): Promise<void>;
  /** Stores bytes for the lifetime of a session. */
  putSealed(hash: string, sealed: Uint8Array): Promise<void>;
  sealed(hash: string, now: number): Promise<Uint8Array | undefined>;
  /**
   * Adds a token if its user has the password `password`, need not change it and is not locked. `full`: the user holds `most` already;
   * concurrent calls do not exceed it.
   */
  addToken(
    token: StoredToken,
    only: { readonly password: string; readonly most: number },
  ): Promise<'added' | 'late' | 'full'>;
  passkeys(user: string): Promise<Passkey[]>;
  /** `full`: the user holds `most` already; concurrent calls do not exceed it. */
  addPasskey(passkey: Passkey, most: number): Promise<'added' | 'known' | 'full'>;
  /** Records a use if the counter is still `seen`: of several concurrent calls, one returns true. */
  usePasskey(
    id: string,
    use: { readonly seen: number; readonly counter: number; readonly now: number },
  ): Promise<boolean>;
  renamePasskey(user: string, id: string, name: string): Promise<boolean>;
  removePasskey(user: string, id: string): Promise<boolean>;
  /** Returns how many there were. */
  removePasskeys(user: string): Promise<number>;
  /** Requests that wait for a second admin at `now`, oldest first. */
  requests(now: number): Promise<AccessRequest[]>;
  /** Replaces an earlier request of that user and kind; deletes expired ones. */
  putRequest(request: AccessRequest): Promise<void>;
  /** Removes a request: exactly one of several concurrent callers gets true. */
  takeRequest(user: string, kind: AccessRequest['kind']): Promise<boolean>;
  markUsed(id: string, now: number): Promise<void>;
  /** Exactly one of several concurrent callers gets the token. */
  removeToken(user: string, id: string): Promise<ApiToken | undefined>;
  removeTokens(user: string): Promise<readonly ApiToken[]>;
}
