import { SqlStore, type SqlPlace } from '../sql/sql-store.ts';
import { run } from '../sql/sql.ts';
import type { AttemptCount, AttemptStore } from './attempt-store.ts';

const migrations = ['CREATE TABLE counted (key TEXT PRIMARY KEY, count TEXT NOT NULL) WITHOUT ROWID'];

export class SqliteAttemptStore extends SqlStore implements AttemptStore {
  /** `at`: a SQLite file of its own, `:memory:`, or a shared database. */
  constructor(at: SqlPlace) {
    super({ at, name: 'attempts', migrations, what: 'the store of counted attempts' });
  }

  async load(): Promise<Map<string, AttemptCount>> {
    const rows = await this.sql.rows('SELECT key, count FROM counted');
    return new Map(rows.map(({ key, count }) => [String(key), JSON.parse(String(count)) as AttemptCount]));
  }

  async commit(changes: ReadonlyMap<string, AttemptCount | undefined>): Promise<void> {
    await this.sql.transaction(function* () {
      for (const [key, count] of changes)
        if (count === undefined) yield* run('DELETE FROM counted WHERE key = ?', key);
        else
          yield* run(
            'INSERT INTO counted VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET count = excluded.count',
            key,
            JSON.stringify(count),
          );
    });
  }
}
