import { storeFiles } from '../../telemetry/testing/store-files.ts';
import { SqliteDocumentStore } from './sqlite-document-store.ts';
import { documentStoreSuite } from './testing/document-store-suite.ts';

documentStoreSuite(
  'documents on SQLite',
  storeFiles((path) => new SqliteDocumentStore(path)),
);
