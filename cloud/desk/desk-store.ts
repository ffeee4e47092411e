import type { Act } from '../../shared/contracts/desk.ts';
import type { CommandBody } from '../../shared/contracts/document.ts';

export interface KeptSelection {
  readonly user: string;
  readonly bound: string;
  /** Machine time, ms UTC. */
  readonly expiresAt: number;
  /** id of the `select` that its gateway was sent; null: it takes none. */
  readonly command: string | null;
}

/** A command as a person gave it, with what was measured at the device then. Times are plant time, ms UTC. */
export interface KeptCommand {
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
export interface KeptApproval {
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

/** What people at the desk have selected, commanded and put up: on the medium before a command leaves. */
export interface DeskStore {
  /** What stands at `now`, oldest first: overrides that are not over, and the newest stop or resume of each target at a gateway. */
  standing(now: number): Promise<KeptCommand[]>;
  /** Keeps a selection by the hash of its token; what has run out goes. Machine time. */
  select(selection: KeptSelection & { readonly hash: string }, now: number): Promise<void>;
  selection(hash: string): Promise<KeptSelection | undefined>;
  /** Takes a selection out: of many at once exactly one gets it. */
  take(hash: string): Promise<KeptSelection | undefined>;
  /** Numbers rise in the order of keeping. */
  keep(command: Omit<KeptCommand, 'number' | 'endedAt'>): Promise<KeptCommand>;
  command(id: string): Promise<KeptCommand | undefined>;
  /** What was done or asked for, newest first, without what was only selected, and given up; `before` is the number to go on below. */
  commands(query: { readonly limit: number; readonly before?: number | undefined }): Promise<KeptCommand[]>;
  /** Ends what has not ended. */
  end(id: string, at: number): Promise<void>;
  ask(approval: Omit<KeptApproval, 'state' | 'decidedBy' | 'why'>): Promise<void>;
  /** Newest first. */
  approvals(limit: number): Promise<KeptApproval[]>;
  approval(id: string): Promise<KeptApproval | undefined>;
  /** Decides what waits and has not run out: of many at once exactly one gets true. */
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
  overdue(now: number): Promise<KeptApproval[]>;
  /** Settles what waits as run out. */
  lapse(id: string): Promise<void>;
}
