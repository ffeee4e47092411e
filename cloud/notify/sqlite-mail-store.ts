import type { Where } from '../telemetry/database.ts';
import { SqliteFile } from '../telemetry/sqlite-file.ts';
import { transaction } from '../telemetry/sqlite.ts';
import type { Told } from './mail-rules.ts';
import type { MailStore, NewMail, WaitingMail } from './mail-store.ts';

const migrations = [
  `CREATE TABLE mail (
     number INTEGER PRIMARY KEY AUTOINCREMENT, priority INTEGER NOT NULL, recipients TEXT NOT NULL, subject TEXT NOT NULL,
     body TEXT NOT NULL, created_at INTEGER NOT NULL, attempts INTEGER NOT NULL, due_at INTEGER NOT NULL
   );
   CREATE INDEX mail_due ON mail (due_at);
   CREATE TABLE mail_told (
     alarm INTEGER PRIMARY KEY, raised_at INTEGER NOT NULL, told_at INTEGER NOT NULL, escalated_at INTEGER
   )`,
];

/** No mail waits longer: one that would was put off by a clock that has been set back since. */
const LONGEST_WAIT_MS = 3_600_000;

/** Mails that wait, on SQLite. */
export class SqliteMailStore extends SqliteFile implements MailStore {
  /** `at`: a file of its own, `:memory:`, or a file that it shares. */
  constructor(at: Where) {
    super({ at, name: 'mail', migrations, what: 'the store of mails' });
  }

  async told(): Promise<readonly Told[]> {
    return this.prepared('SELECT * FROM mail_told ORDER BY alarm')
      .all()
      .map((row) => ({
        alarm: Number(row['alarm']),
        raisedAt: Number(row['raised_at']),
        toldAt: Number(row['told_at']),
        escalatedAt: row['escalated_at'] as number | null,
      }));
  }

  async add({ mails, told, at, most }: Parameters<MailStore['add']>[0]): Promise<void> {
    transaction(this.db, () => {
      const put = this.prepared(
        `INSERT INTO mail (priority, recipients, subject, body, created_at, attempts, due_at) VALUES (?, ?, ?, ?, ?, 0, ?)`,
      );
      for (const { priority, to, subject, text } of mails) put.run(priority, JSON.stringify(to), subject, text, at, at);
      const keep = this.prepared('INSERT OR REPLACE INTO mail_told VALUES (?, ?, ?, ?)');
      for (const { alarm, raisedAt, toldAt, escalatedAt } of told) keep.run(alarm, raisedAt, toldAt, escalatedAt);
      this.prepared(
        `DELETE FROM mail WHERE number IN (SELECT number FROM mail ORDER BY priority, number DESC LIMIT -1 OFFSET ?)`,
      ).run(most);
    });
  }

  async forget(alarms: readonly number[]): Promise<void> {
    transaction(this.db, () => {
      for (const alarm of alarms) this.prepared('DELETE FROM mail_told WHERE alarm = ?').run(alarm);
    });
  }

  async due(now: number, limit: number): Promise<readonly WaitingMail[]> {
    return this.prepared('SELECT * FROM mail WHERE due_at <= ? OR due_at > ? ORDER BY priority, number LIMIT ?')
      .all(now, now + LONGEST_WAIT_MS, limit)
      .map((row) => ({
        number: Number(row['number']),
        priority: Number(row['priority']),
        to: JSON.parse(String(row['recipients'])) as NewMail['to'],
        subject: String(row['subject']),
        text: String(row['body']),
        createdAt: Number(row['created_at']),
        attempts: Number(row['attempts']),
      }));
  }

  async later(number: number, attempts: number, at: number): Promise<void> {
    this.prepared('UPDATE mail SET attempts = ?, due_at = ? WHERE number = ?').run(attempts, Math.ceil(at), number);
  }

  async done(number: number): Promise<void> {
    this.prepared('DELETE FROM mail WHERE number = ?').run(number);
  }

  async count(): Promise<number> {
    return Number(this.prepared('SELECT count(*) AS n FROM mail').get()!['n']);
  }
}
