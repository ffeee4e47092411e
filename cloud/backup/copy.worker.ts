import { DatabaseSync } from 'node:sqlite';
import { workerData } from 'node:worker_threads';

const { from, to, readOnly } = workerData as { readonly from: string; readonly to: string; readonly readOnly: boolean };
const db = new DatabaseSync(from, { readOnly });
try {
  db.exec('PRAGMA busy_timeout = 5000');
  // All of it as it stood at one moment, whoever writes meanwhile.
  db.prepare('VACUUM INTO ?').run(to);
} finally {
  db.close();
}
