import { storeFiles } from '../telemetry/testing/store-files.ts';
import { SqliteMailStore } from './sqlite-mail-store.ts';
import { mailStoreSuite } from './testing/mail-store-suite.ts';

mailStoreSuite(
  'SQLite',
  storeFiles((path) => new SqliteMailStore(path)),
);
