import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { compareTable, copyTable, tablesOf } from './move-tables.ts';
import { postgresForFile } from './testing/postgres-stores.ts';
import { NoteStore } from './testing/sql-suite.ts';

const { connected, newSchema } = await postgresForFile();
const silent = (): void => undefined;

/** A file of notes with values that the two databases treat differently, and the empty table that it is copied to. */
async function rig() {
  const store = new NoteStore(connected(newSchema()));
  store.open();
  await store.opened();
  const db = new DatabaseSync(':memory:');
  db.exec(
    `CREATE TABLE note (
       id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, size REAL, bytes BLOB, seen INTEGER NOT NULL DEFAULT 0
     );
     CREATE TABLE store (name TEXT PRIMARY KEY, step INTEGER NOT NULL)`,
  );
  const add = db.prepare('INSERT INTO note (name, size, bytes, seen) VALUES (?, ?, ?, ?)');
  const bytes = Uint8Array.from({ length: 256 }, (_, n) => n);
  add.run("it's ? $1 \\ \0 🌍", 0.1, bytes, Number.MAX_SAFE_INTEGER);
  add.run('', null, new Uint8Array(0), -1);
  add.run('fraction', 1e-300, null, 2.5);
  for (let n = 0; n < 1200; n++) add.run(`n${n}`, n / 3, bytes, n);
  db.exec('DELETE FROM note WHERE id > 1000');
  const [table] = tablesOf(db);
  return { store, db, table: table! };
}

test('each value is copied unchanged, and the next number is one that was never used', async () => {
  const { store, db, table } = await rig();
  const progress: string[] = [];
  await copyTable(table, store.of, (...facts) => progress.push(facts.join(' ')));
  assert.deepEqual(progress, ['note 0 1000', 'note 500 1000', 'note 1000 1000']);
  assert.equal(await compareTable(table, store.of, silent), 1000);
  const [row] = await store.of.rows("INSERT INTO note (name) VALUES ('new') RETURNING id");
  assert.equal(row!['id'], 1204);
  db.close();
});

test('an interrupted copy resumes after its last row', async () => {
  const { store, db, table } = await rig();
  const cut = copyTable(table, store.of, (_table, done) => {
    if (done === 500) throw new Error('cut');
  });
  await assert.rejects(cut, { message: 'cut' });
  const progress: number[] = [];
  await copyTable(table, store.of, (_table, done) => progress.push(done));
  assert.deepEqual(progress, [500, 1000]);
  assert.equal(await compareTable(table, store.of, silent), 1000);
  db.close();
});

const slips: readonly (readonly [string, string, RegExp])[] = [
  ['a missing row', 'DELETE FROM note WHERE id = 700', /^note has 1000 rows in the data folder, but 999 in PostgreSQL/],
  ['another text', "UPDATE note SET name = 'n' WHERE id = 700", /^note: name of row 700 by its key/],
  ['another number', 'UPDATE note SET seen = seen - 1 WHERE id = 1', /^note: seen of row 1 /],
  ['a nearby number', 'UPDATE note SET size = size + 1e-12 WHERE id = 700', /^note: size of row 700 /],
  ['missing bytes', "UPDATE note SET bytes = '' WHERE id = 700", /^note: bytes of row 700 /],
  ['a missing value', 'UPDATE note SET size = NULL WHERE id = 1000', /^note: size of row 1000 /],
];
for (const [what, sql, message] of slips)
  test(`a copy with ${what} is detected`, async () => {
    const { store, db, table } = await rig();
    await copyTable(table, store.of, silent);
    await store.of.run(sql);
    await assert.rejects(compareTable(table, store.of, silent), { code: 'LS-STATE-004', message });
    db.close();
  });
