import type { BacktestTask } from './contract.ts';
import type { BacktestDifference, BacktestRow, Excluded } from './score-backtest.ts';

/** Result of a backtest. Times in ms UTC of plant time. */
export interface BacktestResult {
  readonly id: string;
  readonly createdAt: number;
  readonly task: Omit<BacktestTask, 'issues'>;
  readonly issues: number;
  readonly rows: readonly BacktestRow[];
  readonly differences: readonly BacktestDifference[];
  /** SHA-256 over the scored load, float64 little-endian kW, NaN where unknown. */
  readonly dataSha256: string;
  readonly scored: { readonly known: number } & Excluded;
  readonly predictionRows: number;
  readonly codeVersion: string;
  readonly warnings: readonly string[];
}

/** Immutable results of backtests. */
export interface BacktestStore {
  put(result: BacktestResult, predictions: Uint8Array): Promise<void>;
  get(id: string): Promise<BacktestResult | undefined>;
  /** Parquet of all predictions. */
  predictions(id: string): Promise<Uint8Array | undefined>;
}
