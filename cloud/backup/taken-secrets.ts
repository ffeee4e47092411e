import { DatabaseSync, type SQLOutputValue } from 'node:sqlite';

/** The signing secret of a webhook. */
interface WebhookSecret {
  readonly id: string;
  readonly secret: string;
}

type Row = Readonly<Record<string, SQLOutputValue>>;

/** Secrets taken out of the copied state, to be encrypted. */
export interface TakenSecrets {
  readonly webhooks: readonly WebhookSecret[];
  /** Rows by table: people with the hashes of their passwords and tokens, and failed sign-ins. Absent before version 2. */
  readonly people?: Readonly<Record<string, readonly Row[]>>;
}

/** Sessions are not included: everybody signs in again. */
const TABLES = ['user', 'token', 'failure', 'device', 'request', 'passkey', 'counted'] as const;

/** Removes the secrets from a copy, so that no page of it contains any. */
export function takeSecrets(path: string): TakenSecrets {
  const db = new DatabaseSync(path);
  try {
    db.exec('PRAGMA secure_delete = ON; PRAGMA journal_mode = MEMORY');
    const webhooks = has(db, 'webhook')
      ? (db.prepare('SELECT id, secret FROM webhook').all() as unknown as WebhookSecret[])
      : [];
    if (webhooks.length > 0) db.exec(`UPDATE webhook SET secret = ''`);
    const people = Object.fromEntries(
      TABLES.filter((table) => has(db, table)).map((table) => {
        const rows: Row[] = db.prepare(`SELECT * FROM ${table}`).all();
        db.exec(`DELETE FROM ${table}`);
        return [table, rows];
      }),
    );
    if (has(db, 'session')) db.exec('DELETE FROM session');
    return { webhooks: webhooks.map(({ id, secret }) => ({ id, secret })), people };
  } finally {
    db.close();
  }
}

/** Puts the secrets back into a restored state. */
export function putSecrets(path: string, { webhooks, people = {} }: TakenSecrets): void {
  const db = new DatabaseSync(path);
  try {
    for (const { id, secret } of webhooks) db.prepare('UPDATE webhook SET secret = ? WHERE id = ?').run(secret, id);
    for (const table of TABLES)
      for (const row of people[table] ?? []) {
        const names = Object.keys(row).map((name) => `"${name.replaceAll('"', '""')}"`);
        const marks = names.map(() => '?').join(', ');
        db.prepare(`INSERT INTO ${table} (${names.join(', ')}) VALUES (${marks})`).run(...Object.values(row));
      }
    if (has(db, 'session')) db.exec('DELETE FROM session');
  } finally {
    db.close();
  }
}

const has = (db: DatabaseSync, table: string): boolean =>
  db.prepare(`SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?`).get(table) !== undefined;
