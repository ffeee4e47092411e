import { LedgerFile } from '../ledger-file.ts';
import { Ledger } from '../ledger.ts';

/** Compacts the given ledger as of the given time, and announces when it begins. */
const [path = '', now = '0'] = process.argv.slice(2);
const ledger = new Ledger(new LedgerFile(path));
await ledger.open();
process.send?.('begins');
await ledger.compact(Number(now));
process.send?.('done');
