import { storeFiles } from '../telemetry/testing/store-files.ts';
import { SqliteDeskStore } from './sqlite-desk-store.ts';
import { deskStoreSuite } from './testing/desk-store-suite.ts';

deskStoreSuite(
  'SQLite',
  storeFiles((path) => new SqliteDeskStore(path)),
);
