import { SqlStore, type SqlPlace } from '../../sql/sql-store.ts';
import { run, type Row } from '../../sql/sql.ts';
import type { EventName } from '../events/planner-event.ts';
import { LONGEST_WAIT_MS, type Delivery, type Webhook, type WebhookStore } from './webhook-store.ts';

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
  // Each event counts the deliveries of a webhook, and each delivery looks for the next one.
  'CREATE INDEX delivery_webhook ON delivery (webhook, number, next_at)',
];

export class SqliteWebhookStore extends SqlStore implements WebhookStore {
  /** `at`: a SQLite file of its own, `:memory:`, or a shared database. */
  constructor(at: SqlPlace) {
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
    const changes = await this.sql.run(
      `INSERT INTO webhook (id, owner, url, events, secret, created_at)
         SELECT ?, ?, ?, ?, ?, ? WHERE (SELECT count(*) FROM webhook WHERE owner = ?) < ?`,
      id,
      owner,
      url,
      JSON.stringify(events),
      secret,
      createdAt,
      owner,
      most,
    );
    return changes > 0;
  }

  async get(id: string): Promise<Webhook | undefined> {
    return (await this.sql.rows('SELECT * FROM webhook WHERE id = ?', id)).map(webhookOf)[0];
  }

  async list(owner?: string): Promise<Webhook[]> {
    const [whose, ...values] = owner === undefined ? [''] : ['WHERE owner = ?', owner];
    return (await this.sql.rows(`SELECT * FROM webhook ${whose} ORDER BY number`, ...values)).map(webhookOf);
  }

  async remove(id: string): Promise<void> {
    await this.sql.transaction(function* () {
      yield* run('DELETE FROM delivery WHERE webhook = ?', id);
      yield* run('DELETE FROM webhook WHERE id = ?', id);
    });
  }

  async pending(id: string): Promise<number> {
    const [row] = await this.sql.rows('SELECT count(*) AS n FROM delivery WHERE webhook = ?', id);
    return Number(row!['n']);
  }

  async enqueue(
    { webhook, message, body }: Omit<Delivery, 'number' | 'attempts'>,
    { at, most }: { readonly at: number; readonly most: number },
  ): Promise<void> {
    await this.sql.transaction(function* () {
      const changes = yield* run(
        `INSERT INTO delivery (webhook, message, body, attempts, next_at)
           SELECT id, ?, ?, 0, ? FROM webhook WHERE id = ? AND disabled IS NULL
             AND (SELECT count(*) FROM delivery WHERE delivery.webhook = webhook.id) < ?`,
        message,
        body,
        at,
        webhook,
        most,
      );
      if (changes === 0) yield* run(DROP, webhook);
    });
  }

  async due(now: number, limit: number, webhook?: string): Promise<Delivery[]> {
    const [whose, ...values] = webhook === undefined ? [''] : ['WHERE webhook.id = ?', webhook];
    const due = await this.sql.rows(
      `SELECT * FROM delivery WHERE number IN (
         SELECT (SELECT own.number FROM delivery AS own WHERE own.webhook = webhook.id AND (own.next_at <= ? OR own.next_at > ?)
           ORDER BY own.number LIMIT 1) FROM webhook ${whose}
       ) ORDER BY next_at LIMIT ?`,
      now,
      now + LONGEST_WAIT_MS,
      ...values,
      limit,
    );
    return due.map((row) => ({
      number: Number(row['number']),
      webhook: String(row['webhook']),
      message: String(row['message']),
      body: String(row['body']),
      attempts: Number(row['attempts']),
    }));
  }

  async nextAt(): Promise<number | undefined> {
    const [row] = await this.sql.rows('SELECT min(next_at) AS at FROM delivery');
    return (row?.['at'] as number | null | undefined) ?? undefined;
  }

  async later(number: number, attempts: number, nextAt: number): Promise<void> {
    await this.sql.run('UPDATE delivery SET attempts = ?, next_at = ? WHERE number = ?', attempts, nextAt, number);
  }

  async done(number: number): Promise<void> {
    await this.sql.run('DELETE FROM delivery WHERE number = ?', number);
  }

  async dropped(id: string): Promise<void> {
    await this.sql.run(DROP, id);
  }

  async answered(
    id: string,
    last: { readonly status: number | null; readonly error: string | null; readonly at: number },
  ): Promise<void> {
    const { status, error, at } = last;
    await this.sql.run(
      'UPDATE webhook SET last_status = ?, last_error = ?, last_at = ? WHERE id = ?',
      status,
      error,
      at,
      id,
    );
  }

  async disable(id: string, reason: string): Promise<void> {
    await this.sql.transaction(function* () {
      yield* run('UPDATE webhook SET disabled = ? WHERE id = ?', reason, id);
      yield* run('DELETE FROM delivery WHERE webhook = ?', id);
    });
  }
}

const DROP = 'UPDATE webhook SET dropped = dropped + 1 WHERE id = ?';

const webhookOf = (row: Row): Webhook => ({
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
