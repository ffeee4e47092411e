import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { LastRunsFile } from './last-runs-file.ts';
import { lastRunsSuite } from './testing/last-runs-suite.ts';
import { RunsInMemory } from './testing/runs-in-memory.ts';

const folder = mkdtempSync(join(tmpdir(), 'loadstone-runs-'));
after(() => rmSync(folder, { recursive: true }));
let files = 0;
const newFile = (): string => join(folder, `${files++}.json`);

lastRunsSuite('a file', async () => {
  const file = newFile();
  return { store: new LastRunsFile(file), again: async () => new LastRunsFile(file) };
});
lastRunsSuite('memory', async () => {
  const store = new RunsInMemory();
  return { store, again: async () => store };
});

test('a file that cannot be read starts anew', async () => {
  const file = newFile();
  writeFileSync(file, '{"retrain": 5, "federated": "soon"');
  assert.equal(await new LastRunsFile(file).seen('retrain', 9), 9);
});
