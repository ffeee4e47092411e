import { join } from 'node:path';
import { generateSigningKey } from '../../../shared/codec/signed-document.ts';
import { SystemClock } from '../../../shared/time/system-clock.ts';
import { Passwords } from '../../access/passwords.ts';
import { People } from '../../access/people.ts';
import { SqlitePeopleStore } from '../../access/sqlite-people-store.ts';
import { AuditLog } from '../../audit/audit-log.ts';
import { SqliteAttemptStore } from '../../audit/sqlite-attempt-store.ts';
import { dataFiles } from '../../telemetry/data-files.ts';
import { buildApi } from '../app.ts';
import { fixtureDeps, opened } from './api-fixture.ts';

/** Serves the API on the files of a folder, in a process that a test can kill: `sign-in-server.child.ts FOLDER` prints its port. */
const [, , folder = ''] = process.argv;
const { state } = dataFiles(folder);
const clock = new SystemClock((error) => process.stderr.write(`${String(error)}\n`));
const store = opened(new SqlitePeopleStore(state));
const now = (): number => clock.machine.now();
const passwords = new Passwords({ N: 16, r: 1, p: 1 });
const people = new People({
  store,
  passwords,
  weaknessOf: () => undefined,
  takesTwo: true,
  requestsPerSecond: 100,
  now,
});
await people.ensureUser({ name: 'anna', roles: ['operator'], areas: '*' }, 'four blue lamps');
const key = (await generateSigningKey()).privateKey;
const audit = new AuditLog({ file: join(folder, 'audit.jsonl'), key, now, onFailure: () => undefined });
await audit.open();
const attempts = opened(new SqliteAttemptStore(state));
const deps = fixtureDeps({ clock, people, audit, attempts });
await deps.attempts.start();
const { app } = await buildApi(deps);
await app.listen({ host: '127.0.0.1', port: 0 });
process.stdout.write(`${(app.server.address() as { port: number }).port}\n`);
