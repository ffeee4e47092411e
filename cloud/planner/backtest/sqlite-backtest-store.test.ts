import { storeFiles } from '../../telemetry/testing/store-files.ts';
import { SqliteBacktestStore } from './sqlite-backtest-store.ts';
import { backtestStoreSuite } from './testing/backtest-store-suite.ts';

backtestStoreSuite(
  'SQLite',
  storeFiles((path) => new SqliteBacktestStore(path)),
);
