import type { Region } from '../../shared/contracts/region.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { type Caller, mayAct, type Scope } from './caller.ts';

/** Who acts, and the right by which they do. */
export interface Warrant {
  readonly name: string;
  /** `session`: whoever has signed in. */
  readonly right: Scope | 'session';
  /** On each of them the right must hold. */
  readonly targets: readonly string[];
  /** What carries the act: the secret of a session, or the hash of a token. A name is no proof: two tokens may share a label. */
  readonly session: string | undefined;
  readonly tokenHash: string | undefined;
}

/** Throws where the warrant of an act does not hold any more. */
export type StillMay = () => void;

export interface Callers {
  readonly region: Region;
  /** Who holds them now, with the rights of now. */
  callerOfSession(session: string): Caller | undefined;
  callerOfTokenHash(hash: string): Caller | undefined;
}

/** Throws LS-API-002 where the session or the token has ended, LS-API-019 where it is locked, and LS-API-003 where the right is gone. */
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
  new LoadstoneError('LS-API-019', 'nobody has been at this desk for a while, or it was locked: sign in again');

export const lackingRight = (name: string, right: Scope): LoadstoneError =>
  new LoadstoneError('LS-API-003', `this needs the right ${right}, which ${name} lacks`);

export const notTheirs = (name: string, target: string): LoadstoneError =>
  new LoadstoneError('LS-API-003', `${target} is not in the areas where ${name} may act`);
