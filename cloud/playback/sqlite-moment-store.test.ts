import { storeFiles } from '../telemetry/testing/store-files.ts';
import { SqliteMomentStore } from './sqlite-moment-store.ts';
import { momentStoreSuite } from './testing/moment-store-suite.ts';

momentStoreSuite(
  'SQLite',
  storeFiles((path) => new SqliteMomentStore(path)),
);
