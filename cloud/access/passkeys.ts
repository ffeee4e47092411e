import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from '@simplewebauthn/server';
import { isIP } from 'node:net';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import type { From } from './guesses.ts';
import type { Passkey, PeopleStore } from './people-store.ts';

export interface PasskeysOptions {
  readonly store: Pick<
    PeopleStore,
    'passkeys' | 'addPasskey' | 'usePasskey' | 'renamePasskey' | 'removePasskey' | 'removePasskeys'
  >;
  /** Machine time, ms UTC. */
  readonly now: () => number;
  /** Owner of a session. Throws if it has ended. */
  holder(session: string): string;
  /** Throws if the password is wrong, and counts that as a guess. */
  check(name: string, password: string, from: From): Promise<void>;
  /** The same for a signed-in person. */
  checkAgain(name: string, password: string): Promise<void>;
  /** The set of passkey holders has changed. */
  changed(): Promise<void>;
}

/** A browser's proof, and the page's origin. */
export interface PasskeyProof {
  readonly response: AuthenticationResponseJSON;
  readonly origin: string;
}

export interface NewPasskey {
  /** The owner's name for it. */
  readonly name: string;
  readonly response: RegistrationResponseJSON;
  readonly origin: string;
}

interface Challenge {
  readonly user: string;
  readonly until: number;
}

/** How long a challenge may be answered, once. */
const CHALLENGE_MS = 5 * 60_000;
const MOST_CHALLENGES = 1_000;
const MOST_PASSKEYS = 20;
const NAME = 'Loadstone';

/** Loaded on first use. */
const library = () => import('@simplewebauthn/server');

const unknown = (): LoadstoneError => new LoadstoneError('LS-API-004', 'you have no such passkey');
const refusal = (why: string): LoadstoneError => new LoadstoneError('LS-API-016', why);

/** People's passkeys (WebAuthn Level 2): a second factor, bound to the host name of the page. */
export class Passkeys {
  readonly #options: PasskeysOptions;
  readonly #challenges = new Map<string, Challenge>();

  constructor(options: PasskeysOptions) {
    this.#options = options;
  }

  /** Options for a browser to create a passkey, for a signed-in person who enters the password again. `origin`: of the page. */
  async registration(
    session: string,
    password: string,
    origin: string,
  ): Promise<PublicKeyCredentialCreationOptionsJSON> {
    const rpID = hostOf(origin);
    const user = await this.#withPassword(session, password);
    const { generateRegistrationOptions } = await library();
    const options = await generateRegistrationOptions({
      rpName: NAME,
      rpID,
      userName: user,
      attestationType: 'none',
      excludeCredentials: (await this.#options.store.passkeys(user)).map(({ id }) => ({ id })),
      authenticatorSelection: { residentKey: 'discouraged', userVerification: 'preferred' },
    });
    return this.#asked(user, options);
  }

  /** Stores the passkey that a browser created. LS-API-016: the response is invalid. */
  async register(session: string, { name, response, origin }: NewPasskey): Promise<Passkey> {
    const { store, now } = this.#options;
    const user = this.#options.holder(session);
    const { verifyRegistrationResponse } = await library();
    const { verified, registrationInfo } = await this.#judged(() =>
      verifyRegistrationResponse({
        response,
        expectedChallenge: (challenge) => this.#take(challenge, user),
        expectedOrigin: origin,
        expectedRPID: hostOf(origin),
        requireUserVerification: false,
      }),
    );
    if (!verified) throw refusal('the passkey is not valid');
    const { id, publicKey, counter } = registrationInfo.credential;
    const key = Buffer.from(publicKey).toString('base64url');
    const passkey = { id, user, name, host: hostOf(origin), key, counter, createdAt: now(), usedAt: null };
    const done = await store.addPasskey(passkey, MOST_PASSKEYS);
    if (done === 'known') throw refusal('this passkey is already registered');
    if (done === 'full')
      throw new LoadstoneError('LS-API-005', `you already have ${MOST_PASSKEYS} passkeys; remove one first`);
    await this.#options.changed();
    return passkey;
  }

  /** The signed-in person's passkeys, oldest first. */
  async list(session: string): Promise<readonly Passkey[]> {
    return this.#options.store.passkeys(this.#options.holder(session));
  }

