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
  /** Whose a session is. Throws where it has ended. */
  holder(session: string): string;
  /** Throws where the password is not right, and counts that as a guess. */
  check(name: string, password: string, from: From): Promise<void>;
  /** The same for whoever is signed in. */
  checkAgain(name: string, password: string): Promise<void>;
  /** Who holds passkeys has changed. */
  changed(): Promise<void>;
}

/** What a browser proved, and on which page. */
export interface PasskeyProof {
  readonly response: AuthenticationResponseJSON;
  readonly origin: string;
}

export interface NewPasskey {
  /** As its owner calls it. */
  readonly name: string;
  readonly response: RegistrationResponseJSON;
  readonly origin: string;
}

interface Challenge {
  readonly user: string;
  readonly until: number;
}

/** So long a challenge waits for its answer, which counts once. */
const CHALLENGE_MS = 5 * 60_000;
const MOST_CHALLENGES = 1_000;
const MOST_PASSKEYS = 20;
const NAME = 'Loadstone';

/** The library is loaded at the first passkey. */
const library = () => import('@simplewebauthn/server');

const unknown = (): LoadstoneError => new LoadstoneError('LS-API-004', 'you hold no such passkey');
const refusal = (why: string): LoadstoneError => new LoadstoneError('LS-API-016', why);

/** Passkeys of people (WebAuthn Level 2): a second factor, bound to the host name of the page. */
export class Passkeys {
  readonly #options: PasskeysOptions;
  readonly #challenges = new Map<string, Challenge>();

  constructor(options: PasskeysOptions) {
    this.#options = options;
  }

  /** What a browser is to make a passkey of, for who is signed in and gives the password again. `origin`: of the page. */
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

  /** Keeps the passkey that a browser made. LS-API-016 where the answer does not hold. */
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
    if (!verified) throw refusal('the passkey does not hold');
    const { id, publicKey, counter } = registrationInfo.credential;
    const key = Buffer.from(publicKey).toString('base64url');
    const passkey = { id, user, name, host: hostOf(origin), key, counter, createdAt: now(), usedAt: null };
    const done = await store.addPasskey(passkey, MOST_PASSKEYS);
    if (done === 'known') throw refusal('this passkey is known already');
    if (done === 'full')
      throw new LoadstoneError('LS-API-005', `you hold ${MOST_PASSKEYS} passkeys already; remove one first`);
    await this.#options.changed();
    return passkey;
  }

  /** Of who is signed in, oldest first. */
  async list(session: string): Promise<readonly Passkey[]> {
    return this.#options.store.passkeys(this.#options.holder(session));
  }

  /** LS-API-004 where they hold no such one. */
  async rename(session: string, id: string, name: string): Promise<void> {
    if (!(await this.#options.store.renamePasskey(this.#options.holder(session), id, name))) throw unknown();
  }

  /** Who is signed in gives the password again: a page left open takes nobody's second factor. LS-API-004 as for `rename`. */
  async remove(session: string, id: string, password: string): Promise<void> {
    const user = await this.#withPassword(session, password);
    if (!(await this.#options.store.removePasskey(user, id))) throw unknown();
    await this.#options.changed();
  }

  /** Whose session it is, where the password is theirs. */
  async #withPassword(session: string, password: string): Promise<string> {
    const user = this.#options.holder(session);
    await this.#options.checkAgain(user, password);
    return user;
  }

  /** For whoever has lost all of them: how many there were. */
  async forget(user: string): Promise<number> {
    const forgotten = await this.#options.store.removePasskeys(user);
    await this.#options.changed();
    return forgotten;
  }

  /** What a browser is to prove a passkey by at the sign-in, for whoever has the password. */
  async challenge(
    user: string,
    password: string,
    origin: string,
    from: From = {},
  ): Promise<PublicKeyCredentialRequestOptionsJSON> {
    await this.#options.check(user, password, from);
    return this.assertion(user, origin);
  }

  /** What a browser is to prove a passkey by. LS-API-015 where the user has none for this host. */
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

  /** The same for who is signed in, before an act that takes a passkey. */
  async ask(session: string, origin: string): Promise<PublicKeyCredentialRequestOptionsJSON> {
    return this.assertion(this.#options.holder(session), origin);
  }

  /** Throws LS-API-015 where who is signed in proves nothing, LS-API-016 where it does not hold. */
  async confirm(session: string, proof: PasskeyProof | undefined): Promise<void> {
    const user = this.#options.holder(session);
    if (proof === undefined) throw new LoadstoneError('LS-API-015', 'an approval takes a passkey of who approves');
    await this.prove(user, proof.response, proof.origin);
  }

  /** Throws LS-API-016 unless a passkey of the user answers a challenge of theirs, once. */
  async prove(user: string, response: AuthenticationResponseJSON, origin: string): Promise<void> {
    const { store, now } = this.#options;
    const passkey = (await store.passkeys(user)).find(({ id }) => id === response.id);
    if (passkey === undefined) throw refusal('this is no passkey of yours');
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
    if (!verified || !(await store.usePasskey(passkey.id, use))) throw refusal('the passkey does not hold');
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

  /** The library throws where an answer is another's, of another page, or malformed. */
  async #judged<T>(judge: () => Promise<T>): Promise<T> {
    try {
      return await judge();
    } catch (error) {
      throw refusal(`the passkey does not hold: ${error instanceof Error ? error.message.slice(0, 200) : 'malformed'}`);
    }
  }
}

const lacking = (all: readonly Passkey[], host: string): string =>
  all.length === 0
    ? 'this needs a passkey; make one on the page Password and tokens'
    : `your passkeys are for ${[...new Set(all.map((each) => each.host))].join(', ')}, not for ${host}: come by that name`;

/** LS-API-016 for an address: passkeys are bound to a name. */
function hostOf(origin: string): string {
  const { hostname } = new URL(origin);
  if (isIP(hostname.replace(/^\[|\]$/g, '')) !== 0)
    throw refusal(`passkeys are bound to a host name: open the page by its name, such as localhost, not ${hostname}`);
  return hostname;
}
