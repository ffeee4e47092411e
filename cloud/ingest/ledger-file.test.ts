import { storeFiles } from '../telemetry/testing/store-files.ts';
import { LedgerFile } from './ledger-file.ts';
import { ledgerStoreSuite } from './testing/ledger-store-suite.ts';

ledgerStoreSuite(
  'SQLite',
  storeFiles((path) => new LedgerFile(path)),
);
