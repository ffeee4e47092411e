import type { Act } from '../../shared/contracts/desk.ts';
import type { CommandBody } from '../../shared/contracts/document.ts';
import type { Where } from '../telemetry/database.ts';
import { SqliteFile } from '../telemetry/sqlite-file.ts';

const migrations = [
  `CREATE TABLE selection (
     hash TEXT PRIMARY KEY, user TEXT NOT NULL, bound TEXT NOT NULL, expires_at INTEGER NOT NULL
   ) WITHOUT ROWID;
   CREATE TABLE command (
     number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, target TEXT NOT NULL,
     gateway TEXT NOT NULL, device TEXT, user TEXT NOT NULL, approver TEXT, reason TEXT NOT NULL,
     issued_at INTEGER NOT NULL, accept_until INTEGER NOT NULL, expires_at INTEGER NOT NULL,
     ended_at INTEGER, measured_kw REAL, content TEXT NOT NULL
   );
   CREATE INDEX command_standing ON command (kind, ended_at, expires_at);
   CREATE INDEX command_device ON command (gateway, device, number)`,
  `CREATE TABLE approval (
     number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, act TEXT NOT NULL, user TEXT NOT NULL,
     reason TEXT NOT NULL, created_at INTEGER NOT NULL, expires_at INTEGER NOT NULL,
     state TEXT NOT NULL, decided_by TEXT, why TEXT
   )`,
  'ALTER TABLE selection ADD COLUMN command TEXT',
];

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
export class DeskStore extends SqliteFile {
  /** `at`: a file of its own, `:memory:`, or a file that it shares. */
  constructor(at: Where) {
    super({ at, name: 'desk', migrations, what: 'the desk store' });
  }

  /** Keeps a selection by the hash of its token; what has run out goes. Machine time. */
  select({ hash, user, bound, expiresAt, command }: KeptSelection & { readonly hash: string }, now: number): void {
    this.db.prepare('DELETE FROM selection WHERE expires_at <= ?').run(now);
    this.db
      .prepare('INSERT INTO selection (hash, user, bound, expires_at, command) VALUES (?, ?, ?, ?, ?)')
      .run(hash, user, bound, expiresAt, command);
  }

  selection(hash: string): KeptSelection | undefined {
    return selectionOf(this.db.prepare('SELECT * FROM selection WHERE hash = ?').get(hash));
  }

  /** Takes a selection out: nobody gets it a second time. */
  take(hash: string): KeptSelection | undefined {
    return selectionOf(this.db.prepare('DELETE FROM selection WHERE hash = ? RETURNING *').get(hash));
  }

