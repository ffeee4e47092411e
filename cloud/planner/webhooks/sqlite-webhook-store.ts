import type { Where } from '../../telemetry/database.ts';
import { SqliteFile } from '../../telemetry/sqlite-file.ts';
import { transaction } from '../../telemetry/sqlite.ts';
import type { EventName } from '../events/planner-event.ts';
import type { Delivery, Webhook, WebhookStore } from './webhook-store.ts';

const migrations = [
  `CREATE TABLE webhook (
     number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, owner TEXT NOT NULL, url TEXT NOT NULL, events TEXT NOT NULL,
     secret TEXT NOT NULL, created_at INTEGER NOT NULL, last_status INTEGER, last_error TEXT, last_at INTEGER, dropped INTEGER NOT NULL DEFAULT 0,
     disabled TEXT
   );
   CREATE TABLE delivery (
     number INTEGER PRIMARY KEY AUTOINCREMENT, webhook TEXT NOT NULL, message TEXT NOT NULL, body TEXT NOT NULL, attempts INTEGER NOT NULL,
     next_at INTEGER NOT NULL
   );
   CREATE INDEX delivery_due ON delivery (next_at)`,
];

/** Webhooks on SQLite. */
export class SqliteWebhookStore extends SqliteFile implements WebhookStore {
  /** `at`: a file of its own, `:memory:`, or a file that it shares. */
  constructor(at: Where) {
    super({ at, name: 'webhooks', migrations, what: 'the store of webhooks' });
  }

  async add(
    {
      id,
      owner,
      url,
      events,
      secret,
      createdAt,
    }: Pick<Webhook, 'id' | 'owner' | 'url' | 'events' | 'secret' | 'createdAt'>,
    most: number,
  ): Promise<boolean> {
    const { changes } = this.prepared(
      `INSERT INTO webhook (id, owner, url, events, secret, created_at)
         SELECT ?, ?, ?, ?, ?, ? WHERE (SELECT count(*) FROM webhook WHERE owner = ?) < ?`,
    ).run(id, owner, url, JSON.stringify(events), secret, createdAt, owner, most);
    return Number(changes) > 0;
  }

  async get(id: string): Promise<Webhook | undefined> {
    const row = this.db.prepare('SELECT * FROM webhook WHERE id = ?').get(id);
    return row === undefined ? undefined : webhookOf(row);
  }

  async list(owner?: string): Promise<Webhook[]> {
    return this.db
      .prepare('SELECT * FROM webhook WHERE ? IS NULL OR owner = ? ORDER BY number')
      .all(owner ?? null, owner ?? null)
      .map(webhookOf);
  }

  async remove(id: string): Promise<void> {
    transaction(this.db, () => {
      this.prepared('DELETE FROM delivery WHERE webhook = ?').run(id);
      this.prepared('DELETE FROM webhook WHERE id = ?').run(id);
    });
  }

  async pending(id: string): Promise<number> {
    return Number(this.db.prepare('SELECT count(*) AS n FROM delivery WHERE webhook = ?').get(id)?.['n'] ?? 0);
  }

  async enqueue(
    { webhook, message, body }: Omit<Delivery, 'number' | 'attempts'>,
    { at, most }: { readonly at: number; readonly most: number },
  ): Promise<void> {
    const { changes } = this.prepared(
      `INSERT INTO delivery (webhook, message, body, attempts, next_at)
         SELECT id, ?, ?, 0, ? FROM webhook WHERE id = ? AND disabled IS NULL
           AND (SELECT count(*) FROM delivery WHERE webhook = id) < ?`,
    ).run(message, body, at, webhook, most);
    if (Number(changes) === 0) await this.dropped(webhook);
  }

  async due(now: number, limit: number): Promise<Delivery[]> {
    return this.db
      .prepare(
        'SELECT * FROM delivery WHERE number IN (SELECT min(number) FROM delivery WHERE next_at <= ? GROUP BY webhook) ORDER BY next_at LIMIT ?',
      )
      .all(now, limit)
      .map((row) => ({
        number: Number(row['number']),
        webhook: String(row['webhook']),
        message: String(row['message']),
        body: String(row['body']),
        attempts: Number(row['attempts']),
      }));
  }

  async nextAt(): Promise<number | undefined> {
    const row = this.prepared('SELECT min(next_at) AS at FROM delivery').get();
    return (row?.['at'] as number | null | undefined) ?? undefined;
  }

  async later(number: number, attempts: number, nextAt: number): Promise<void> {
    this.db.prepare('UPDATE delivery SET attempts = ?, next_at = ? WHERE number = ?').run(attempts, nextAt, number);
  }

  async done(number: number): Promise<void> {
    this.db.prepare('DELETE FROM delivery WHERE number = ?').run(number);
  }

  async dropped(id: string): Promise<void> {
    this.db.prepare('UPDATE webhook SET dropped = dropped + 1 WHERE id = ?').run(id);
  }

  async answered(
    id: string,
    last: { readonly status: number | null; readonly error: string | null; readonly at: number },
  ): Promise<void> {
    this.db
      .prepare('UPDATE webhook SET last_status = ?, last_error = ?, last_at = ? WHERE id = ?')
      .run(last.status, last.error, last.at, id);
  }

  async disable(id: string, reason: string): Promise<void> {
    transaction(this.db, () => {
      this.prepared('UPDATE webhook SET disabled = ? WHERE id = ?').run(reason, id);
      this.prepared('DELETE FROM delivery WHERE webhook = ?').run(id);
    });
  }
}

const webhookOf = (row: Readonly<Record<string, unknown>>): Webhook => ({
  number: Number(row['number']),
  id: String(row['id']),
  owner: String(row['owner']),
  url: String(row['url']),
  events: JSON.parse(String(row['events'])) as EventName[],
  secret: String(row['secret']),
  createdAt: Number(row['created_at']),
  lastStatus: row['last_status'] === null ? null : Number(row['last_status']),
  lastError: row['last_error'] as string | null,
  lastAt: row['last_at'] === null ? null : Number(row['last_at']),
  dropped: Number(row['dropped']),
  disabled: row['disabled'] as string | null,
});
