import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { Where } from '../../telemetry/database.ts';
import { SqliteFile } from '../../telemetry/sqlite-file.ts';
import type { BacktestTask } from './contract.ts';
import type { BacktestDifference, BacktestRow } from './score-backtest.ts';

const migrations = [
  `CREATE TABLE backtest (
     id TEXT PRIMARY KEY, owner TEXT NOT NULL, target TEXT NOT NULL, created_at INTEGER NOT NULL,
     content BLOB NOT NULL, predictions BLOB NOT NULL
   ) WITHOUT ROWID;
   CREATE INDEX backtest_age ON backtest (created_at)`,
];

/** What a backtest found. Times in ms UTC of plant time. */
export interface BacktestResult {
  readonly id: string;
  readonly createdAt: number;
  readonly task: Omit<BacktestTask, 'issues'>;
  readonly issues: number;
  readonly rows: readonly BacktestRow[];
  readonly differences: readonly BacktestDifference[];
  /** SHA-256 over the load that was scored, float64 little-endian kW, NaN where unknown. */
  readonly dataSha256: string;
  readonly scored: { readonly known: number; readonly outage: number; readonly missing: number };
  readonly predictionRows: number;
  readonly codeVersion: string;
  readonly warnings: readonly string[];
}

/** Results of backtests, immutable. */
export class BacktestStore extends SqliteFile {
  /** `at`: a file of its own, `:memory:`, or a file that it shares. */
  constructor(at: Where) {
    super({ at, name: 'backtests', migrations, what: 'the store of backtests' });
  }

  put(result: BacktestResult, predictions: Uint8Array): void {
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

  get(id: string): BacktestResult | undefined {
    const row = this.db.prepare('SELECT content FROM backtest WHERE id = ?').get(id);
    if (row === undefined) return undefined;
    return JSON.parse(inflateRawSync(row['content'] as Uint8Array).toString('utf8')) as BacktestResult;
  }

  /** Parquet of all predictions. */
  predictions(id: string): Uint8Array | undefined {
    return this.db.prepare('SELECT predictions FROM backtest WHERE id = ?').get(id)?.['predictions'] as
      | Uint8Array
      | undefined;
  }
}
