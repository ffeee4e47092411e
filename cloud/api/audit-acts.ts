import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { AuditFacts } from '../audit/audit-entry.ts';
import { isSafe, requirement } from './access.ts';
import type { ApiDeps } from './deps.ts';

/** What a route adds to the audit entry of an act besides who, what and outcome. */
export type ActFacts = Partial<Pick<AuditFacts, 'who' | 'on' | 'from' | 'to' | 'why' | 'approver'>> & {
  /** It is a stop: once it has gone out, it counts whether or not it can be written down now. */
  readonly isStop?: boolean;
};

declare module 'fastify' {
  interface FastifyRequest {
    act: ActFacts | undefined;
  }
}

/** Rights whose use is written down; of all others what a route calls an act: computing a forecast moves nothing. */
const AUDITED = ['operate', 'models:write', 'access:write', 'session', 'public'];

/**
 * Writes each act, done or refused, before its answer leaves: an act that cannot be written down is answered as failed, but for a stop
 * that has gone out, which waits to be written.
 * Requests of nobody are not written, so that they cannot fill the disk; of failed attempts to sign in the first ones are, and
 * the number of those beyond.
 */
export function installAudit(app: FastifyInstance, { owner: { audit, attempts } }: Pick<ApiDeps, 'owner'>): void {
  app.decorateRequest('act', undefined);
  app.addHook('onSend', async (request, reply, payload) => {
    const who = request.act?.who ?? request.identity?.caller.name;
    const isAct = request.act !== undefined || AUDITED.includes(requirement(request) ?? '');
    if (isSafe(request) || who === undefined || !isAct) return payload;
    const code = /"code":"(LS-[A-Z]+-\d+)"/.exec(typeof payload === 'string' ? payload : '')?.[1];
    const outcome = reply.statusCode < 400 ? 'done' : (code ?? String(reply.statusCode));
    const what = whatOf(request);
    if (request.identity === undefined && outcome !== 'done') {
      await attempts.note({ account: who, address: request.ip, what, outcome });
      return payload;
    }
    if (request.identity === undefined) await attempts.settle(who);
    const { isStop = false, ...facts } = request.act ?? {};
    const entry = { ...facts, who, what, outcome };
    if (isStop && outcome === 'done') await audit.appendStop(entry);
    else await audit.append(entry);
    return payload;
  });
}

const whatOf = (request: FastifyRequest): string => `${request.method} ${request.routeOptions.url ?? ''}`;
