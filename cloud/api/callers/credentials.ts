import type { FastifyReply, FastifyRequest } from 'fastify';
import { LoadstoneError } from '../../../shared/outcome/outcome.ts';
import { csrfOf } from '../../access/people.ts';
import { hashed, type PeopleReader } from '../../access/people-reader.ts';
import type { Caller } from '../../access/caller.ts';
import { isAtHome, isHttps, type Transport } from './transport.ts';

/** The caller, and a way to look it up again: rights, sessions and tokens may end while a stream runs. */
export interface Identity {
  readonly caller: Caller;
  /** Secret of the session, if the caller used the cookie. */
  readonly session?: string;
  /** SHA-256 of the token, if the caller used one. */
  readonly tokenHash?: string;
  now(): Caller | undefined;
}

export interface CredentialDeps extends Transport {
  readonly people: Pick<PeopleReader, 'callerOfSession' | 'callerOfToken'>;
  /** The holder of a token of the callers' file, if any. */
  callerOf(token: string): Caller | undefined;
  /** Reads over loopback need no sign-in, only with a simulated plant. */
  readonly guests: boolean;
  readonly requestsPerSecond: number;
}

/** Returns the token of `Authorization: Bearer <token>`, or of Basic with user `token` (spreadsheets). */
export function tokenOf(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  const [scheme, credentials] = header.split(' ', 2);
  if (credentials === undefined) return undefined;
  if (scheme?.toLowerCase() === 'bearer') return credentials;
  if (scheme?.toLowerCase() !== 'basic') return undefined;
  const [user, ...password] = Buffer.from(credentials, 'base64').toString('utf8').split(':');
  return user === 'token' ? password.join(':') : undefined;
}

/** `__Host-` binds the cookie to this host, path and HTTPS. Browsers refuse it over plain HTTP, so loopback uses another name. */
export const cookieName = (transport: Transport): string =>
  isHttps(transport) ? '__Host-loadstone-session' : 'loadstone-session';

/** Attributes of all our cookies: no script can read them, and no other site can send them. */
export const cookieDefaults = (transport: Transport) =>
  ({ path: '/', httpOnly: true, sameSite: 'strict', secure: isHttps(transport) }) as const;

/** Sets the session cookie; an empty value removes it. */
export const setSession = (reply: FastifyReply, session: string, transport: Transport): FastifyReply =>
  reply.setCookie(cookieName(transport), session, session === '' ? { maxAge: 0 } : {});

export const sessionOf = ({ cookies }: FastifyRequest, transport: Transport): string | undefined =>
  cookies[cookieName(transport)];

/** Equals the time for which the count of guesses remembers a browser. */
const DEVICE_S = 180 * 24 * 3600;

const deviceName = (transport: Transport): string =>
  isHttps(transport) ? '__Host-loadstone-device' : 'loadstone-device';

/** A secret that identifies a returning browser. It grants nothing, but wrong passwords from elsewhere do not count against it. */
export const deviceOf = ({ cookies }: FastifyRequest, transport: Transport): string | undefined => {
  const device = cookies[deviceName(transport)];
  return device !== undefined && /^[\w-]{43}$/.test(device) ? device : undefined;
};

export const setDevice = (reply: FastifyReply, device: string, transport: Transport): FastifyReply =>
  reply.setCookie(deviceName(transport), device, { maxAge: DEVICE_S });

/**
 * Identifies the caller of a request: by its token, else its session, else as a read-only guest. An invalid token never becomes a guest.
 */
export function identify(request: FastifyRequest, deps: CredentialDeps, isSafe: boolean): Identity | undefined {
  const token = tokenOf(request.headers.authorization);
  if (request.headers.authorization !== undefined) {
    const now = (): Caller | undefined =>
      token === undefined ? undefined : (deps.callerOf(token) ?? deps.people.callerOfToken(token));
    const caller = now();
    if (token === undefined || caller === undefined) throw new LoadstoneError('LS-API-002', 'the token is not valid');
    return { caller, tokenHash: hashed(token), now };
  }
  const session = sessionOf(request, deps);
  const caller = session === undefined ? undefined : deps.people.callerOfSession(session);
  if (session !== undefined && caller !== undefined) {
    if (!isSafe) assertFromPage(request, session);
    return { caller, session, now: () => deps.people.callerOfSession(session) };
  }
  if (!deps.guests || !isSafe || !isAtHome(request, deps)) return undefined;
  const { requestsPerSecond } = deps;
  const guest: Caller = { name: 'guest', scopes: ['planner:read'], targets: '*', requestsPerSecond };
  return { caller: guest, now: () => guest };
}

/** Browsers send cookies automatically, so a change also needs a token that only our own page can know. */
function assertFromPage(request: FastifyRequest, session: string): void {
  if (request.headers.origin === undefined || request.headers['x-csrf-token'] !== csrfOf(session))
    throw new LoadstoneError(
      'LS-API-003',
      'a session may change something only from its own page: it must send Origin and its x-csrf-token',
    );
}
