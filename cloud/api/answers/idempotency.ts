import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { LoadstoneError } from '../../../shared/outcome/outcome.ts';
import type { TimeBase } from '../../../shared/time/clock.ts';
import { callerOf } from '../access.ts';
import { isOwnerLost, storedNotKnown, notKnown } from '../not-known.ts';
import type { Remote } from '../../compute/thread-calls.ts';
import type { StoredAnswers, RequestKey } from './stored-answers.ts';

const KEEP_MS = 24 * 3_600_000;
/** Marks the answer to a repeated request. */
export const REPLAYED = 'idempotency-replayed';
const STORED_HEADERS = ['content-type', 'location', 'retry-after'] as const;

declare module 'fastify' {
  interface FastifyRequest {
    /** The idempotency key that this request holds until it is answered. */
    heldKey: RequestKey | undefined;
  }
}

/**
 * A POST with an Idempotency-Key acts once in 24 h. The same request again gets the same answer; another request under the key is refused.
 */
export function installIdempotency(app: FastifyInstance, store: Remote<StoredAnswers>, time: TimeBase): void {
  app.decorateRequest('heldKey', undefined);
  app.addHook('preHandler', async (request, reply) => {
    const key = request.headers['idempotency-key'];
    if (request.method !== 'POST' || typeof key !== 'string') return;
    // A sign-in has no caller whose request could be repeated.
    if (request.routeOptions.config.right === 'public') return;
    if (key.length === 0 || key.length > 200)
      throw new LoadstoneError('LS-API-001', 'an Idempotency-Key has 1 to 200 characters', '/headers/idempotency-key');
    const who = { caller: callerOf(request).name, key };
    const now = time.now();
    const digest = digestOf(request);
    const stored = await store.take(who, digest, { now, since: now - KEEP_MS });
    if (stored === undefined) {
      request.heldKey = who;
      return;
    }
    if (stored.request !== digest)
      throw new LoadstoneError(
        'LS-API-012',
        `the key was already used for another request of ${who.caller}`,
        '/headers/idempotency-key',
      );
    if (stored.answer === undefined)
      throw new LoadstoneError('LS-API-005', 'the first request with this key is still under way');
    const { status, headers, body } = stored.answer;
    return reply
      .status(status)
      .headers({ ...headers, [REPLAYED]: 'true' })
      .serializer((text: string) => text)
      .send(body);
  });
  app.addHook('onSend', async (request, reply, payload) => {
    const who = request.heldKey;
    if (who === undefined) return payload;
    request.heldKey = undefined;
    if (reply.statusCode === storedNotKnown.status) {
      // A retry under the key must not act twice. If the owner is away, its next start marks the key as not known.
      await store.keep(who, storedNotKnown).catch((error: unknown) => {
        if (!isOwnerLost(error)) throw error;
      });
      return payload;
    }
    // A refused request changed nothing, so its key is released for a corrected one. A secret is shown once and not stored.
    const isSecret = reply.getHeader('cache-control') === 'no-store';
    try {
      if (reply.statusCode >= 400 || typeof payload !== 'string' || isSecret) await store.release(who);
      else await store.keep(who, { status: reply.statusCode, headers: headersOf(reply.getHeaders()), body: payload });
      return payload;
    } catch (error) {
      // Fastify would answer an error of this hook to an error in its own form, with the error's text.
      if (reply.statusCode >= 400) return payload;
      if (!isOwnerLost(error)) throw error;
      return notKnown(reply);
    }
  });
}

function digestOf(request: FastifyRequest): string {
  const { body } = request;
  const content = Buffer.isBuffer(body) ? body : (JSON.stringify(body) ?? '');
  return createHash('sha256').update(`${request.url}\n`).update(content).digest('base64url');
}

function headersOf(headers: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    STORED_HEADERS.flatMap((name) => {
      const value = headers[name];
      return typeof value === 'string' || typeof value === 'number' ? [[name, String(value)]] : [];
    }),
  );
}
