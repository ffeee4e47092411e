import { storeFiles } from '../telemetry/testing/store-files.ts';
import { SqliteIncidentStore } from './sqlite-incident-store.ts';
import { incidentStoreSuite } from './testing/incident-store-suite.ts';

incidentStoreSuite(
  'SQLite',
  storeFiles((path) => new SqliteIncidentStore(path)),
);
