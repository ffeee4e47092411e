import { storeFiles } from '../telemetry/testing/store-files.ts';
import { SqliteJobStore } from './sqlite-job-store.ts';
import { jobStoreSuite } from './testing/job-store-suite.ts';

jobStoreSuite(
  'SQLite',
  storeFiles((path) => new SqliteJobStore(path)),
);
