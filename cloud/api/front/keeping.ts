import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { People } from '../../access/people.ts';
import type { RateLimit } from '../callers/rate-limit.ts';
import type { Freshness, Mark } from './freshness.ts';
import type { KeepNote } from './kept-answers.ts';
import { KEEP_HEADER, MARK_HEADER } from './protocol.ts';
import type { FrontState } from './state.ts';

/** A request that came through the front: what its answer was made of, as soon as the route says so. */
interface Keeping {
  readonly freshness: Freshness;
  readonly rights: number;
  mark: Mark | undefined;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Undefined where nobody keeps the answer. */
    keeping: Keeping | undefined;
  }
}

/** Tells the front which answers it may give again, and to whom: before the guard, since rights are read behind it. */
export function installKeeping(
  app: FastifyInstance,
  {
    state,
    people,
    rates,
  }: { readonly state: FrontState | undefined; readonly people: People; readonly rates: RateLimit },
): void {
  app.decorateRequest('keeping', undefined);
  if (state === undefined) return;
  const { freshness, secret } = state;
  const unheard = people.onChange(() => freshness.rightsChanged());
  app.addHook('onClose', async () => unheard());
  app.addHook('onRequest', async (request) => {
    if (request.headers[MARK_HEADER] !== secret) return;
    request.keeping = { freshness, rights: freshness.rights(), mark: undefined };
  });
  app.addHook('onSend', async ({ keeping, identity }, reply) => {
    if (keeping?.mark === undefined || (reply.statusCode !== 200 && reply.statusCode !== 304)) return;
    // A session ends by itself and a guest is one by address: neither stands in the request alone.
    if (identity?.tokenUntil === undefined) return;
    const { name, requestsPerSecond } = identity.caller;
    const note: KeepNote = {
      ...keeping.mark,
      rateCell: rates.cellOf(name),
      requestsPerSecond,
      until: identity.tokenUntil,
    };
    void reply.header(KEEP_HEADER, JSON.stringify(note));
  });
}

/** The answer is the same until the target's forecast or somebody's rights change. To be called before what it is made of is read. */
export function keepWhileNewest({ keeping }: FastifyRequest, target: string): void {
  if (keeping !== undefined) keeping.mark = keeping.freshness.markOf(target, keeping.rights);
}
