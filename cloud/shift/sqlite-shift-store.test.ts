import { storeFiles } from '../telemetry/testing/store-files.ts';
import { SqliteShiftStore } from './sqlite-shift-store.ts';
import { shiftStoreSuite } from './testing/shift-store-suite.ts';

shiftStoreSuite(
  'SQLite',
  storeFiles((path) => new SqliteShiftStore(path)),
);
