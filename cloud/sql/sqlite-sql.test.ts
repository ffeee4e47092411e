import { storeFiles } from '../telemetry/testing/store-files.ts';
import { sqlSuite } from './testing/sql-suite.ts';

sqlSuite('SQLite', (make) => storeFiles(make));
sqlSuite('SQLite, kept behind', (make) => storeFiles(make), 'behind');
