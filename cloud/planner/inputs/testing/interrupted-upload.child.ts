import { setImmediate as turn } from 'node:timers/promises';
import { SqliteUploadStore } from '../sqlite-upload-store.ts';

/**
 * Uploads 10,000 values to a store and is killed over it: `interrupted-upload.child.ts FILE TURNS` after so many turns of the event
 * loop, at the latest where all of them are written and none of them is read yet.
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
