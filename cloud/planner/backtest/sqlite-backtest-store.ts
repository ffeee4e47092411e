import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { Where } from '../../telemetry/database.ts';
import { SqliteFile } from '../../telemetry/sqlite-file.ts';
import type { BacktestResult, BacktestStore } from './backtest-store.ts';

const migrations = [
  `CREATE TABLE backtest (
     id TEXT PRIMARY KEY, owner TEXT NOT NULL, target TEXT NOT NULL, created_at INTEGER NOT NULL,
     content BLOB NOT NULL, predictions BLOB NOT NULL
   ) WITHOUT ROWID;
   CREATE INDEX backtest_age ON backtest (created_at)`,
];

/** Backtests on SQLite. */
export class SqliteBacktestStore extends SqliteFile implements BacktestStore {
  /** `at`: a file of its own, `:memory:`, or a file that it shares. */
  constructor(at: Where) {
    super({ at, name: 'backtests', migrations, what: 'the store of backtests' });
  }

  async put(result: BacktestResult, predictions: Uint8Array): Promise<void> {
    this.db
      .prepare(`INSERT INTO backtest (id, owner, target, created_at, content, predictions) VALUES (?, ?, ?, ?, ?, ?)
           ON CONFLICT (id) DO UPDATE SET content = excluded.content, predictions = excluded.predictions`)
      .run(
        result.id,
        result.task.owner,
        result.task.target,
        result.createdAt,
        deflateRawSync(JSON.stringify(result)),
        predictions,
      );
  }

  async get(id: string): Promise<BacktestResult | undefined> {
    const row = this.db.prepare('SELECT content FROM backtest WHERE id = ?').get(id);
    if (row === undefined) return undefined;
    return JSON.parse(inflateRawSync(row['content'] as Uint8Array).toString('utf8')) as BacktestResult;
  }

  async predictions(id: string): Promise<Uint8Array | undefined> {
    return this.db.prepare('SELECT predictions FROM backtest WHERE id = ?').get(id)?.['predictions'] as
      | Uint8Array
      | undefined;
  }
}
