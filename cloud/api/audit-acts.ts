import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { AuditFacts } from '../audit/audit-entry.ts';
import { isAudited } from './access.ts';
import { REPLAYED } from './answers/idempotency.ts';
import { isSafe } from './callers/transport.ts';
import type { ApiDeps } from './deps.ts';
import { isOwnerLost, NOT_KNOWN, notKnown } from './not-known.ts';

/** What a route adds to an act's audit entry besides caller, route and outcome. */
export type ActFacts = Partial<Pick<AuditFacts, 'who' | 'on' | 'from' | 'to' | 'why' | 'approver'>> & {
  /** The act is a stop: once sent, it counts whether or not its audit entry can be written now. */
  readonly isStop?: boolean;
};

declare module 'fastify' {
  interface FastifyRequest {
    act: ActFacts | undefined;
  }
}

/**
 * Writes each act, done or refused, to the audit log before its answer leaves. An act that cannot be written is answered as failed, with
 * two exceptions: a stop that was sent waits to be written, and an act whose owner is lost on the way is answered as not known. A refusal
 * that cannot be written stands. Anonymous requests are not written, so that they cannot fill the disk; of failed sign-ins the first ones
 * are written, then a count of the rest.
 */
export function installAudit(
  app: FastifyInstance,
  { owner: { audit, attempts }, onBug }: Pick<ApiDeps, 'owner' | 'onBug'>,
): void {
  app.decorateRequest('act', undefined);
  app.addHook('onSend', async (request, reply, payload) => {
    const who = request.act?.who ?? request.identity?.caller.name;
    if (isSafe(request) || who === undefined || !isAudited(request)) return payload;
    // A repeated request did nothing, and the entry of its first one stands.
    if (reply.statusCode < 400 && reply.hasHeader(REPLAYED)) return payload;
    const code = /"code":"(LS-[A-Z]+-\d+)"/.exec(typeof payload === 'string' ? payload : '')?.[1];
    const outcome = reply.statusCode < 400 ? 'done' : (code ?? String(reply.statusCode));
    const what = whatOf(request);
    const write = async (): Promise<void> => {
      if (request.identity === undefined && outcome !== 'done')
        return attempts.note({ account: who, address: request.ip, what, outcome });
      if (request.identity === undefined) await attempts.settle(who);
      const { isStop = false, ...facts } = request.act ?? {};
      const entry = { ...facts, ...lockOf(request), who, what, outcome };
      if (isStop && (outcome === 'done' || reply.statusCode >= 500)) await audit.appendStop(entry, request.id);
      else await audit.append(entry, request.id);
    };
    try {
      await write();
      return payload;
    } catch (error) {
      if (!isOwnerLost(error)) onBug(error);
      // What was done without an entry is not told as done, and a retry under its key does not do it again. A refusal stands.
      return outcome === 'done' || (isOwnerLost(error) && outcome === NOT_KNOWN) ? notKnown(reply) : payload;
    }
  });
}

/** Anyone standing at a locked desk may have sent this. */
const lockOf = ({ identity, act }: FastifyRequest): Pick<ActFacts, 'to'> =>
  identity?.caller.isLocked === true ? { to: { ...(act?.to as object | undefined), lockedDesk: true } } : {};

const whatOf = (request: FastifyRequest): string => `${request.method} ${request.routeOptions.url ?? ''}`;
