import type { TLSSocket } from 'node:tls';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { type Caller, mayRead, type Scope } from '../access/caller.ts';
import { networkOf } from '../access/network-of.ts';
import { lackingRight, lockedSession, type Warrant } from '../access/warrant.ts';
import { type CredentialDeps, identify, type Identity } from './callers/credentials.ts';
import { isLoopback, isSafe, proxyTest, type Transport } from './callers/transport.ts';
import type { RateLimit } from './callers/rate-limit.ts';
import type { ApiDeps } from './deps.ts';
import { assertForm } from './request-form.ts';

/** What a route requires of its caller: a right, a session, or nothing. cloud/access/roles.ts lists the roles that hold a right. */
export type Requirement = Scope | 'session' | 'public';

declare module 'fastify' {
  interface FastifyRequest {
    /** The caller; undefined on public routes. */
    identity: Identity | undefined;
  }
  interface FastifyContextConfig {
    /** What the route requires. The server refuses to start if a route does not say. */
    readonly right?: Requirement;
    /** The route checks the caller's rights on each target itself, so callers who may read only a part of the region may use it. */
    checksTargets?: boolean;
    /** The route decides itself what a locked session may do. On all other routes a locked session may only read. */
    judgesLock?: boolean;
    /** A public read that makes the owner work or remember, so it is limited like a sign-in. Other public reads have no limit. */
    isCostly?: boolean;
  }
}

/** A route and what it requires of its caller. */
export interface GuardedRoute {
  readonly method: string;
  readonly url: string;
  readonly right: Requirement;
}

type GuardDeps = CredentialDeps & Pick<ApiDeps, 'allowedHosts' | 'region' | 'node'>;

/** Per address, which may be a proxy's. The account's lock limits guesses at one name. */
const SIGN_INS_PER_SECOND = 5;

export const requirement = (request: FastifyRequest): Requirement | undefined =>
  request.routeOptions.config.right ?? rightOfFile(request.method, request.routeOptions.url ?? '');

/** Rights whose use is audited. Under other rights only what a route marks as an act is: computing a forecast moves nothing. */
const AUDITED: readonly unknown[] = ['operate', 'models:write', 'access:write', 'session', 'public'];

/** True if what the request does is audited. */
export const isAudited = (request: FastifyRequest): boolean =>
  request.act !== undefined || AUDITED.includes(requirement(request));

/** Static files of the dashboard and the API page. They carry no data, and the plugins that serve them set no right. */
const FILES = ['/', '/index.html', '/favicon.svg'];
const FOLDERS = ['/assets/', '/api/'];

function rightOfFile(method: string, url: string): 'public' | undefined {
  const isFile = FILES.includes(url) || FOLDERS.some((folder) => `${url}/`.startsWith(folder));
  return isFile && ['GET', 'HEAD'].includes(method) ? 'public' : undefined;
}

/**
 * Installs one guard before every route. The Host header must be one of ours, so that a foreign page cannot reach a loopback listener by
 * DNS rebinding; a page of another origin cannot change anything.
 */
export function installAccess(app: FastifyInstance, deps: GuardDeps, rates: RateLimit): readonly GuardedRoute[] {
  const routes: GuardedRoute[] = [];
  app.decorateRequest('identity', undefined);
  app.addHook('onRoute', ({ method, url, config }) => {
    for (const each of [method].flat()) {
      const right = config?.right ?? rightOfFile(each, url);
      if (right === undefined) throw new Error(`${each} ${url} lacks config.right`);
      routes.push({ method: each, url, right });
    }
  });
  const assertTransport = transportGuard(deps);
  app.addHook('onRequest', async (request, reply) => {
    assertForm(request);
    assertTransport(request);
    assertPlace(request, deps);
    const needed = requirement(request);
    if (needed === undefined) return;
    const away = deps.node?.away();
    // Page files and health reveal nothing about the grid or anyone's rights.
    if (away !== undefined && (needed !== 'public' || request.url.startsWith('/v1/')))
      throw new LoadstoneError('LS-API-009', away);
    if (needed === 'public' && isSafe(request) && request.routeOptions.config.isCostly !== true) return;
    const identity = needed === 'public' ? undefined : identify(request, deps, isSafe(request));
    if (needed !== 'public' && identity === undefined)
      throw new LoadstoneError('LS-API-002', 'sign in, or send a token');
    const name = identity?.caller.name ?? `${isSafe(request) ? 'visitor' : 'sign-in'} ${networkOf(request.ip)}`;
    const perSecond = identity?.caller.requestsPerSecond ?? SIGN_INS_PER_SECOND;
    const rate = rates.take(name, perSecond);
    void reply.headers({
      'ratelimit-limit': rate.limit,
      'ratelimit-remaining': rate.remaining,
      'ratelimit-reset': rate.resetS,
    });
    if (!rate.allowed) {
      void reply.header('retry-after', rate.resetS);
      throw new LoadstoneError('LS-API-008', `${name} may send at most ${perSecond} requests per second`);
    }
    request.identity = identity;
    if (identity !== undefined) assertAllowed(request, identity, deps);
  });
  return routes;
}

