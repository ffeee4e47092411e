import type { FastifyRequest } from 'fastify';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { problem } from './problem.ts';

/** Of two, one is read here and the other by whatever stands before us. */
const ONCE = ['host', 'authorization', 'origin', 'x-csrf-token', 'content-type', 'idempotency-key'];
/** RFC 9110, 7.2: a name or an address in brackets, and a port; no user, no path, no list. */
const HOST = /^(\[[\da-f:.]+\]|[\w.-]+)(:\d{1,5})?$/i;

/**
 * A request means one thing to everybody on its way: it asks for a path, names one host (RFC 9112, 3.2), and says who asks at most
 * once. Throws LS-API-001.
 */
export function assertForm({ raw }: FastifyRequest): void {
  if (raw.url?.startsWith('/') !== true)
    throw new LoadstoneError('LS-API-001', 'a request asks for a path that begins with /');
  const names = raw.rawHeaders.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase());
  const twice = ONCE.find((name) => names.indexOf(name) !== names.lastIndexOf(name));
  if (twice !== undefined) throw new LoadstoneError('LS-API-001', `the header ${twice} stands there more than once`);
  const encoding = raw.headers['content-encoding'] ?? 'identity';
  if (encoding.toLowerCase() !== 'identity')
    throw new LoadstoneError(
      'LS-API-001',
      `a body is read as it is, without Content-Encoding: ${encoding.slice(0, 40)}`,
    );
  if (!HOST.test(raw.headers.host ?? ''))
    throw new LoadstoneError('LS-API-001', 'a request has one Host header, which names a host and perhaps a port');
}

/** The answer to bytes that are no request, as they go over the wire; the connection ends after it. */
export function answerToGarbage({ code }: { readonly code?: string }): string {
  const body = JSON.stringify(
    code === 'HPE_HEADER_OVERFLOW'
      ? problem('LS-API-006', 'the headers are too long')
      : problem(
          'LS-API-001',
          code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 'the request did not come whole' : 'this is no request of HTTP/1.1',
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
