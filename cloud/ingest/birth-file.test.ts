import { storeFiles } from '../telemetry/testing/store-files.ts';
import { BirthFile } from './birth-file.ts';
import { birthStoreSuite } from './testing/birth-store-suite.ts';

birthStoreSuite(
  'SQLite',
  storeFiles((path) => new BirthFile(path)),
);
