import { storedNotKnown } from '../not-known.ts';
import { SqlStore, type SqlPlace } from '../../sql/sql-store.ts';
import { first, run, type Row } from '../../sql/sql.ts';
import type { Answer, KeptAnswers, StoredAnswer, RequestKey } from './stored-answers.ts';

const migrations = [
  `CREATE TABLE answer (
     caller TEXT NOT NULL, key TEXT NOT NULL, request TEXT NOT NULL, at INTEGER NOT NULL,
     status INTEGER, headers TEXT, body TEXT, PRIMARY KEY (caller, key)
   ) WITHOUT ROWID;
   CREATE INDEX answer_age ON answer (at)`,
];

/** Stores answers in a database. */
export class IdempotencyStore extends SqlStore implements KeptAnswers {
  /** `at`: a SQLite file of its own, `:memory:`, or a shared database. */
  constructor(at: SqlPlace) {
    super({ at, name: 'idempotency', migrations, what: 'the idempotency store' });
  }

  /**
   * Only the owner calls this, at its start. The outcome of requests in progress when the previous owner ended is unknown, so they must not
   * run a second time.
   */
  async begin(): Promise<void> {
    await this.#notKnown('');
  }

  async take(
    { caller, key }: RequestKey,
    request: string,
    { now, since }: { readonly now: number; readonly since: number },
  ): Promise<StoredAnswer | undefined> {
    return this.sql.transaction(function* () {
      yield* run('DELETE FROM answer WHERE at < ?', since);
      const taken = yield* run(
        'INSERT INTO answer (caller, key, request, at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
        caller,
        key,
        request,
        now,
      );
      if (taken > 0) return undefined;
      return answerOf((yield* first('SELECT * FROM answer WHERE caller = ? AND key = ?', caller, key))!);
    });
  }

  async abandon({ caller, key }: RequestKey): Promise<void> {
    await this.#notKnown(' AND caller = ? AND key = ?', caller, key);
  }

  async #notKnown(which: string, ...values: string[]): Promise<void> {
    const { status, headers, body } = storedNotKnown;
    const sql = `UPDATE answer SET status = ?, headers = ?, body = ? WHERE status IS NULL${which}`;
    await this.sql.run(sql, status, JSON.stringify(headers), body, ...values);
  }

  async keep({ caller, key }: RequestKey, { status, headers, body }: Answer): Promise<void> {
    await this.sql.run(
      'UPDATE answer SET status = ?, headers = ?, body = ? WHERE caller = ? AND key = ?',
      status,
      JSON.stringify(headers),
      body,
      caller,
      key,
    );
  }

  async release({ caller, key }: RequestKey): Promise<void> {
    await this.sql.run('DELETE FROM answer WHERE caller = ? AND key = ?', caller, key);
  }
}

function answerOf(row: Row): StoredAnswer {
  const { request, status, headers, body } = row;
  const answer = {
    status: Number(status),
    headers: JSON.parse(String(headers)) as Record<string, string>,
    body: String(body),
  };
  return { request: String(request), answer: status === null ? undefined : answer };
}
