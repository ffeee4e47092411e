import type { Scope } from './caller.ts';
import type { Role } from './roles.ts';

/** Where a person may act: targets such as `substation:owd`, their parts included; `*`: everywhere. */
export type Areas = '*' | readonly string[];

export interface User {
  readonly name: string;
  readonly roles: readonly Role[];
  readonly areas: Areas;
  /** The password was given by somebody else: it opens nothing but its own change. */
  readonly mustChange: boolean;
  readonly disabled: boolean;
}

/** With the hash of the password. */
export type StoredUser = User & { readonly hash: string };

/** What an admin changes of a person who is there. */
export type Rights = Pick<User, 'name' | 'roles' | 'areas' | 'disabled'>;

/** What one person has asked for and another has not confirmed yet: one of a kind for each user. Times are ms UTC of machine time. */
export interface AccessRequest {
  readonly user: string;
  readonly kind: 'rights' | 'password';
  /** The rights that are asked for; null: a new one-time password. */
  readonly rights: Rights | null;
  readonly by: string;
  readonly askedAt: number;
  readonly expiresAt: number;
}

/** A passkey that somebody has registered. Times are ms UTC of machine time. */
export interface Passkey {
  readonly id: string;
  readonly user: string;
  /** As its owner calls it. */
  readonly name: string;
  /** The host name of the page that it is for. */
  readonly host: string;
  /** The public key, COSE as base64url. */
  readonly key: string;
  /** As the authenticator told it last. */
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

/** `activeAt`: when its holder was there last, to half a minute; 0: they have locked it. */
export type StoredSession = Session & { readonly activeAt: number };

/** When the holder of each session was there last, by its hash. It changes far more often than people do, so it stands beside them. */
export type Presence = Readonly<Record<string, number>>;

export interface ApiToken {
  readonly id: string;
  readonly user: string;
  readonly label: string;
  readonly scopes: readonly Scope[];
  /** Null: it was made before this was kept. */
  readonly createdAt: number | null;
  /** To the minute; null: never. */
  readonly usedAt: number | null;
  readonly expiresAt: number;
}

/** `hash`: SHA-256 of the secret. */
export type StoredToken = ApiToken & { readonly hash: string };

/** Everybody, by name, with what opens the door for them. */
export interface Accounts<Who extends User = User, Held extends Session = Session> {
  readonly users: readonly Who[];
  readonly sessions: readonly Held[];
  readonly tokens: readonly StoredToken[];
  /** Names of those who hold a passkey. */
  readonly withPasskey: readonly string[];
  /** The same, and whoever signs in elsewhere. Absent in what a store holds. */
  readonly withSecond?: readonly string[];
}

/** Wrong passwords of one name from one source in a row. */
export interface Failures {
  readonly count: number;
  readonly lastAt: number;
}

/**
 * People, their sessions and tokens. Passwords, sessions and tokens are hashes, and session data is sealed: the store alone opens nothing.
 * Each change reads and writes in one step, across all processes that share the store. `last admin`: no user administrator would be left,
 * so nothing was changed.
 */
export interface PeopleStore {
  /** Sessions that have ended at `now` are left out. */
  load(now: number): Promise<Accounts<StoredUser, StoredSession>>;
  /** Of many at once who make one name, one is told `made`. */
  make(user: StoredUser): Promise<'made' | 'known'>;
  /** Makes a user or replaces one. */
  put(user: StoredUser): Promise<void>;
  /** Sessions and tokens end at a lock, and at an unlock too: an older version left tokens behind at the lock. */
  change(rights: Rights): Promise<'changed' | 'unknown' | 'last admin'>;
  /** With sessions, tokens and known browsers. */
  remove(name: string): Promise<'removed' | 'unknown' | 'last admin'>;
  /** Gives a one-time password; sessions, tokens, known browsers and failures end. False: there is no such user. */
  resetPassword(name: string, hash: string): Promise<boolean>;
  /**
   * Gives a password while the session `by`, its hash, stands and its holder's password is still `from`. Every session and token ends, the
   * known browsers and the failures too, and `next` begins. `device`: the hash of the browser where it is changed, known from then on.
   * False: it was too late.
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
  /** For each source in its place. */
  failures(name: string, sources: readonly string[]): Promise<readonly (Failures | undefined)[]>;
  /** Counts one more for each source while all stand as `seen`: of many at once one is counted. Forgets those before `forgetBefore`. */
  countFailure(
    name: string,
    sources: readonly string[],
    seen: readonly (Failures | undefined)[],
    at: { readonly now: number; readonly forgetBefore: number },
  ): Promise<boolean>;
  clearFailures(name: string, sources: readonly string[]): Promise<void>;
  /** Whether that user has signed in by the browser of that hash since then. */
  knowsDevice(hash: string, user: string, since: number): Promise<boolean>;
  /**
   * Begins a session while its user is not locked and has the password `hash`; the failures of the sources `forgets` end. `device`: the
   * hash of the browser's secret, which is known from now on. False: it was too late.
   */
  openSession(
    session: StoredSession,
    hash: string,
    at: { readonly now: number; readonly forgets?: readonly string[]; readonly device?: string | undefined },
  ): Promise<boolean>;
  /** Makes or changes somebody whom `hash` says to be known elsewhere, and begins a session, or opens that one. `other`: the name is somebody else's. */
  openExternal(user: StoredUser, session: StoredSession, now: number): Promise<'opened' | 'other' | 'locked'>;
  endSession(hash: string): Promise<void>;
  markActive(hash: string, activeAt: number): Promise<void>;
  /** Keeps bytes as long as a session lasts. */
  putSealed(hash: string, sealed: Uint8Array): Promise<void>;
  sealed(hash: string, now: number): Promise<Uint8Array | undefined>;
  /**
   * Adds a token while its user has the password `password`, need not change it and is not locked. `full`: they hold `most` already, and
   * of many at once no more are added.
   */
  addToken(
    token: StoredToken,
    only: { readonly password: string; readonly most: number },
  ): Promise<'added' | 'late' | 'full'>;
  passkeys(user: string): Promise<Passkey[]>;
  /** `full`: the user holds `most` already, and of many at once no more are added. */
  addPasskey(passkey: Passkey, most: number): Promise<'added' | 'known' | 'full'>;
  /** Notes a use while the counter stands as it was seen: of many at once one is true. */
  usePasskey(
    id: string,
    use: { readonly seen: number; readonly counter: number; readonly now: number },
  ): Promise<boolean>;
  renamePasskey(user: string, id: string, name: string): Promise<boolean>;
  removePasskey(user: string, id: string): Promise<boolean>;
  /** How many there were. */
  removePasskeys(user: string): Promise<number>;
  /** What waits for a second person at `now`, oldest first. */
  requests(now: number): Promise<AccessRequest[]>;
  /** Takes the place of an earlier one of that user and kind; those that have ended by then go. */
  putRequest(request: AccessRequest): Promise<void>;
  /** Takes one out: of many at once exactly one gets true. */
  takeRequest(user: string, kind: AccessRequest['kind']): Promise<boolean>;
  markUsed(id: string, now: number): Promise<void>;
  /** Of many at once exactly one gets it. */
  removeToken(user: string, id: string): Promise<ApiToken | undefined>;
  removeTokens(user: string): Promise<readonly ApiToken[]>;
}
