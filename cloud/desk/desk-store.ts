import type { Act } from '../../shared/contracts/desk.ts';
import type { CommandBody } from '../../shared/contracts/document.ts';

export interface StoredSelection {
  readonly user: string;
  readonly bound: string;
  /** Machine time, ms UTC. */
  readonly expiresAt: number;
  /** Id of the `select` command sent to the gateway; null: the gateway does not support selections. */
  readonly command: string | null;
}

/** A command as given, with the device's measured power at that time. Times are plant time, ms UTC. */
export interface StoredCommand {
  readonly number: number;
  readonly target: string;
  readonly gateway: string;
  readonly body: CommandBody;
  readonly approver: string | null;
  readonly issuedAt: number;
  readonly acceptUntil: number;
  /** When it ended by itself or was superseded; null: not yet. */
  readonly endedAt: number | null;
  readonly measuredKw: number | null;
}

/** A request for approval by a second person. Machine time, ms UTC. */
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

/** Selections, commands and approvals of the desk. A command is stored before it is sent. */
export interface DeskStore {
  /** Standing commands at `now`, oldest first: unexpired overrides, and the newest stop or resume of each target at a gateway. */
  standing(now: number): Promise<StoredCommand[]>;
  /** Stores a selection by the hash of its token and removes expired ones. Machine time. */
  select(selection: StoredSelection & { readonly hash: string }, now: number): Promise<void>;
  selection(hash: string): Promise<StoredSelection | undefined>;
  /** Removes a selection: exactly one of several concurrent callers gets it. */
  take(hash: string): Promise<StoredSelection | undefined>;
  /** Numbers ascend in the order of storing. An id is stored once: a retry, as after a lost answer, returns the stored command. */
  keep(command: Omit<StoredCommand, 'number' | 'endedAt'>): Promise<StoredCommand>;
  command(id: string): Promise<StoredCommand | undefined>;
  /** Commands, newest first, without selections and their cancellations; pass the last number as `before` to continue. */
  commands(query: { readonly limit: number; readonly before?: number | undefined }): Promise<StoredCommand[]>;
  /** Ends a command unless it has ended already. */
  end(id: string, at: number): Promise<void>;
  ask(approval: Omit<StoredApproval, 'state' | 'decidedBy' | 'why'>): Promise<void>;
  /** Newest first. */
  approvals(limit: number): Promise<StoredApproval[]>;
  approval(id: string): Promise<StoredApproval | undefined>;
  /** Decides an open request. Exactly one of several concurrent callers gets true. */
  decide(
    id: string,
    decision: {
      readonly state: 'approved' | 'refused';
      readonly by: string;
      readonly why: string;
      readonly now: number;
    },
  ): Promise<boolean>;
  /** Takes back an approval by `by`: the request waits again, until its time is over. */
  reopen(id: string, by: string): Promise<void>;
  /** Requests still waiting but expired at `now`, oldest first. Machine time. */
  overdue(now: number): Promise<StoredApproval[]>;
  /** Marks a waiting request as expired. */
  lapse(id: string): Promise<void>;
}
