import { SqlStore, type SqlPlace } from '../sql/sql-store.ts';
import { run } from '../sql/sql.ts';
import type { Notification } from './notify-rules.ts';
import type { MessageStore, Message, WaitingMessage } from './message-store.ts';

const migrations = [
  `CREATE TABLE mail (
     number INTEGER PRIMARY KEY AUTOINCREMENT, priority INTEGER NOT NULL, recipients TEXT NOT NULL, subject TEXT NOT NULL,
     body TEXT NOT NULL, created_at INTEGER NOT NULL, attempts INTEGER NOT NULL, due_at INTEGER NOT NULL
   );
   CREATE INDEX mail_due ON mail (due_at);
   CREATE TABLE mail_told (
     alarm INTEGER PRIMARY KEY, raised_at REAL NOT NULL, told_at INTEGER NOT NULL, escalated_at INTEGER
   )`,
  `ALTER TABLE mail ADD COLUMN channel TEXT NOT NULL DEFAULT 'mail';
   ALTER TABLE mail_told RENAME TO mail_told_of_one;
   CREATE TABLE mail_told (
     channel TEXT NOT NULL, alarm INTEGER NOT NULL, raised_at REAL NOT NULL, told_at INTEGER NOT NULL, escalated_at INTEGER,
     PRIMARY KEY (channel, alarm)
   );
   INSERT INTO mail_told SELECT 'mail', alarm, raised_at, told_at, escalated_at FROM mail_told_of_one;
   DROP TABLE mail_told_of_one`,
];

const PUT = `INSERT INTO mail (channel, priority, recipients, subject, body, created_at, attempts, due_at)
  VALUES (?, ?, ?, ?, ?, ?, 0, ?)`;
const PUT_NOTIFIED = `INSERT INTO mail_told VALUES (?, ?, ?, ?, ?) ON CONFLICT (channel, alarm) DO UPDATE SET
  raised_at = excluded.raised_at, told_at = excluded.told_at, escalated_at = excluded.escalated_at`;

/** No message waits longer. One that would was scheduled before the clock was set back. */
const LONGEST_WAIT_MS = 3_600_000;

/** Waiting messages in a database; the tables are named after the first channel, mail. */
export class SqliteMessageStore extends SqlStore implements MessageStore {
  /** `at`: a SQLite file of its own, `:memory:`, or a shared database. */
  constructor(at: SqlPlace) {
    super({ at, name: 'mail', migrations, what: 'the store of messages' });
  }

  async notified(channel: string): Promise<readonly Notification[]> {
    const found = await this.sql.rows('SELECT * FROM mail_told WHERE channel = ? ORDER BY alarm', channel);
    return found.map((row) => ({
      alarm: Number(row['alarm']),
      raisedAt: Number(row['raised_at']),
      notifiedAt: Number(row['told_at']),
      escalatedAt: row['escalated_at'] as number | null,
    }));
  }

  async add({ channel, messages, notified, at, most }: Parameters<MessageStore['add']>[0]): Promise<void> {
    await this.sql.transaction(function* () {
      for (const { priority, to, subject, text } of messages)
        yield* run(PUT, channel, priority, JSON.stringify(to), subject, text, at, at);
      for (const { alarm, raisedAt, notifiedAt, escalatedAt } of notified)
        yield* run(PUT_NOTIFIED, channel, alarm, raisedAt, notifiedAt, escalatedAt);
      yield* run(
        `DELETE FROM mail WHERE channel = ? AND number NOT IN (
           SELECT number FROM mail WHERE channel = ? ORDER BY priority, number DESC LIMIT ?)`,
        channel,
        channel,
        most,
      );
    });
  }

  async forget(channel: string, alarms: readonly number[]): Promise<void> {
    await this.sql.transaction(function* () {
      for (const alarm of alarms) yield* run('DELETE FROM mail_told WHERE channel = ? AND alarm = ?', channel, alarm);
    });
  }

  async due(channel: string, now: number, limit: number): Promise<readonly WaitingMessage[]> {
    const due = await this.sql.rows(
      'SELECT * FROM mail WHERE channel = ? AND (due_at <= ? OR due_at > ?) ORDER BY priority, number LIMIT ?',
      channel,
      now,
      now + LONGEST_WAIT_MS,
      limit,
    );
    return due.map((row) => ({
      number: Number(row['number']),
      priority: Number(row['priority']),
      to: JSON.parse(String(row['recipients'])) as Message['to'],
      subject: String(row['subject']),
      text: String(row['body']),
      createdAt: Number(row['created_at']),
      attempts: Number(row['attempts']),
    }));
  }

  async nextDue(channel: string): Promise<number | undefined> {
    const [row] = await this.sql.rows('SELECT min(due_at) AS due FROM mail WHERE channel = ?', channel);
    return row!['due'] === null ? undefined : Number(row!['due']);
  }

  async later(number: number, attempts: number, at: number): Promise<void> {
    await this.sql.run('UPDATE mail SET attempts = ?, due_at = ? WHERE number = ?', attempts, Math.ceil(at), number);
  }

  async done(number: number): Promise<void> {
    await this.sql.run('DELETE FROM mail WHERE number = ?', number);
  }

  async count(channel: string): Promise<number> {
    const [row] = await this.sql.rows('SELECT count(*) AS n FROM mail WHERE channel = ?', channel);
    return Number(row!['n']);
  }

  async retain(channels: readonly string[]): Promise<void> {
    // PostgreSQL does not allow an empty list.
    const others = channels.length === 0 ? '1 = 1' : `channel NOT IN (${channels.map(() => '?').join(', ')})`;
    await this.sql.transaction(function* () {
      for (const table of ['mail', 'mail_told']) yield* run(`DELETE FROM ${table} WHERE ${others}`, ...channels);
    });
  }
}
