import type { Where } from '../telemetry/database.ts';
import { SqliteFile } from '../telemetry/sqlite-file.ts';
import { transaction } from '../telemetry/sqlite.ts';
import type { BirthStore, StoredBirth } from './birth-store.ts';
import type { NodeRecord } from './births.ts';

const migrations = ['CREATE TABLE node (gateway TEXT PRIMARY KEY, record TEXT NOT NULL) WITHOUT ROWID'];

/** Births on SQLite. A cut of power may take the last ones: what gets lost is asked for again. */
export class BirthFile extends SqliteFile implements BirthStore {
  /** `at`: a file of its own, `:memory:`, or a file that it shares. */
  constructor(at: Where) {
    super({ at, name: 'births', migrations, what: 'the store of births', kept: 'some time' });
  }

  async load(): Promise<StoredBirth[]> {
    return this.prepared('SELECT gateway, record FROM node ORDER BY gateway')
      .all()
      .map(({ gateway, record }) => ({
        gateway: String(gateway),
        record: JSON.parse(String(record)) as NodeRecord,
      }));
  }

  async commit(births: readonly StoredBirth[]): Promise<void> {
    const put = this.prepared(
      'INSERT INTO node (gateway, record) VALUES (?, ?) ON CONFLICT (gateway) DO UPDATE SET record = excluded.record',
    );
    transaction(this.db, () => {
      for (const { gateway, record } of births) put.run(gateway, JSON.stringify(record));
    });
  }
}
