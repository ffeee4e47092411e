import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { putSecrets, takeSecrets } from './taken-secrets.ts';

test('secrets are taken from a state without webhook and session tables, and put back', (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'loadstone-secrets-'));
  context.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'state.sqlite');
  const db = new DatabaseSync(path);
  context.after(() => db.close());
  db.exec(`CREATE TABLE user (name TEXT, hash TEXT); INSERT INTO user VALUES ('anna', 'x')`);
  const users = (): string => JSON.stringify(db.prepare('SELECT * FROM user').all());
  const taken = takeSecrets(path);
  assert.deepEqual([taken.webhooks, users()], [[], '[]']);
  putSecrets(path, taken);
  assert.equal(users(), '[{"name":"anna","hash":"x"}]');
});
