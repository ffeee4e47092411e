import { storeFiles } from '../telemetry/testing/store-files.ts';
import { SqliteEventStore } from './sqlite-event-store.ts';
import { eventStoreSuite } from './testing/event-store-suite.ts';

eventStoreSuite(
  'SQLite',
  storeFiles((path) => new SqliteEventStore(path)),
);
