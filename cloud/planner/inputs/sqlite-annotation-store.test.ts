import { storeFiles } from '../../telemetry/testing/store-files.ts';
import { SqliteAnnotationStore } from './sqlite-annotation-store.ts';
import { annotationStoreSuite } from './testing/annotation-store-suite.ts';

annotationStoreSuite(
  'SQLite',
  storeFiles((path) => new SqliteAnnotationStore(path)),
);
