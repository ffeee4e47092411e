import type { Region } from '../../shared/contracts/region.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { type Caller, mayAct, type Scope } from './caller.ts';

/** The actor of an act, and the right it uses. */
export interface Warrant {
  readonly name: string;
  /** `session`: any signed-in person. */
  readonly right: Scope | 'session';
  /** The right must hold on each of them. */
  readonly targets: readonly string[];
  /**
   * The credential of the act: the secret of a session, or the hash of a token. A name is no proof, because two tokens may share a label.
   */
  readonly session: string | undefined;
  readonly tokenHash: string | undefined;
  /** Id of the request if it is audited; its audit entry is written with the same id. */
  readonly request?: string | undefined;
}

/** Throws if the warrant of an act no longer holds. */
export type StillMay = () => void;

export interface Callers {
  readonly region: Region;
  /** The current holder, with current rights. */
  callerOfSession(session: string): Caller | undefined;
  callerOfTokenHash(hash: string): Caller | undefined;
}

/** Throws LS-API-002 if the session or token has ended, LS-API-019 if the session is locked, LS-API-003 if the right is gone. */
export function assertHolds(warrant: Warrant, callers: Callers): void {
  const { name, right, targets } = warrant;
  const caller = holderOf(warrant, callers);
  if (caller === undefined) throw new LoadstoneError('LS-API-002', 'the session or the token has ended');
  if (caller.isLocked === true) throw lockedSession();
  if (right === 'session') return;
  if (!caller.scopes.includes(right)) throw lackingRight(name, right);
  const foreign = targets.find((target) => !mayAct(callers.region, caller, target, right));
  if (foreign !== undefined) throw notTheirs(name, foreign);
}

function holderOf({ session, tokenHash }: Warrant, callers: Callers): Caller | undefined {
  if (session !== undefined) return callers.callerOfSession(session);
  return tokenHash === undefined ? undefined : callers.callerOfTokenHash(tokenHash);
}

export const lockedSession = (): LoadstoneError =>
  new LoadstoneError('LS-API-019', 'the session was locked by hand or after a time without activity: sign in again');

export const lackingRight = (name: string, right: Scope): LoadstoneError =>
  new LoadstoneError('LS-API-003', `this needs the right ${right}, which ${name} lacks`);

export const notTheirs = (name: string, target: string): LoadstoneError =>
  new LoadstoneError('LS-API-003', `${target} is not in the areas where ${name} may act`);
