import { storeFiles } from '../../telemetry/testing/store-files.ts';
import { WebhookStore } from './webhook-store.ts';
import { webhookStoreSuite } from './testing/webhook-store-suite.ts';

webhookStoreSuite(
  'SQLite',
  storeFiles((path) => new WebhookStore(path)),
);
