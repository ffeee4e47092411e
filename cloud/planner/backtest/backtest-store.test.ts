import { storeFiles } from '../../telemetry/testing/store-files.ts';
import { BacktestStore } from './backtest-store.ts';
import { backtestStoreSuite } from './testing/backtest-store-suite.ts';

backtestStoreSuite(
  'SQLite',
  storeFiles((path) => new BacktestStore(path)),
);
