import { storeFiles } from '../telemetry/testing/store-files.ts';
import { SqliteAreaStore } from './sqlite-area-store.ts';
import { areaStoreSuite } from './testing/area-store-suite.ts';

areaStoreSuite(
  'SQLite',
  storeFiles((path) => new SqliteAreaStore(path)),
);
