import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { SqlStore, type SqlPlace } from '../../sql/sql-store.ts';
import type { BacktestResult, BacktestStore } from './backtest-store.ts';

const migrations = [
  `CREATE TABLE backtest (
     id TEXT PRIMARY KEY, owner TEXT NOT NULL, target TEXT NOT NULL, created_at INTEGER NOT NULL,
     content BLOB NOT NULL, predictions BLOB NOT NULL
   ) WITHOUT ROWID;
   CREATE INDEX backtest_age ON backtest (created_at)`,
];

export class SqliteBacktestStore extends SqlStore implements BacktestStore {
  /** `at`: a SQLite file of its own, `:memory:`, or a shared database. */
  constructor(at: SqlPlace) {
    super({ at, name: 'backtests', migrations, what: 'the store of backtests' });
  }

  async put(result: BacktestResult, predictions: Uint8Array): Promise<void> {
    await this.sql.run(
      `INSERT INTO backtest (id, owner, target, created_at, content, predictions) VALUES (?, ?, ?, ?, ?, ?)
         ON CONFLICT (id) DO UPDATE SET content = excluded.content, predictions = excluded.predictions`,
      result.id,
      result.task.owner,
      result.task.target,
      result.createdAt,
      deflateRawSync(JSON.stringify(result)),
      predictions,
    );
  }

  async get(id: string): Promise<BacktestResult | undefined> {
    const [row] = await this.sql.rows('SELECT content FROM backtest WHERE id = ?', id);
    if (row === undefined) return undefined;
    return JSON.parse(inflateRawSync(row['content'] as Uint8Array).toString('utf8')) as BacktestResult;
  }

  async predictions(id: string): Promise<Uint8Array | undefined> {
    const [row] = await this.sql.rows('SELECT predictions FROM backtest WHERE id = ?', id);
    return row?.['predictions'] as Uint8Array | undefined;
  }
}
