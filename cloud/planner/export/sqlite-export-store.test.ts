import { storeFiles } from '../../telemetry/testing/store-files.ts';
import { SqliteExportStore } from './sqlite-export-store.ts';
import { exportStoreSuite } from './testing/export-store-suite.ts';

exportStoreSuite(
  'SQLite',
  storeFiles((path) => new SqliteExportStore(path, `${path}-exports`)),
);