  keep(command: Omit<KeptCommand, 'number' | 'endedAt'>): void {
    const { body, target, gateway, approver, issuedAt, acceptUntil, measuredKw } = command;
    this.db
      .prepare(
        `INSERT INTO command (id, kind, target, gateway, device, user, approver, reason, issued_at, accept_until,
           expires_at, measured_kw, content) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(
        body.id,
        body.kind,
        target,
        gateway,
        body.device ?? null,
        body.user,
        approver,
        body.reason,
        issuedAt,
        acceptUntil,
        body.expiresAt,
        measuredKw,
        JSON.stringify(body),
      );
  }

  command(id: string): KeptCommand | undefined {
    return kept(this.db.prepare('SELECT * FROM command WHERE id = ?').get(id));
  }

  /** What was done or asked for, newest first, without what was only selected, and given up; `before` is the number to go on below. */
  commands(query: { readonly limit: number; readonly before?: number | undefined }): KeptCommand[] {
    return this.db
      .prepare(
        `SELECT * FROM command WHERE number < ? AND kind NOT IN ('select', 'cancel') ORDER BY number DESC LIMIT ?`,
      )
      .all(query.before ?? Number.MAX_SAFE_INTEGER, query.limit)
      .map((row) => kept(row)!);
  }

  /** Of a kind, not ended and not run out at `now`, newest first. */
  standing(kind: CommandBody['kind'], now: number): KeptCommand[] {
    return this.db
      .prepare('SELECT * FROM command WHERE kind = ? AND ended_at IS NULL AND expires_at > ? ORDER BY number DESC')
      .all(kind, now)
      .map((row) => kept(row)!);
  }

  /** The newest stop or resume of each target at a gateway. */
  lastStops(gateway: string): KeptCommand[] {
    return this.db
      .prepare(
        `SELECT * FROM command WHERE number IN (
           SELECT max(number) FROM command WHERE gateway = ? AND kind IN ('stop', 'resume') GROUP BY target)`,
      )
      .all(gateway)
      .map((row) => kept(row)!);
  }

  ask(approval: Omit<KeptApproval, 'state' | 'decidedBy' | 'why'>): void {
    const { id, act, user, reason, createdAt, expiresAt } = approval;
    this.db
      .prepare(
        `INSERT INTO approval (id, act, user, reason, created_at, expires_at, state) VALUES (?, ?, ?, ?, ?, ?, 'waiting')`,
      )
      .run(id, JSON.stringify(act), user, reason, createdAt, expiresAt);
  }

  /** Newest first. */
  approvals(limit: number): KeptApproval[] {
    return this.db.prepare('SELECT * FROM approval ORDER BY number DESC LIMIT ?').all(limit).map(approvalOf);
  }

  approval(id: string): KeptApproval | undefined {
    const row = this.db.prepare('SELECT * FROM approval WHERE id = ?').get(id);
    return row === undefined ? undefined : approvalOf(row);
  }

  /** Decides what waits and has not run out, once; answers whether it did. */
  decide(id: string, decision: { state: 'approved' | 'refused'; by: string; why: string; now: number }): boolean {
    const { changes } = this.db
      .prepare(
        `UPDATE approval SET state = ?, decided_by = ?, why = ? WHERE id = ? AND state = 'waiting' AND expires_at > ?`,
      )
      .run(decision.state, decision.by, decision.why, id, decision.now);
    return Number(changes) > 0;
  }

  /** What still waits and has run out at `now`, oldest first. Machine time. */
  overdue(now: number): KeptApproval[] {
    return this.prepared(`SELECT * FROM approval WHERE state = 'waiting' AND expires_at <= ? ORDER BY number`)
      .all(now)
      .map(approvalOf);
  }

  lapse(id: string): void {
    this.prepared(`UPDATE approval SET state = 'expired' WHERE id = ? AND state = 'waiting'`).run(id);
  }

  end(id: string, at: number): void {
    this.db.prepare('UPDATE command SET ended_at = ? WHERE id = ? AND ended_at IS NULL').run(at, id);
  }
}

function selectionOf(row: Record<string, unknown> | undefined): KeptSelection | undefined {
  if (row === undefined) return undefined;
  return {
    user: String(row['user']),
    bound: String(row['bound']),
    expiresAt: Number(row['expires_at']),
    command: row['command'] as string | null,
  };
}

const approvalOf = (row: Record<string, unknown>): KeptApproval => ({
  id: String(row['id']),
  act: JSON.parse(row['act'] as string) as Act,
  user: String(row['user']),
  reason: String(row['reason']),
  createdAt: Number(row['created_at']),
  expiresAt: Number(row['expires_at']),
  state: row['state'] as KeptApproval['state'],
  decidedBy: row['decided_by'] as string | null,
  why: row['why'] as string | null,
});

function kept(row: Record<string, unknown> | undefined): KeptCommand | undefined {
  if (row === undefined) return undefined;
  return {
    number: Number(row['number']),
    target: String(row['target']),
    gateway: String(row['gateway']),
    body: JSON.parse(row['content'] as string) as CommandBody,
    approver: row['approver'] as string | null,
    issuedAt: Number(row['issued_at']),
    acceptUntil: Number(row['accept_until']),
    endedAt: row['ended_at'] === null ? null : Number(row['ended_at']),
    measuredKw: row['measured_kw'] as number | null,
  };
}
