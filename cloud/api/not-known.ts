import type { FastifyReply } from 'fastify';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { problem } from './problem.ts';

/** Error code of an act that may or may not have been done. */
export const NOT_KNOWN = 'LS-API-017';

const DETAIL = 'the owner was lost, or could not write its audit list, before the act was fully recorded';

/** True if a call did not reach the owner, or its answer never came. */
export const isOwnerLost = (error: unknown): boolean =>
  error instanceof LoadstoneError && (error.code === NOT_KNOWN || error.code === 'LS-API-009');

/** Replaces an answer that would claim more than is known. Returns its body. */
export function notKnown(reply: FastifyReply): string {
  const answer = problem(NOT_KNOWN, DETAIL);
  void reply.code(answer.status).type('application/problem+json').removeHeader('set-cookie').removeHeader('location');
  return JSON.stringify(answer);
}

/** The same as a stored answer, for retries. */
export const storedNotKnown = {
  status: problem(NOT_KNOWN, DETAIL).status,
  headers: { 'content-type': 'application/problem+json' },
  body: JSON.stringify(problem(NOT_KNOWN, DETAIL)),
} as const;
