import { SqlStore, type SqlPlace } from '../sql/sql-store.ts';
import { runEach } from '../sql/sql.ts';
import type { BirthStore, StoredBirth } from './birth-store.ts';
import type { NodeRecord } from './births.ts';

const migrations = ['CREATE TABLE node (gateway TEXT PRIMARY KEY, record TEXT NOT NULL) WITHOUT ROWID'];

/** Births in a database. A cut of power may take the last ones: what gets lost is asked for again. */
export class BirthFile extends SqlStore implements BirthStore {
  /** `at`: a SQLite file of its own, `:memory:`, or a database that it shares. */
  constructor(at: SqlPlace) {
    super({ at, name: 'births', migrations, what: 'the store of births', kept: 'some time' });
  }

  async load(): Promise<StoredBirth[]> {
    const rows = await this.sql.rows('SELECT gateway, record FROM node ORDER BY gateway');
    return rows.map(({ gateway, record }) => ({
      gateway: String(gateway),
      record: JSON.parse(String(record)) as NodeRecord,
    }));
  }

  async commit(births: readonly StoredBirth[]): Promise<void> {
    const put =
      'INSERT INTO node (gateway, record) VALUES (?, ?) ON CONFLICT (gateway) DO UPDATE SET record = excluded.record';
    await this.sql.transaction(function* () {
      yield* runEach(
        put,
        births.map(({ gateway, record }) => [gateway, JSON.stringify(record)]),
      );
    });
  }
}
