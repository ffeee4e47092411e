import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { dataFiles } from '../telemetry/data-files.ts';
import { storeFiles } from '../telemetry/testing/store-files.ts';
import { SqliteLastRuns } from './sqlite-last-runs.ts';
import { lastRunsSuite } from './testing/last-runs-suite.ts';

lastRunsSuite(
  'last runs on SQLite',
  storeFiles((path) => new SqliteLastRuns(path)),
);

/** Queries the store of a data folder as a start of the cloud does. */
async function asked<T>(folder: string, ask: (runs: SqliteLastRuns) => Promise<T>): Promise<T> {
  const runs = new SqliteLastRuns(dataFiles(folder).state);
  runs.open();
  try {
    return await ask(runs);
  } finally {
    runs.close();
  }
}

function folderWith(t: TestContext, file: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'loadstone-runs-'));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'last-runs.json'), file);
  return folder;
}

test('last runs from the file of version 0.1.0 are imported once', async (t) => {
  const folder = folderWith(t, '{"retrain":1632564000000.5,"federated":7}');
  assert.deepEqual(
    await asked(folder, async (runs) => [await runs.seen('retrain', 9), await runs.seen('federated', 9)]),
    [1632564000000.5, 7],
  );
  await asked(folder, (runs) => runs.set('retrain', 1632564000001));
  assert.equal(await asked(folder, (runs) => runs.seen('retrain', 9)), 1632564000001, 'a later run is kept');
});

test('an unreadable file of version 0.1.0 is ignored', async (t) => {
  for (const file of ['{"retrain": 5, "federated": "soon"', '7', '{"retrain":"soon"}', '{"retrain":null}'])
    assert.equal(await asked(folderWith(t, file), (runs) => runs.seen('retrain', 9)), 9, file);
});
