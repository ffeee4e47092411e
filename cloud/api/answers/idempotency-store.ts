import type { Where } from '../../telemetry/database.ts';
import { SqliteFile } from '../../telemetry/sqlite-file.ts';
import { transaction } from '../../telemetry/sqlite.ts';
import type { Answer, StoredAnswer, StoredAnswers, RequestKey } from './stored-answers.ts';

const migrations = [
  `CREATE TABLE answer (
     caller TEXT NOT NULL, key TEXT NOT NULL, request TEXT NOT NULL, at INTEGER NOT NULL,
     status INTEGER, headers TEXT, body TEXT, PRIMARY KEY (caller, key)
   ) WITHOUT ROWID;
   CREATE INDEX answer_age ON answer (at)`,
];

/** Kept answers on SQLite. */
export class IdempotencyStore extends SqliteFile implements StoredAnswers {
  /** `at`: a file of its own, `:memory:`, or a file that it shares. */
  constructor(at: Where) {
    super({ at, name: 'idempotency', migrations, what: 'the idempotency store' });
  }

  /** What was under way when the process ended has no answer: it may be asked again. */
  override open(): void {
    super.open();
    this.db.exec('DELETE FROM answer WHERE status IS NULL');
  }

  async take(
    { caller, key }: RequestKey,
    request: string,
    { now, since }: { readonly now: number; readonly since: number },
  ): Promise<StoredAnswer | undefined> {
    return transaction(this.db, () => {
      this.prepared('DELETE FROM answer WHERE at < ?').run(since);
      const taken = this.prepared(
        'INSERT INTO answer (caller, key, request, at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
      ).run(caller, key, request, now);
      if (Number(taken.changes) > 0) return undefined;
      return answerOf(this.prepared('SELECT * FROM answer WHERE caller = ? AND key = ?').get(caller, key)!);
    });
  }

  async keep({ caller, key }: RequestKey, { status, headers, body }: Answer): Promise<void> {
    this.prepared('UPDATE answer SET status = ?, headers = ?, body = ? WHERE caller = ? AND key = ?').run(
      status,
      JSON.stringify(headers),
      body,
      caller,
      key,
    );
  }

  async release({ caller, key }: RequestKey): Promise<void> {
    this.prepared('DELETE FROM answer WHERE caller = ? AND key = ?').run(caller, key);
  }
}

function answerOf(row: Readonly<Record<string, unknown>>): StoredAnswer {
  const { request, status, headers, body } = row;
  const answer = {
    status: Number(status),
    headers: JSON.parse(String(headers)) as Record<string, string>,
    body: String(body),
  };
  return { request: String(request), answer: status === null ? undefined : answer };
}
