import type { FastifyInstance, FastifyRequest } from 'fastify';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import type { Caller, Scope } from './callers/caller.ts';
import { RateLimit } from './callers/rate-limit.ts';
import type { ApiDeps } from './deps.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks; undefined for the page's own files. */
    caller: Caller | undefined;
  }
  interface FastifyContextConfig {
    /** What a caller needs; by default `planner:read` to read and `operate` to change something. */
    scope?: Scope;
    /** The route checks the caller's rights on each target by itself: it is open to callers who may not read all. */
    checksTargets?: boolean;
  }
}

const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS'];
/** Reads over loopback need no token: this is who they are. */
const loopback = (requestsPerSecond: number): Caller => ({
  name: 'loopback',
  scopes: ['planner:read'],
  targets: '*',
  requestsPerSecond,
});

const isLoopback = (address: string): boolean =>
  address === '::1' || address.startsWith('127.') || address.startsWith('::ffff:127.');

/** The token of `Authorization: Bearer <token>`, or of Basic with user `token` (spreadsheets). */
export function tokenOf(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  const [scheme, credentials] = header.split(' ', 2);
  if (credentials === undefined) return undefined;
  if (scheme?.toLowerCase() === 'bearer') return credentials;
  if (scheme?.toLowerCase() !== 'basic') return undefined;
  const [user, ...password] = Buffer.from(credentials, 'base64').toString('utf8').split(':');
  return user === 'token' ? password.join(':') : undefined;
}

const isSafe = (request: FastifyRequest): boolean => SAFE_METHODS.includes(request.method);

/** Static files carry no data; the page asks for a token where one is needed. */
const isPage = (request: FastifyRequest): boolean =>
  isSafe(request) && !request.url.startsWith('/v1/') && request.url !== '/metrics';

/**
 * Whatever changes something needs the token; reads need it too unless they come over loopback.
 * The Host header must be one of ours, so that a foreign page cannot reach a loopback listener by rebinding its name.
 */
export function installAccess(
  app: FastifyInstance,
  deps: Pick<ApiDeps, 'callerOf' | 'allowedHosts' | 'clock' | 'requestsPerSecond'>,
): void {
  const rates = new RateLimit(deps.clock.machine);
  app.decorateRequest('caller', undefined);
  app.addHook('onRequest', async (request, reply) => {
    const host = request.hostname.toLowerCase();
    if (!deps.allowedHosts.includes(host)) {
      throw new LoadstoneError('LS-API-003', `the host "${host.slice(0, 80)}" is not one that this server answers for`);
    }
    const origin = request.headers.origin;
    if (origin !== undefined && !isSafe(request) && !sameHost(origin, request.host)) {
      throw new LoadstoneError('LS-API-003', 'a page of another origin may not change anything here');
    }
    if (isPage(request)) return;
    const caller = identify(request, deps);
    const rate = rates.take(caller.name, caller.requestsPerSecond);
    void reply.headers({
      'ratelimit-limit': rate.limit,
      'ratelimit-remaining': rate.remaining,
      'ratelimit-reset': rate.resetS,
    });
    if (!rate.allowed) {
      void reply.header('retry-after', rate.resetS);
      throw new LoadstoneError('LS-API-008', `${caller.name} may ask ${caller.requestsPerSecond} times a second`);
    }
    assertAllowed(request, caller);
    request.caller = caller;
  });
}

function identify(request: FastifyRequest, deps: Pick<ApiDeps, 'callerOf' | 'requestsPerSecond'>): Caller {
  const token = tokenOf(request.headers.authorization);
  if (token !== undefined) {
    const caller = deps.callerOf(token);
    if (caller === undefined) throw new LoadstoneError('LS-API-002', 'the token is not valid');
    return caller;
  }
  if (!isSafe(request)) throw new LoadstoneError('LS-API-002', 'this changes something: send the token');
  if (!isLoopback(request.ip)) throw new LoadstoneError('LS-API-002', 'reads from another machine need the token');
  return loopback(deps.requestsPerSecond);
}

function assertAllowed(request: FastifyRequest, caller: Caller): void {
  const { scope, checksTargets } = request.routeOptions.config;
  const needed = scope ?? (isSafe(request) ? 'planner:read' : 'operate');
  if (!caller.scopes.includes(needed))
    throw new LoadstoneError('LS-API-003', `this needs the scope ${needed}, which the token of ${caller.name} lacks`);
  if (caller.targets !== '*' && checksTargets !== true)
    throw new LoadstoneError(
      'LS-API-003',
      `this shows the whole region; the token of ${caller.name} reads a part of it`,
    );
}

/** The caller of a request behind the access hook. */
export function callerOf(request: FastifyRequest): Caller {
  if (request.caller === undefined) throw new LoadstoneError('LS-API-002', 'send the token');
  return request.caller;
}

function sameHost(origin: string, host: string): boolean {
  return URL.canParse(origin) && new URL(origin).host === host;
}

/** Headers for every answer: a strict policy without inline script or style. */
export function installHeaders(app: FastifyInstance): void {
  app.addHook('onSend', async (_request, reply) => {
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
