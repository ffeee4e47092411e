import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyReply } from 'fastify';

export const YEAR_IMMUTABLE = 'private, max-age=31536000, immutable';

export const etagOf = (payload: string | Uint8Array): string =>
  `"${createHash('sha256').update(payload).digest('base64url').slice(0, 27)}"`;

/** RFC 9110, 13.1.2: a list of tags or `*`, compared weakly. */
export function matches(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  if (header.trim() === '*') return true;
  const bare = (tag: string): string => tag.trim().replace(/^W\//, '');
  return header.split(',').some((tag) => bare(tag) === bare(etag));
}

/** Adds an ETag to every successful read; a caller that already has the answer gets 304. */
export function installEtags(app: FastifyInstance): void {
  app.addHook('onSend', async (request, reply, payload) => {
    if ((request.method !== 'GET' && request.method !== 'HEAD') || reply.statusCode !== 200) return payload;
    if (!request.url.startsWith('/v1/') || (typeof payload !== 'string' && !(payload instanceof Uint8Array)))
      return payload;
    const own = reply.getHeader('etag');
    const etag = typeof own === 'string' ? own : etagOf(payload);
    void reply.header('etag', etag);
    if (!reply.hasHeader('cache-control')) void reply.header('cache-control', 'private, no-cache');
    if (!matches(request.headers['if-none-match'], etag)) return payload;
    void reply.code(304).removeHeader('content-length').removeHeader('content-type');
    return null;
  });
}

/** Lets the caller, but no shared cache, keep an immutable answer for a year. */
export const immutable = (reply: FastifyReply): FastifyReply => reply.header('cache-control', YEAR_IMMUTABLE);
