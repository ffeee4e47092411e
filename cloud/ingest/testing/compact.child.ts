import { LedgerFile } from '../ledger-file.ts';
import { Ledger } from '../ledger.ts';

/** Compacts the ledger that it is given as of the time that it is given, and says when it begins. */
const [path = '', now = '0'] = process.argv.slice(2);
const ledger = new Ledger(new LedgerFile(path));
await ledger.open();
process.send?.('begins');
await ledger.compact(Number(now));
process.send?.('done');
