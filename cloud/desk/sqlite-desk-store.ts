import type { Act } from '../../shared/contracts/desk.ts';
import type { CommandBody } from '../../shared/contracts/document.ts';
import type { Where } from '../telemetry/database.ts';
import { SqliteFile } from '../telemetry/sqlite-file.ts';
import type { DeskStore, StoredApproval, StoredCommand, StoredSelection } from './desk-store.ts';

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

/** The desk on SQLite. */
export class SqliteDeskStore extends SqliteFile implements DeskStore {
  /** `at`: a file of its own, `:memory:`, or a file that it shares. */
  constructor(at: Where) {
    super({ at, name: 'desk', migrations, what: 'the desk store' });
  }

  async standing(now: number): Promise<StoredCommand[]> {
    return this.prepared(
      `SELECT * FROM command WHERE kind = 'override' AND ended_at IS NULL AND expires_at > ?
         OR number IN (SELECT max(number) FROM command WHERE kind IN ('stop', 'resume') GROUP BY gateway, target)
         ORDER BY number`,
    )
      .all(now)
      .map((row) => kept(row)!);
  }

  async select(
    { hash, user, bound, expiresAt, command }: StoredSelection & { readonly hash: string },
    now: number,
  ): Promise<void> {
    this.prepared('DELETE FROM selection WHERE expires_at <= ?').run(now);
    this.prepared('INSERT INTO selection (hash, user, bound, expires_at, command) VALUES (?, ?, ?, ?, ?)').run(
      hash,
      user,
      bound,
      expiresAt,
      command,
    );
  }

  async selection(hash: string): Promise<StoredSelection | undefined> {
    return selectionOf(this.prepared('SELECT * FROM selection WHERE hash = ?').get(hash));
  }

  async take(hash: string): Promise<StoredSelection | undefined> {
    return selectionOf(this.prepared('DELETE FROM selection WHERE hash = ? RETURNING *').get(hash));
  }

  async keep(command: Omit<StoredCommand, 'number' | 'endedAt'>): Promise<StoredCommand> {
    const { body, target, gateway, approver, issuedAt, acceptUntil, measuredKw } = command;
    const row = this.prepared(
      `INSERT INTO command (id, kind, target, gateway, device, user, approver, reason, issued_at, accept_until,
         expires_at, measured_kw, content) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING *`,
    ).get(
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
    return kept(row)!;
  }

  async command(id: string): Promise<StoredCommand | undefined> {
    return kept(this.prepared('SELECT * FROM command WHERE id = ?').get(id));
  }

  async commands(query: { readonly limit: number; readonly before?: number | undefined }): Promise<StoredCommand[]> {
    return this.prepared(
      `SELECT * FROM command WHERE number < ? AND kind NOT IN ('select', 'cancel') ORDER BY number DESC LIMIT ?`,
    )
      .all(query.before ?? Number.MAX_SAFE_INTEGER, query.limit)
      .map((row) => kept(row)!);
  }

  async ask(approval: Omit<StoredApproval, 'state' | 'decidedBy' | 'why'>): Promise<void> {
    const { id, act, user, reason, createdAt, expiresAt } = approval;
    this.prepared(
      `INSERT INTO approval (id, act, user, reason, created_at, expires_at, state) VALUES (?, ?, ?, ?, ?, ?, 'waiting')`,
    ).run(id, JSON.stringify(act), user, reason, createdAt, expiresAt);
  }

  async approvals(limit: number): Promise<StoredApproval[]> {
    return this.prepared('SELECT * FROM approval ORDER BY number DESC LIMIT ?').all(limit).map(approvalOf);
  }

  async approval(id: string): Promise<StoredApproval | undefined> {
    const row = this.prepared('SELECT * FROM approval WHERE id = ?').get(id);
    return row === undefined ? undefined : approvalOf(row);
  }

  async decide(
    id: string,
    decision: { state: 'approved' | 'refused'; by: string; why: string; now: number },
  ): Promise<boolean> {
    const { changes } = this.prepared(
      `UPDATE approval SET state = ?, decided_by = ?, why = ? WHERE id = ? AND state = 'waiting' AND expires_at > ?`,
    ).run(decision.state, decision.by, decision.why, id, decision.now);
    return Number(changes) > 0;
  }

  async overdue(now: number): Promise<StoredApproval[]> {
    return this.prepared(`SELECT * FROM approval WHERE state = 'waiting' AND expires_at <= ? ORDER BY number`)
      .all(now)
      .map(approvalOf);
  }

  async lapse(id: string): Promise<void> {
    this.prepared(`UPDATE approval SET state = 'expired' WHERE id = ? AND state = 'waiting'`).run(id);
  }

  async end(id: string, at: number): Promise<void> {
    this.prepared('UPDATE command SET ended_at = ? WHERE id = ? AND ended_at IS NULL').run(at, id);
  }
}

function selectionOf(row: Record<string, unknown> | undefined): StoredSelection | undefined {
  if (row === undefined) return undefined;
  return {
    user: String(row['user']),
    bound: String(row['bound']),
    expiresAt: Number(row['expires_at']),
    command: row['command'] as string | null,
  };
}

const approvalOf = (row: Record<string, unknown>): StoredApproval => ({
  id: String(row['id']),
  act: JSON.parse(row['act'] as string) as Act,
  user: String(row['user']),
  reason: String(row['reason']),
  createdAt: Number(row['created_at']),
  expiresAt: Number(row['expires_at']),
  state: row['state'] as StoredApproval['state'],
  decidedBy: row['decided_by'] as string | null,
  why: row['why'] as string | null,
});

function kept(row: Record<string, unknown> | undefined): StoredCommand | undefined {
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
