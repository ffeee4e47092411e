import type { Act } from '../../shared/contracts/desk.ts';
import type { CommandBody } from '../../shared/contracts/document.ts';
import { SqlStore, type SqlPlace } from '../sql/sql-store.ts';
import { run, type Row } from '../sql/sql.ts';
import type { DeskStore, StoredApproval, StoredCommand, StoredSelection } from './desk-store.ts';

const migrations = [
  `CREATE TABLE selection (
     hash TEXT PRIMARY KEY, "user" TEXT NOT NULL, bound TEXT NOT NULL, expires_at INTEGER NOT NULL
   ) WITHOUT ROWID;
   CREATE TABLE command (
     number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, target TEXT NOT NULL,
     gateway TEXT NOT NULL, device TEXT, "user" TEXT NOT NULL, approver TEXT, reason TEXT NOT NULL,
     issued_at INTEGER NOT NULL, accept_until INTEGER NOT NULL, expires_at INTEGER NOT NULL,
     ended_at INTEGER, measured_kw REAL, content TEXT NOT NULL
   );
   CREATE INDEX command_standing ON command (kind, ended_at, expires_at);
   CREATE INDEX command_device ON command (gateway, device, number)`,
  `CREATE TABLE approval (
     number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, act TEXT NOT NULL, "user" TEXT NOT NULL,
     reason TEXT NOT NULL, created_at INTEGER NOT NULL, expires_at INTEGER NOT NULL,
     state TEXT NOT NULL, decided_by TEXT, why TEXT
   )`,
  'ALTER TABLE selection ADD COLUMN command TEXT',
  // Queried every few seconds, next to all decided requests.
  `CREATE INDEX approval_waiting ON approval (number) WHERE state = 'waiting'`,
  // The pruner reads its first rows each period; stops and resumes are kept, so they would grow in front of them.
  `CREATE INDEX command_pruned ON command (number) WHERE kind NOT IN ('stop', 'resume')`,
];

export class SqliteDeskStore extends SqlStore implements DeskStore {
  /** `at`: a SQLite file of its own, `:memory:`, or a shared database. */
  constructor(at: SqlPlace) {
    super({ at, name: 'desk', migrations, what: 'the desk store' });
  }

  async standing(now: number): Promise<StoredCommand[]> {
    const standing = await this.sql.rows(
      `SELECT * FROM command WHERE kind = 'override' AND ended_at IS NULL AND expires_at > ?
         OR number IN (SELECT max(number) FROM command WHERE kind IN ('stop', 'resume') GROUP BY gateway, target)
         ORDER BY number`,
      now,
    );
    return standing.map(storedCommand);
  }

  async select(
    { hash, user, bound, expiresAt, command }: StoredSelection & { readonly hash: string },
    now: number,
  ): Promise<void> {
    await this.sql.transaction(function* () {
      yield* run('DELETE FROM selection WHERE expires_at <= ?', now);
      yield* run(
        'INSERT INTO selection (hash, "user", bound, expires_at, command) VALUES (?, ?, ?, ?, ?)',
        hash,
        user,
        bound,
        expiresAt,
        command,
      );
    });
  }

  async selection(hash: string): Promise<StoredSelection | undefined> {
    return (await this.sql.rows('SELECT * FROM selection WHERE hash = ?', hash)).map(selectionOf)[0];
  }

  async take(hash: string): Promise<StoredSelection | undefined> {
    return (await this.sql.rows('DELETE FROM selection WHERE hash = ? RETURNING *', hash)).map(selectionOf)[0];
  }

  async keep(command: Omit<StoredCommand, 'number' | 'endedAt'>): Promise<StoredCommand> {
    const { body, target, gateway, approver, issuedAt, acceptUntil, measuredKw } = command;
    const [row] = await this.sql.rows(
      `INSERT INTO command (id, kind, target, gateway, device, "user", approver, reason, issued_at, accept_until,
         expires_at, measured_kw, content) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (id) DO UPDATE SET id = excluded.id RETURNING *`,
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
    return storedCommand(row!);
  }

  async command(id: string): Promise<StoredCommand | undefined> {
    return (await this.sql.rows('SELECT * FROM command WHERE id = ?', id)).map(storedCommand)[0];
  }

  async commands(query: { readonly limit: number; readonly before?: number | undefined }): Promise<StoredCommand[]> {
    const commands = await this.sql.rows(
      `SELECT * FROM command WHERE number < ? AND kind NOT IN ('select', 'cancel') ORDER BY number DESC LIMIT ?`,
      query.before ?? Number.MAX_SAFE_INTEGER,
      query.limit,
    );
    return commands.map(storedCommand);
  }

  async ask(approval: Omit<StoredApproval, 'state' | 'decidedBy' | 'why'>): Promise<void> {
    const { id, act, user, reason, createdAt, expiresAt } = approval;
    await this.sql.run(
      `INSERT INTO approval (id, act, "user", reason, created_at, expires_at, state) VALUES (?, ?, ?, ?, ?, ?, 'waiting')`,
      id,
      JSON.stringify(act),
      user,
      reason,
      createdAt,
      expiresAt,
    );
  }

  async approvals(limit: number): Promise<StoredApproval[]> {
    return (await this.sql.rows('SELECT * FROM approval ORDER BY number DESC LIMIT ?', limit)).map(approvalOf);
  }

  async approval(id: string): Promise<StoredApproval | undefined> {
    return (await this.sql.rows('SELECT * FROM approval WHERE id = ?', id)).map(approvalOf)[0];
  }

  async decide(
    id: string,
    decision: { state: 'approved' | 'refused'; by: string; why: string; now: number },
  ): Promise<boolean> {
    const changes = await this.sql.run(
      `UPDATE approval SET state = ?, decided_by = ?, why = ? WHERE id = ? AND state = 'waiting' AND expires_at > ?`,
      decision.state,
      decision.by,
      decision.why,
      id,
      decision.now,
    );
    return changes > 0;
  }

  async reopen(id: string, by: string): Promise<void> {
    await this.sql.run(
      `UPDATE approval SET state = 'waiting', decided_by = NULL, why = NULL WHERE id = ? AND state = 'approved' AND decided_by = ?`,
      id,
      by,
    );
  }

  async overdue(now: number): Promise<StoredApproval[]> {
    const overdue = `SELECT * FROM approval WHERE state = 'waiting' AND expires_at <= ? ORDER BY number`;
    return (await this.sql.rows(overdue, now)).map(approvalOf);
  }

  async lapse(id: string): Promise<void> {
    await this.sql.run(`UPDATE approval SET state = 'expired' WHERE id = ? AND state = 'waiting'`, id);
  }

  async end(id: string, at: number): Promise<void> {
    await this.sql.run('UPDATE command SET ended_at = ? WHERE id = ? AND ended_at IS NULL', at, id);
  }
}

const selectionOf = (row: Row): StoredSelection => ({
  user: String(row['user']),
  bound: String(row['bound']),
  expiresAt: Number(row['expires_at']),
  command: row['command'] as string | null,
});

const approvalOf = (row: Row): StoredApproval => ({
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

const storedCommand = (row: Row): StoredCommand => ({
  number: Number(row['number']),
  target: String(row['target']),
  gateway: String(row['gateway']),
  body: JSON.parse(row['content'] as string) as CommandBody,
  approver: row['approver'] as string | null,
  issuedAt: Number(row['issued_at']),
  acceptUntil: Number(row['accept_until']),
  endedAt: row['ended_at'] === null ? null : Number(row['ended_at']),
  measuredKw: row['measured_kw'] as number | null,
});
