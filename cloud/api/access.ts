import type { FastifyInstance, FastifyRequest } from 'fastify';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import type { ApiDeps } from './deps.ts';

const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS'];

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

/** Static files carry no data; the page asks for a token where one is needed. */
const isPage = (request: FastifyRequest): boolean =>
  SAFE_METHODS.includes(request.method) && !request.url.startsWith('/v1/') && request.url !== '/metrics';

/**
 * Whatever changes something needs the token; reads need it too unless they come over loopback.
 * The Host header must be one of ours, so that a foreign page cannot reach a loopback listener by rebinding its name.
 */
export function installAccess(app: FastifyInstance, deps: Pick<ApiDeps, 'isToken' | 'allowedHosts'>): void {
  app.addHook('onRequest', async (request) => {
    const host = request.hostname.toLowerCase();
    if (!deps.allowedHosts.includes(host)) {
      throw new LoadstoneError('LS-API-003', `the host "${host.slice(0, 80)}" is not one that this server answers for`);
    }
    const origin = request.headers.origin;
    if (origin !== undefined && !SAFE_METHODS.includes(request.method) && !sameHost(origin, request.host)) {
      throw new LoadstoneError('LS-API-003', 'a page of another origin may not change anything here');
    }
    if (isPage(request)) return;
    const token = tokenOf(request.headers.authorization);
    if (token !== undefined) {
      if (!deps.isToken(token)) throw new LoadstoneError('LS-API-002', 'the token is not valid');
      return;
    }
    if (!SAFE_METHODS.includes(request.method))
      throw new LoadstoneError('LS-API-002', 'this changes something: send the token');
    if (!isLoopback(request.ip)) throw new LoadstoneError('LS-API-002', 'reads from another machine need the token');
  });
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
