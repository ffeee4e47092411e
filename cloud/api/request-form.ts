import type { FastifyRequest } from 'fastify';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { problem } from './problem.ts';

/** If one of these came twice, we and the proxy before us might each read a different one. */
const ONCE = ['host', 'authorization', 'origin', 'x-csrf-token', 'content-type', 'idempotency-key'];
/** RFC 9110, 7.2: a name or a bracketed address, and a port; no user, no path, no list. */
const HOST = /^(\[[\da-f:.]+\]|[\w.-]+)(:\d{1,5})?$/i;

/**
 * Rejects a request that two parties on its way could read differently: it must ask for a path, name one host (RFC 9112, 3.2) and identify
 * the caller at most once. Throws LS-API-001.
 */
export function assertForm({ raw }: FastifyRequest): void {
  if (raw.url?.startsWith('/') !== true)
    throw new LoadstoneError('LS-API-001', 'the request target must be a path that begins with /');
  const names = raw.rawHeaders.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase());
  const twice = ONCE.find((name) => names.indexOf(name) !== names.lastIndexOf(name));
  if (twice !== undefined) throw new LoadstoneError('LS-API-001', `the header ${twice} appears more than once`);
  const encoding = raw.headers['content-encoding'] ?? 'identity';
  if (encoding.toLowerCase() !== 'identity')
    throw new LoadstoneError(
      'LS-API-001',
      `Content-Encoding ${encoding.slice(0, 40)} is not accepted: send the body unencoded`,
    );
  if (!HOST.test(raw.headers.host ?? ''))
    throw new LoadstoneError('LS-API-001', 'a request must have one Host header, with a host and optionally a port');
}

/** Returns the raw answer to bytes that are not a request; the connection ends after it. */
export function answerToGarbage({ code }: { readonly code?: string }): string {
  const body = JSON.stringify(
    code === 'HPE_HEADER_OVERFLOW'
      ? problem('LS-API-006', 'the headers are too long')
      : problem(
          'LS-API-001',
          code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 'the request arrived incomplete' : 'this is not a request of HTTP/1.1',
        ),
  );
  const status = code === 'HPE_HEADER_OVERFLOW' ? '413 Content Too Large' : '400 Bad Request';
  const headers = [
    'content-type: application/problem+json',
    `content-length: ${Buffer.byteLength(body)}`,
    'x-content-type-options: nosniff',
    'connection: close',
  ];
  return [`HTTP/1.1 ${status}`, ...headers, '', body].join('\r\n');
}
