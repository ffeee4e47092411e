import { SqlStore, type SqlPlace } from '../sql/sql-store.ts';
import { run } from '../sql/sql.ts';
import type { Told } from './mail-rules.ts';
import type { MailStore, NewMail, WaitingMail } from './mail-store.ts';

const migrations = [
  `CREATE TABLE mail (
     number INTEGER PRIMARY KEY AUTOINCREMENT, priority INTEGER NOT NULL, recipients TEXT NOT NULL, subject TEXT NOT NULL,
     body TEXT NOT NULL, created_at INTEGER NOT NULL, attempts INTEGER NOT NULL, due_at INTEGER NOT NULL
   );
   CREATE INDEX mail_due ON mail (due_at);
   CREATE TABLE mail_told (
     alarm INTEGER PRIMARY KEY, raised_at REAL NOT NULL, told_at INTEGER NOT NULL, escalated_at INTEGER
   )`,
];

const PUT = `INSERT INTO mail (priority, recipients, subject, body, created_at, attempts, due_at) VALUES (?, ?, ?, ?, ?, 0, ?)`;
const KEEP_TOLD = `INSERT INTO mail_told VALUES (?, ?, ?, ?) ON CONFLICT (alarm) DO UPDATE SET
  raised_at = excluded.raised_at, told_at = excluded.told_at, escalated_at = excluded.escalated_at`;

/** No mail waits longer: one that would was put off by a clock that has been set back since. */
const LONGEST_WAIT_MS = 3_600_000;

/** Mails that wait, in a database. */
export class SqliteMailStore extends SqlStore implements MailStore {
  /** `at`: a SQLite file of its own, `:memory:`, or a database that it shares. */
  constructor(at: SqlPlace) {
    super({ at, name: 'mail', migrations, what: 'the store of mails' });
  }

  async told(): Promise<readonly Told[]> {
    const told = await this.sql.rows('SELECT * FROM mail_told ORDER BY alarm');
    return told.map((row) => ({
      alarm: Number(row['alarm']),
      raisedAt: Number(row['raised_at']),
      toldAt: Number(row['told_at']),
      escalatedAt: row['escalated_at'] as number | null,
    }));
  }

  async add({ mails, told, at, most }: Parameters<MailStore['add']>[0]): Promise<void> {
    await this.sql.transaction(function* () {
      for (const { priority, to, subject, text } of mails)
        yield* run(PUT, priority, JSON.stringify(to), subject, text, at, at);
      for (const { alarm, raisedAt, toldAt, escalatedAt } of told)
        yield* run(KEEP_TOLD, alarm, raisedAt, toldAt, escalatedAt);
      yield* run(
        `DELETE FROM mail WHERE number NOT IN (SELECT number FROM mail ORDER BY priority, number DESC LIMIT ?)`,
        most,
      );
    });
  }

  async forget(alarms: readonly number[]): Promise<void> {
    await this.sql.transaction(function* () {
      for (const alarm of alarms) yield* run('DELETE FROM mail_told WHERE alarm = ?', alarm);
    });
  }

  async due(now: number, limit: number): Promise<readonly WaitingMail[]> {
    const due = await this.sql.rows(
      'SELECT * FROM mail WHERE due_at <= ? OR due_at > ? ORDER BY priority, number LIMIT ?',
      now,
      now + LONGEST_WAIT_MS,
      limit,
    );
    return due.map((row) => ({
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
    await this.sql.run('UPDATE mail SET attempts = ?, due_at = ? WHERE number = ?', attempts, Math.ceil(at), number);
  }

  async done(number: number): Promise<void> {
    await this.sql.run('DELETE FROM mail WHERE number = ?', number);
  }

  async count(): Promise<number> {
    const [row] = await this.sql.rows('SELECT count(*) AS n FROM mail');
    return Number(row!['n']);
  }
}
