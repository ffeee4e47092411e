import { storeFiles } from '../telemetry/testing/store-files.ts';
import { AttemptStore } from './attempt-store.ts';
import { attemptStoreSuite } from './testing/attempt-store-suite.ts';

attemptStoreSuite(
  'SQLite',
  storeFiles((path) => new AttemptStore(path)),
);
