import { storeFiles } from '../telemetry/testing/store-files.ts';
import { SqliteAttemptStore } from './sqlite-attempt-store.ts';
import { attemptStoreSuite } from './testing/attempt-store-suite.ts';

attemptStoreSuite(
  'SQLite',
  storeFiles((path) => new SqliteAttemptStore(path)),
);
