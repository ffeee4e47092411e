import { storeFiles } from '../../telemetry/testing/store-files.ts';
import { AnnotationStore } from './annotation-store.ts';
import { annotationStoreSuite } from './testing/annotation-store-suite.ts';

annotationStoreSuite(
  'SQLite',
  storeFiles((path) => new AnnotationStore(path)),
);
