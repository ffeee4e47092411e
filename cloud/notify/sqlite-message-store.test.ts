import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { storeFiles } from '../telemetry/testing/store-files.ts';
import { SqliteMessageStore } from './sqlite-message-store.ts';
import { messageStoreSuite } from './testing/message-store-suite.ts';

messageStoreSuite(
  'SQLite',
  storeFiles((path) => new SqliteMessageStore(path)),
);

test('pending mails and sent alarms from before channels existed belong to the channel mail', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'loadstone-mail-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'state.sqlite');
  const old = new DatabaseSync(path);
  old.exec(`
    CREATE TABLE store (name TEXT PRIMARY KEY, step INTEGER NOT NULL, is_taken INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
    INSERT INTO store VALUES ('mail', 1, 1);
    CREATE TABLE mail (
      number INTEGER PRIMARY KEY AUTOINCREMENT, priority INTEGER NOT NULL, recipients TEXT NOT NULL, subject TEXT NOT NULL,
      body TEXT NOT NULL, created_at INTEGER NOT NULL, attempts INTEGER NOT NULL, due_at INTEGER NOT NULL
    );
    CREATE TABLE mail_told (
      alarm INTEGER PRIMARY KEY, raised_at REAL NOT NULL, told_at INTEGER NOT NULL, escalated_at INTEGER
    );
    INSERT INTO mail VALUES (5, 1, '["desk@grid.test"]', 'dark', 'text', 10, 2, 20);
    INSERT INTO mail_told VALUES (7, 1.5, 10, NULL);`);
  old.close();
  const store = new SqliteMessageStore(path);
  store.open();
  t.after(() => store.close());
  assert.deepEqual(
    (await store.due('mail', 20, 9)).map(({ number, attempts, to }) => [number, attempts, to]),
    [[5, 2, ['desk@grid.test']]],
  );
  assert.deepEqual(await store.notified('mail'), [{ alarm: 7, raisedAt: 1.5, notifiedAt: 10, escalatedAt: null }]);
});
