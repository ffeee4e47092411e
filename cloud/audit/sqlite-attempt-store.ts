import type { Where } from '../telemetry/database.ts';
import { SqliteFile } from '../telemetry/sqlite-file.ts';
import { transaction } from '../telemetry/sqlite.ts';
import type { AttemptCount, AttemptStore } from './attempt-store.ts';

const migrations = ['CREATE TABLE counted (key TEXT PRIMARY KEY, count TEXT NOT NULL) WITHOUT ROWID'];

/** Counted attempts on SQLite. */
export class SqliteAttemptStore extends SqliteFile implements AttemptStore {
  /** `at`: a file of its own, `:memory:`, or a file that it shares. */
  constructor(at: Where) {
    super({ at, name: 'attempts', migrations, what: 'the store of counted attempts' });
  }

  async load(): Promise<Map<string, AttemptCount>> {
    const rows = this.prepared('SELECT key, count FROM counted').all();
    return new Map(rows.map(({ key, count }) => [String(key), JSON.parse(String(count)) as AttemptCount]));
  }

  async commit(changes: ReadonlyMap<string, AttemptCount | undefined>): Promise<void> {
    const put = this.prepared('INSERT OR REPLACE INTO counted VALUES (?, ?)');
    const remove = this.prepared('DELETE FROM counted WHERE key = ?');
    transaction(this.db, () => {
      for (const [key, count] of changes)
        if (count === undefined) remove.run(key);
        else put.run(key, JSON.stringify(count));
    });
  }
}
