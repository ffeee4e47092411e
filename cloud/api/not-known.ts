import type { FastifyReply } from 'fastify';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { problem } from './problem.ts';

/** The code of an act that may have been done or not. */
export const NOT_KNOWN = 'LS-API-017';

const DETAIL = 'the control room was lost before all was written down';

/** What was asked of the owner did not reach it, or its answer never came. */
export const isOwnerLost = (error: unknown): boolean =>
  error instanceof LoadstoneError && (error.code === NOT_KNOWN || error.code === 'LS-API-009');

/** In the place of an answer that would say more than is known. Answers with its text. */
export function notKnown(reply: FastifyReply): string {
  const told = problem(NOT_KNOWN, DETAIL);
  void reply.code(told.status).type('application/problem+json').removeHeader('set-cookie').removeHeader('location');
  return JSON.stringify(told);
}

/** The same as an answer that is kept for whoever asks again. */
export const keptNotKnown = {
  status: problem(NOT_KNOWN, DETAIL).status,
  headers: { 'content-type': 'application/problem+json' },
  body: JSON.stringify(problem(NOT_KNOWN, DETAIL)),
} as const;
