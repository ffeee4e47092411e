import { storeFiles } from '../../telemetry/testing/store-files.ts';
import { IdempotencyStore } from './idempotency-store.ts';
import { keptAnswersSuite } from './testing/kept-answers-suite.ts';

keptAnswersSuite(
  'SQLite',
  storeFiles((path) => new IdempotencyStore(path)),
);
