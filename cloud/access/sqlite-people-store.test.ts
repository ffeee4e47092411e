import { storeFiles } from '../telemetry/testing/store-files.ts';
import { SqlitePeopleStore } from './sqlite-people-store.ts';
import { peopleStoreSuite } from './testing/people-store-suite.ts';

peopleStoreSuite(
  'SQLite',
  storeFiles((path) => new SqlitePeopleStore(path)),
);
