import type { Where } from '../../telemetry/database.ts';
import { SqliteFile } from '../../telemetry/sqlite-file.ts';
import type { EventName } from '../events/planner-event.ts';

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

/** Where events go to. Times in ms UTC of machine time. */
export interface Webhook {
  readonly number: number;
  readonly id: string;
  readonly owner: string;
  readonly url: string;
  readonly events: readonly EventName[];
  /** `whsec_` and base64: signs each delivery. */
  readonly secret: string;
  readonly createdAt: number;
  readonly lastStatus: number | null;
  readonly lastError: string | null;
  readonly lastAt: number | null;
  /** Deliveries that were given up or found no room. */
  readonly dropped: number;
  /** Why nothing is delivered any more; null: it works. */
  readonly disabled: string | null;
}

export interface Delivery {
  readonly number: number;
  readonly webhook: string;
  readonly message: string;
  readonly body: string;
  readonly attempts: number;
}

/** Webhooks and what is still to be delivered to them, over restarts. */
export class WebhookStore extends SqliteFile {
  /** `at`: a file of its own, `:memory:`, or a file that it shares. */
  constructor(at: Where) {
    super({ at, name: 'webhooks', migrations, what: 'the store of webhooks' });
  }

  /** Keeps a webhook where its owner has fewer than `most`, in one step; answers whether it did. */
  add(
    {
      id,
      owner,
      url,
      events,
      secret,
      createdAt,
    }: Pick<Webhook, 'id' | 'owner' | 'url' | 'events' | 'secret' | 'createdAt'>,
    most: number,
  ): boolean {
    const { changes } = this.prepared(
      `INSERT INTO webhook (id, owner, url, events, secret, created_at)
         SELECT ?, ?, ?, ?, ?, ? WHERE (SELECT count(*) FROM webhook WHERE owner = ?) < ?`,
    ).run(id, owner, url, JSON.stringify(events), secret, createdAt, owner, most);
    return Number(changes) > 0;
  }

  get(id: string): Webhook | undefined {
    const row = this.db.prepare('SELECT * FROM webhook WHERE id = ?').get(id);
    return row === undefined ? undefined : webhookOf(row);
  }

  /** Of one owner, or all; oldest first. */
  list(owner?: string): Webhook[] {
    return this.db
      .prepare('SELECT * FROM webhook WHERE ? IS NULL OR owner = ? ORDER BY number')
      .all(owner ?? null, owner ?? null)
      .map(webhookOf);
  }

  remove(id: string): void {
    this.db.prepare('DELETE FROM delivery WHERE webhook = ?').run(id);
    this.db.prepare('DELETE FROM webhook WHERE id = ?').run(id);
  }

  pending(id: string): number {
    return Number(this.db.prepare('SELECT count(*) AS n FROM delivery WHERE webhook = ?').get(id)?.['n'] ?? 0);
  }

  /** Takes in a delivery where fewer than `most` wait for its webhook, in one step; else it counts as dropped. */
  enqueue(
    { webhook, message, body }: Omit<Delivery, 'number' | 'attempts'>,
    { at, most }: { readonly at: number; readonly most: number },
  ): void {
    const { changes } = this.prepared(
      `INSERT INTO delivery (webhook, message, body, attempts, next_at)
         SELECT ?, ?, ?, 0, ? WHERE (SELECT count(*) FROM delivery WHERE webhook = ?) < ?`,
    ).run(webhook, message, body, at, webhook, most);
    if (Number(changes) === 0) this.dropped(webhook);
  }

  /** The oldest that is due of each webhook. */
  due(now: number, limit: number): Delivery[] {
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

  later(number: number, attempts: number, nextAt: number): void {
    this.db.prepare('UPDATE delivery SET attempts = ?, next_at = ? WHERE number = ?').run(attempts, nextAt, number);
  }

  done(number: number): void {
    this.db.prepare('DELETE FROM delivery WHERE number = ?').run(number);
  }

  dropped(id: string): void {
    this.db.prepare('UPDATE webhook SET dropped = dropped + 1 WHERE id = ?').run(id);
  }

  answered(
    id: string,
    last: { readonly status: number | null; readonly error: string | null; readonly at: number },
  ): void {
    this.db
      .prepare('UPDATE webhook SET last_status = ?, last_error = ?, last_at = ? WHERE id = ?')
      .run(last.status, last.error, last.at, id);
  }

  /** Delivers nothing any more, and forgets what was still to be delivered. */
  disable(id: string, reason: string): void {
    this.db.prepare('UPDATE webhook SET disabled = ? WHERE id = ?').run(reason, id);
    this.db.prepare('DELETE FROM delivery WHERE webhook = ?').run(id);
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
