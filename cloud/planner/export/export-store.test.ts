import { storeFiles } from '../../telemetry/testing/store-files.ts';
import { ExportStore } from './export-store.ts';
import { exportStoreSuite } from './testing/export-store-suite.ts';

exportStoreSuite(
  'SQLite',
  storeFiles((path) => new ExportStore(path, `${path}-exports`)),
);
