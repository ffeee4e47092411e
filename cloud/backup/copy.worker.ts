import { DatabaseSync } from 'node:sqlite';
import { workerData } from 'node:worker_threads';

const { from, to, readOnly } = workerData as { readonly from: string; readonly to: string; readonly readOnly: boolean };
const db = new DatabaseSync(from, { readOnly });
try {
  db.exec('PRAGMA busy_timeout = 5000');
  // A consistent snapshot, despite concurrent writers.
  db.prepare('VACUUM INTO ?').run(to);
} finally {
  db.close();
}
