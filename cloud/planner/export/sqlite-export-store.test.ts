import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { storeFiles } from '../../telemetry/testing/store-files.ts';
import { SqliteExportStore } from './sqlite-export-store.ts';
import { exportStoreSuite } from './testing/export-store-suite.ts';

exportStoreSuite(
  'SQLite',
  storeFiles((path) => new SqliteExportStore(path, `${path}-exports`)),
);

test('a file that a crash left without an entry is deleted after a day', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'loadstone-orphans-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const store = new SqliteExportStore(':memory:', folder);
  store.open();
  t.after(() => store.close());
  const now = Date.UTC(2027, 0, 15);
  const put = (name: string, ageS: number): void => {
    writeFileSync(join(folder, name), 'x');
    utimesSync(join(folder, name), now / 1000 - ageS, now / 1000 - ageS);
  };
  for (const [id, expiresAt] of [
    ['exp_valid', now + 1],
    ['exp_over', now],
  ] as const)
    await store.put({ id, owner: 'anna', targets: [], format: 'csv', rows: 1, expiresAt });
  put('exp_valid.csv', 86_399);
  put('exp_over.csv', 86_400);
  put('exp_crashed.parquet', 86_401);
  put('exp_under-way.csv', 10);
  await store.prune(now);
  assert.deepEqual(readdirSync(folder).sort(), ['exp_under-way.csv', 'exp_valid.csv']);
});
