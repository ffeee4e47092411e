import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { mock, test } from 'node:test';
import { storeFiles } from '../telemetry/testing/store-files.ts';
import { SqliteIncidentStore } from './sqlite-incident-store.ts';
import { incidentStoreSuite } from './testing/incident-store-suite.ts';

incidentStoreSuite(
  'SQLite',
  storeFiles((path) => new SqliteIncidentStore(path)),
);

test('incidents of a time span are found by the index of start times', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'loadstone-incidents-'));
  context.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'incidents.sqlite');
  const store = new SqliteIncidentStore(path);
  store.open();
  const prepare = mock.method(DatabaseSync.prototype, 'prepare');
  await store.list({ from: 100, to: 200, limit: 9 });
  const asked = prepare.mock.calls.map(({ arguments: [sql] }) => sql).filter((sql) => sql.includes('started_at >='));
  mock.restoreAll();
  store.close();
  const db = new DatabaseSync(path);
  context.after(() => db.close());
  assert.equal(asked.length, 1);
  const plan = db.prepare(`EXPLAIN QUERY PLAN ${asked[0]}`).all();
  assert.match(JSON.stringify(plan), /USING COVERING INDEX incident_time/);
});
