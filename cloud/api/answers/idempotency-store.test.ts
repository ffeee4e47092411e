import { storeFiles } from '../../telemetry/testing/store-files.ts';
import { IdempotencyStore } from './idempotency-store.ts';
import { storedAnswersSuite } from './testing/stored-answers-suite.ts';

storedAnswersSuite(
  'SQLite',
  storeFiles((path) => new IdempotencyStore(path)),
);
