import { Ledger } from '../ledger.ts';

/** Compacts the ledger that it is given as of the time that it is given, and says when it begins. */
const [path = '', now = '0'] = process.argv.slice(2);
const ledger = new Ledger(path);
ledger.open();
process.send?.('begins');
await ledger.compact(Number(now));
process.send?.('done');
