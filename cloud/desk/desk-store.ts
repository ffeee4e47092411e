import type { Act } from '../../shared/contracts/desk.ts';
import type { CommandBody } from '../../shared/contracts/document.ts';

export interface StoredSelection {
  readonly user: string;
  readonly bound: string;
  /** Machine time, ms UTC. */
  readonly expiresAt: number;
  /** id of the `select` that its gateway was sent; null: it takes none. */
  readonly command: string | null;
}

/** A command as a person gave it, with what was measured at the device then. Times are plant time, ms UTC. */
export interface StoredCommand {
  readonly number: number;
  readonly target: string;
  readonly gateway: string;
  readonly body: CommandBody;
  readonly approver: string | null;
  readonly issuedAt: number;
  readonly acceptUntil: number;
  /** When it ended by itself or by another; null: not yet. */
  readonly endedAt: number | null;
  readonly measuredKw: number | null;
}

/** An act that waits for a second person, or did. Machine time, ms UTC. */
export interface StoredApproval {
  readonly id: string;
  readonly act: Act;
  readonly user: string;
  readonly reason: string;
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly state: 'waiting' | 'approved' | 'refused' | 'expired';
  readonly decidedBy: string | null;
  readonly why: string | null;
}

/** Selections, commands and approvals of the desk. A command is on disk before it is sent. */
export interface DeskStore {
  /** Standing commands at `now`, oldest first: unexpired overrides, and the newest stop or resume of each target at a gateway. */
  standing(now: number): Promise<StoredCommand[]>;
  /** Stores a selection by the hash of its token and removes expired ones. Machine time. */
  select(selection: StoredSelection & { readonly hash: string }, now: number): Promise<void>;
  selection(hash: string): Promise<StoredSelection | undefined>;
  /** Takes a selection out: of many at once exactly one gets it. */
  take(hash: string): Promise<StoredSelection | undefined>;
  /** Numbers rise in the order of keeping. An id is kept once: who asks again, as after a lost answer, gets what was kept. */
  keep(command: Omit<StoredCommand, 'number' | 'endedAt'>): Promise<StoredCommand>;
  command(id: string): Promise<StoredCommand | undefined>;
  /** What was done or asked for, newest first, without what was only selected, and given up; `before` is the number to go on below. */
  commands(query: { readonly limit: number; readonly before?: number | undefined }): Promise<StoredCommand[]>;
  /** Ends what has not ended. */
  end(id: string, at: number): Promise<void>;
  ask(approval: Omit<StoredApproval, 'state' | 'decidedBy' | 'why'>): Promise<void>;
  /** Newest first. */
  approvals(limit: number): Promise<StoredApproval[]>;
  approval(id: string): Promise<StoredApproval | undefined>;
  /** Decides an open request. Of many concurrent calls exactly one gets true. */
  decide(
    id: string,
    decision: {
      readonly state: 'approved' | 'refused';
      readonly by: string;
      readonly why: string;
      readonly now: number;
    },
  ): Promise<boolean>;
  /** What still waits and has run out at `now`, oldest first. Machine time. */
  overdue(now: number): Promise<StoredApproval[]>;
  /** Settles what waits as run out. */
  lapse(id: string): Promise<void>;
}
