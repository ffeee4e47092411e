import type { Where } from '../../telemetry/database.ts';
import { SqliteFile } from '../../telemetry/sqlite-file.ts';

const migrations = [
  `CREATE TABLE answer (
     caller TEXT NOT NULL, key TEXT NOT NULL, request TEXT NOT NULL, at INTEGER NOT NULL,
     status INTEGER, headers TEXT, body TEXT, PRIMARY KEY (caller, key)
   ) WITHOUT ROWID;
   CREATE INDEX answer_age ON answer (at)`,
];

/** What was answered to a request that may come again. `answer` is missing while the first one is under way. */
export interface KeptAnswer {
  readonly request: string;
  readonly answer:
    | { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: string }
    | undefined;
}

/** Answers by caller and idempotency key. Times in ms UTC of machine time. */
export class IdempotencyStore extends SqliteFile {
  /** `at`: a file of its own, `:memory:`, or a file that it shares. */
  constructor(at: Where) {
    super({ at, name: 'idempotency', migrations, what: 'the idempotency store' });
  }

  /** What was under way when the process ended has no answer: it may be asked again. */
  override open(): void {
    super.open();
    this.db.exec('DELETE FROM answer WHERE status IS NULL');
  }

  /** Takes the key for a request; where it is taken already, answers with what is kept under it. */
  take(who: { caller: string; key: string }, request: string, at: number): KeptAnswer | undefined {
    const { changes } = this.db
      .prepare('INSERT OR IGNORE INTO answer (caller, key, request, at) VALUES (?, ?, ?, ?)')
      .run(who.caller, who.key, request, at);
    if (Number(changes) > 0) return undefined;
    const row = this.db.prepare('SELECT * FROM answer WHERE caller = ? AND key = ?').get(who.caller, who.key)!;
    return {
      request: String(row['request']),
      answer:
        row['status'] === null
          ? undefined
          : {
              status: Number(row['status']),
              headers: JSON.parse(String(row['headers'])) as Record<string, string>,
              body: String(row['body']),
            },
    };
  }

  keep(who: { caller: string; key: string }, answer: NonNullable<KeptAnswer['answer']>): void {
    this.db
      .prepare('UPDATE answer SET status = ?, headers = ?, body = ? WHERE caller = ? AND key = ?')
      .run(answer.status, JSON.stringify(answer.headers), answer.body, who.caller, who.key);
  }

  /** Gives a key back: its request came to nothing. */
  release(who: { caller: string; key: string }): void {
    this.db.prepare('DELETE FROM answer WHERE caller = ? AND key = ?').run(who.caller, who.key);
  }

  prune(before: number): void {
    this.db.prepare('DELETE FROM answer WHERE at < ?').run(before);
  }
}
