import { setImmediate as turn } from 'node:timers/promises';
import { SqliteUploadStore } from '../sqlite-upload-store.ts';

/**
 * Uploads 10,000 values to a store and kills itself during it: `interrupted-upload.child.ts FILE TURNS` after this many turns of the event
 * loop, at the latest when all values are written and none is visible yet.
 */
const [, , file = '', turns = ''] = process.argv;
const die = (): number => {
  process.kill(process.pid, 'SIGKILL');
  return 0;
};
const store = new SqliteUploadStore(file);
store.open();
const values = Array.from({ length: 10_000 }, (_, step) => ({
  start: step * 900_000,
  kw: step,
  quality: 'good' as const,
}));
void store.add([{ target: 'substation:owd', resolutionS: 900, values }], die);
for (let count = 0; count < Number(turns); count++) await turn();
die();
