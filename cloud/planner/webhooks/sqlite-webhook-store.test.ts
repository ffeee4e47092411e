import { storeFiles } from '../../telemetry/testing/store-files.ts';
import { SqliteWebhookStore } from './sqlite-webhook-store.ts';
import { webhookStoreSuite } from './testing/webhook-store-suite.ts';

webhookStoreSuite(
  'SQLite',
  storeFiles((path) => new SqliteWebhookStore(path)),
);
