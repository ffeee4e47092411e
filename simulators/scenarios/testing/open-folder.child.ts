import { closeStores, makeStores, openStores } from '../../../cloud/compose/stores.ts';
import { SqlitePeopleStore } from '../../../cloud/access/sqlite-people-store.ts';
import { dataFiles } from '../../../cloud/telemetry/data-files.ts';

/** Opens all stores of a data folder and closes them: `open-folder.child.ts FOLDER`. Prints a line at the start and at the end. */
const [, , folder = ''] = process.argv;
process.stdout.write('opens\n');
const files = dataFiles(folder);
const people = new SqlitePeopleStore(files.state);
people.open();
const kept = makeStores(folder, files, (error) => {
  throw error;
});
await openStores(kept);
closeStores(kept);
people.close();
process.stdout.write('opened\n');