/** Without HTTPS of our own, remote requests must come through a trusted proxy, and over HTTPS up to it. */
function transportGuard({ trustedProxies }: Transport): (request: FastifyRequest) => void {
  const isProxy = proxyTest(trustedProxies);
  return (request) => {
    const { encrypted, remoteAddress = '' } = request.socket as TLSSocket;
    if (encrypted === true) return;
    const isFromProxy = isProxy(remoteAddress);
    if (!isFromProxy && trustedProxies.length > 0 && !isLoopback(remoteAddress))
      throw new LoadstoneError(
        'LS-API-003',
        'connect through a proxy named in api.trustedProxies: this port serves no one else',
      );
    if (isFromProxy && request.headers['x-forwarded-proto'] !== undefined && request.protocol !== 'https')
      throw new LoadstoneError('LS-API-003', 'secrets travel only over HTTPS: connect to the proxy by https');
  };
}

function assertPlace(request: FastifyRequest, { allowedHosts, publicOrigin }: GuardDeps): void {
  const host = request.hostname.toLowerCase();
  const isPublic = publicOrigin !== '' && host === new URL(publicOrigin).hostname;
  if (!isPublic && !allowedHosts.includes(host)) {
    throw new LoadstoneError('LS-API-003', `this server does not serve the host "${host.slice(0, 80)}"`);
  }
  const { origin } = request.headers;
  if (origin === undefined || isSafe(request)) return;
  const isOurs = publicOrigin === '' ? origin === `${request.protocol}://${request.host}` : origin === publicOrigin;
  if (!isOurs) throw new LoadstoneError('LS-API-003', 'a page of another origin may not change anything here');
}

function assertAllowed(request: FastifyRequest, identity: Identity, { region }: GuardDeps): void {
  const needed = requirement(request);
  const { caller } = identity;
  if (caller.isLocked === true && request.routeOptions.config.judgesLock !== true) {
    if (!isSafe(request) || needed !== 'planner:read') throw lockedSession();
  }
  if (needed === 'session') {
    if (identity.session === undefined) throw new LoadstoneError('LS-API-003', 'this requires a signed-in user');
    return;
  }
  if (needed === undefined || needed === 'public') return;
  assertScope(caller, needed);
  if (request.routeOptions.config.checksTargets !== true && !mayRead(region, caller, `region:${region.id}`))
    throw new LoadstoneError('LS-API-003', `this shows the whole region; ${caller.name} may read only a part of it`);
}

function assertScope({ name, scopes }: Caller, needed: Exclude<Requirement, 'session' | 'public'>): void {
  if (!scopes.includes(needed)) throw lackingRight(name, needed);
}

/** Returns the caller of a request that passed the guard. */
export function callerOf(request: FastifyRequest): Caller {
  if (request.identity === undefined) throw new LoadstoneError('LS-API-002', 'sign in, or send a token');
  return request.identity.caller;
}

/** Throws LS-API-019 if the session is locked. */
export function assertUnlocked(request: FastifyRequest): void {
  if (callerOf(request).isLocked === true) throw lockedSession();
}

/** Returns the authority of a request: its caller, the right that its route requires, and the targets on which the right must hold. */
export function warrantOf(request: FastifyRequest, ...targets: readonly string[]): Warrant {
  const right = requirement(request);
  if (right === undefined || right === 'public') throw new Error(`${request.url} has no caller to act for`);
  return {
    name: callerOf(request).name,
    right,
    targets,
    session: request.identity?.session,
    tokenHash: request.identity?.tokenHash,
    request: isAudited(request) ? request.id : undefined,
  };
}

/**
 * Returns a function that looks up the caller again while a stream runs; it yields undefined once the caller has lost the right of the
 * route.
 */
export function callerNow(request: FastifyRequest): () => Caller | undefined {
  const { identity } = request;
  const needed = requirement(request);
  return () => {
    const caller = identity?.now();
    return caller?.scopes.some((scope) => scope === needed) === true ? caller : undefined;
  };
}

/** Sets headers on every answer, with a strict policy that bars inline scripts and styles. */
export function installHeaders(app: FastifyInstance): void {
  app.addHook('onSend', async (request, reply) => {
    // Browsers ignore HSTS for IP addresses. For localhost it would block other services of this machine.
    if (request.protocol === 'https' && request.hostname !== 'localhost')
      void reply.header('strict-transport-security', 'max-age=31536000');
    void reply.headers({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'x-frame-options': 'DENY',
      'cross-origin-opener-policy': 'same-origin',
    });
    if (reply.hasHeader('content-security-policy')) return;
    void reply.header(
      'content-security-policy',
      "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
        "object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'",
    );
  });
}