  /** LS-API-004: no such passkey of this person. */
  async rename(session: string, id: string, name: string): Promise<void> {
    if (!(await this.#options.store.renamePasskey(this.#options.holder(session), id, name))) throw unknown();
  }

  /** Takes the password again, so that an unattended page cannot remove a second factor. LS-API-004 as for `rename`. */
  async remove(session: string, id: string, password: string): Promise<void> {
    const user = await this.#withPassword(session, password);
    if (!(await this.#options.store.removePasskey(user, id))) throw unknown();
    await this.#options.changed();
  }

  /** The owner of the session, if the password is right. */
  async #withPassword(session: string, password: string): Promise<string> {
    const user = this.#options.holder(session);
    await this.#options.checkAgain(user, password);
    return user;
  }

  /** Removes all passkeys of a person who has lost them; returns their number. */
  async forget(user: string): Promise<number> {
    const forgotten = await this.#options.store.removePasskeys(user);
    await this.#options.changed();
    return forgotten;
  }

  /** Options for proving a passkey at sign-in, once the password is right. */
  async challenge(
    user: string,
    password: string,
    origin: string,
    from: From = {},
  ): Promise<PublicKeyCredentialRequestOptionsJSON> {
    await this.#options.check(user, password, from);
    return this.assertion(user, origin);
  }

  /** Options for a browser to prove a passkey. LS-API-015: the user has none for this host. */
  async assertion(user: string, origin: string): Promise<PublicKeyCredentialRequestOptionsJSON> {
    const all = await this.#options.store.passkeys(user);
    const host = hostOf(origin);
    const own = all.filter((each) => each.host === host);
    if (own.length === 0) throw new LoadstoneError('LS-API-015', lacking(all, host));
    const { generateAuthenticationOptions } = await library();
    const allowCredentials = own.map(({ id }) => ({ id }));
    return this.#asked(
      user,
      await generateAuthenticationOptions({ rpID: host, allowCredentials, userVerification: 'preferred' }),
    );
  }

  /** The same for a signed-in person, before an act that requires a passkey. */
  async ask(session: string, origin: string): Promise<PublicKeyCredentialRequestOptionsJSON> {
    return this.assertion(this.#options.holder(session), origin);
  }

  /** Throws LS-API-015 without a proof, LS-API-016 if it is invalid. */
  async confirm(session: string, proof: PasskeyProof | undefined): Promise<void> {
    const user = this.#options.holder(session);
    if (proof === undefined)
      throw new LoadstoneError('LS-API-015', 'an approval needs a passkey of the person who approves');
    await this.prove(user, proof.response, proof.origin);
  }

  /** Throws LS-API-016 unless one of the user's passkeys answers one of their challenges, once. */
  async prove(user: string, response: AuthenticationResponseJSON, origin: string): Promise<void> {
    const { store, now } = this.#options;
    const passkey = (await store.passkeys(user)).find(({ id }) => id === response.id);
    if (passkey === undefined) throw refusal('this is not one of your passkeys');
    const { verifyAuthenticationResponse } = await library();
    const { verified, authenticationInfo } = await this.#judged(() =>
      verifyAuthenticationResponse({
        response,
        expectedChallenge: (challenge) => this.#take(challenge, user),
        expectedOrigin: origin,
        expectedRPID: passkey.host,
        credential: {
          id: passkey.id,
          publicKey: new Uint8Array(Buffer.from(passkey.key, 'base64url')),
          counter: passkey.counter,
        },
        requireUserVerification: false,
      }),
    );
    const use = { seen: passkey.counter, counter: authenticationInfo.newCounter, now: now() };
    if (!verified || !(await store.usePasskey(passkey.id, use))) throw refusal('the passkey is not valid');
  }

  #asked<T extends { readonly challenge: string }>(user: string, options: T): T {
    const oldest = this.#challenges.keys().next();
    if (this.#challenges.size >= MOST_CHALLENGES && !oldest.done) this.#challenges.delete(oldest.value);
    this.#challenges.set(options.challenge, { user, until: this.#options.now() + CHALLENGE_MS });
    return options;
  }

  #take(challenge: string, user: string): boolean {
    const found = this.#challenges.get(challenge);
    if (found?.user !== user) return false;
    this.#challenges.delete(challenge);
    return found.until >= this.#options.now();
  }

  /** The library throws for a response that belongs to another challenge or page, or is malformed. */
  async #judged<T>(judge: () => Promise<T>): Promise<T> {
    try {
      return await judge();
    } catch (error) {
      throw refusal(`the passkey is not valid: ${error instanceof Error ? error.message.slice(0, 200) : 'malformed'}`);
    }
  }
}

const lacking = (all: readonly Passkey[], host: string): string =>
  all.length === 0
    ? 'this needs a passkey; make one on the page Password and tokens'
    : `your passkeys are for ${[...new Set(all.map((each) => each.host))].join(', ')}, not for ${host}: open the page by that name`;

/** LS-API-016 for an IP address: passkeys are bound to a name. */
function hostOf(origin: string): string {
  const { hostname } = new URL(origin);
  if (isIP(hostname.replace(/^\[|\]$/g, '')) !== 0)
    throw refusal(`passkeys are bound to a host name: open the page by its name, such as localhost, not ${hostname}`);
  return hostname;
}
