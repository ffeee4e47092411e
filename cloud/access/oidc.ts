import { randomBytes } from 'node:crypto';
import * as client from 'openid-client';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import type { OidcConfig } from './oidc-config.ts';
import type { People } from './people.ts';

export interface OidcOptions {
  readonly config: OidcConfig;
  /** Content of the secret file; undefined: a public client. */
  readonly secret: string | undefined;
  readonly people: People;
  /** Machine time, ms UTC. */
  readonly now: () => number;
}

interface ProviderAnswer {
  readonly claims: Readonly<Record<string, unknown>>;
  readonly idToken: string | undefined;
}

interface Flow {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  readonly redirectUri: string;
  readonly beganAt: number;
  /** The browser's session at the start of the flow. */
  readonly before: string | undefined;
}

/** Time limit for signing in at the provider. */
const FLOW_MS = 10 * 60_000;
/** Three networks at their request limit do not fill it within that time. */
const MOST_FLOWS = 10_000;
/** A longer id token is not kept; its session then ends only here. */
const MOST_TOKEN_CHARS = 16_000;
const NAME = /^[a-z0-9][a-z0-9._-]{0,62}$/;

/**
 * Signs people in by the authorisation code flow with PKCE, state and nonce (OpenID Connect Core 1.0, 3.1; RFC 7636). A flow is bound to
 * its browser and used once. The provider must authenticate the person each time: somebody passing an empty desk must not enter through the
 * provider's own session.
 */
export class OidcLogin {
  readonly #options: OidcOptions;
  readonly #flows = new Map<string, Flow>();
  #provider: Promise<client.Configuration> | undefined;

  constructor(options: OidcOptions) {
    this.#options = options;
  }

  get name(): string {
    return this.#options.config.name;
  }

  /**
   * The provider's URL for the browser, and the secret it has to bring back. `before`: its current session, as for `signIn`. LS-API-009:
   * the provider does not answer.
   */
  async begin(redirectUri: string, before?: string): Promise<{ readonly url: URL; readonly flow: string }> {
    const provider = await this.#reached();
    const { config, now } = this.#options;
    const flow = randomBytes(32).toString('base64url');
    const verifier = client.randomPKCECodeVerifier();
    const [state, nonce] = [client.randomState(), client.randomNonce()];
    const oldest = this.#flows.keys().next();
    if (this.#flows.size >= MOST_FLOWS && !oldest.done) this.#flows.delete(oldest.value);
    this.#flows.set(flow, { state, nonce, verifier, redirectUri, beganAt: now(), before });
    const url = client.buildAuthorizationUrl(provider, {
      redirect_uri: redirectUri,
      scope: config.scope,
      state,
      nonce,
      prompt: 'login',
      max_age: '0',
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    });
    return { url, flow };
  }

  /**
   * Returns the secret of a new session and its user. LS-API-002: the answer does not belong to this flow. LS-API-003: the person may not
   * enter.
   */
  async finish(query: string, flow: string | undefined): Promise<{ readonly session: string; readonly user: string }> {
    const { now, people } = this.#options;
    const known = flow === undefined ? undefined : this.#flows.get(flow);
    if (flow !== undefined) this.#flows.delete(flow);
    if (known === undefined || Math.abs(now() - known.beganAt) > FLOW_MS)
      throw new LoadstoneError(
        'LS-API-002',
        'this sign-in was not started in this browser, or took too long; start again',
      );
    const { claims, idToken } = await this.#answer(new URL(`${known.redirectUri}?${query}`), known);
    const entry = this.#entryOf(claims);
    const session = await people.signInExternal({ ...entry, before: known.before });
    if (idToken !== undefined && idToken.length <= MOST_TOKEN_CHARS) await people.keepBeside(session, idToken);
    return { session, user: entry.name };
  }

  /**
   * The provider's URL that ends its session too, for the browser of a session that ended here (OpenID Connect RP-Initiated Logout 1.0);
   * undefined if the provider has none. `idToken`: from `sessionData`. `returnTo`: where the provider sends the browser back; it must be
   * registered there.
   */
  async endSession(idToken: string, returnTo: string): Promise<URL | undefined> {
    const provider = await this.#reached();
    if (provider.serverMetadata().end_session_endpoint === undefined) return undefined;
    return client.buildEndSessionUrl(provider, {
      id_token_hint: idToken,
      post_logout_redirect_uri: returnTo,
    });
  }

  async #answer(answer: URL, { state, nonce, verifier, beganAt }: Flow): Promise<ProviderAnswer> {
    const provider = await this.#reached();
    try {
      const tokens = await client.authorizationCodeGrant(provider, answer, {
        expectedState: state,
        expectedNonce: nonce,
        pkceCodeVerifier: verifier,
        // Counts from the start of the flow, because steps after the password may take a while.
        maxAge: Math.ceil(Math.abs(this.#options.now() - beganAt) / 1000),
        idTokenExpected: true,
      });
      const own = tokens.claims()!;
      const idToken = tokens.id_token;
      if (provider.serverMetadata().userinfo_endpoint === undefined) return { claims: own, idToken };
      const more = await client.fetchUserInfo(provider, tokens.access_token, own.sub);
      return { claims: { ...more, ...own }, idToken };
    } catch (error) {
      throw new LoadstoneError('LS-API-002', `the provider's answer is not valid: ${messageOf(error)}`);
    }
  }

  #entryOf(claims: Readonly<Record<string, unknown>>): Parameters<People['signInExternal']>[0] {
    const { userClaim, groupsClaim, groups, issuer } = this.#options.config;
    const name = claims[userClaim];
    if (typeof name !== 'string' || !NAME.test(name.toLowerCase()))
      throw new LoadstoneError(
        'LS-API-003',
        `the provider's claim ${userClaim} is not a valid user name: up to 63 letters, digits, dots, underscores and dashes, beginning with a letter or digit`,
      );
    const theirs = [claims[groupsClaim]].flat().filter((each) => typeof each === 'string');
    const held = groups.filter(({ group }) => theirs.includes(group));
    if (held.length === 0) throw new LoadstoneError('LS-API-003', `none of your groups may sign in here`);
    const areas = held.some((each) => each.areas === '*')
      ? '*'
      : [...new Set(held.flatMap((each) => (each.areas === '*' ? [] : each.areas)))];
    const roles = [...new Set(held.flatMap((each) => each.roles))];
    return { name: name.toLowerCase(), roles, areas, identity: `${issuer} ${String(claims['sub'])}` };
  }

  /** Discovers the provider once; retries after a failure. */
  async #reached(): Promise<client.Configuration> {
    const { config, secret } = this.#options;
    this.#provider ??= client.discovery(
      new URL(config.issuer),
      config.clientId,
      undefined,
      secret === undefined ? client.None() : client.ClientSecretBasic(secret),
      config.issuer.startsWith('http:') ? { execute: [client.allowInsecureRequests] } : {},
    );
    try {
      return await this.#provider;
    } catch (error) {
      this.#provider = undefined;
      throw new LoadstoneError('LS-API-009', `${config.name} cannot be reached: ${messageOf(error)}`);
    }
  }
}

/** The library puts the actual reason into the cause. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error).slice(0, 200);
  const { message, cause } = error;
  return (cause instanceof Error ? `${message}: ${cause.message}` : message).slice(0, 200);
}
