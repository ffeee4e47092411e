import { storeFiles } from '../telemetry/testing/store-files.ts';
import { SqliteInterventionStore } from './sqlite-intervention-store.ts';
import { interventionStoreSuite } from './testing/intervention-store-suite.ts';

interventionStoreSuite(
  'SQLite',
  storeFiles((path) => new SqliteInterventionStore(path)),
);
