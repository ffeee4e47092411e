import { Database } from '../telemetry/database.ts';
import { storeFiles } from '../telemetry/testing/store-files.ts';
import { BirthFile } from './birth-file.ts';
import { birthStoreSuite, oldBirthsSuite } from './testing/birth-store-suite.ts';

birthStoreSuite(
  'SQLite',
  storeFiles((path) => new BirthFile(path)),
);
oldBirthsSuite('SQLite', () => new Database(':memory:'));
