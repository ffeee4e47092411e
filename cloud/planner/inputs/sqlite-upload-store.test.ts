import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import type { SqlPlace } from '../../sql/sql-store.ts';
import { dataFiles } from '../../telemetry/data-files.ts';
import { storeFiles } from '../../telemetry/testing/store-files.ts';
import { uploadStoreSuite } from './testing/upload-store-suite.ts';
import { SqliteUploadStore } from './sqlite-upload-store.ts';
import type { Upload, UploadStore } from './upload-store.ts';

const QUARTER_MS = 900_000;
const folder = mkdtempSync(join(tmpdir(), 'loadstone-uploads-'));
after(() => rmSync(folder, { recursive: true }));

const upload = (count: number, kw: number, target = 'substation:owd'): Upload => ({
  target,
  resolutionS: 900,
  values: Array.from({ length: count }, (_, step) => ({ start: step * QUARTER_MS, kw, quality: 'good' })),
});
const opened = (file: SqlPlace): SqliteUploadStore => {
  const store = new SqliteUploadStore(file);
  store.open();
  return store;
};
/** Means of the first steps, kW. */
const meansOf = async (store: UploadStore, count: number, asOf?: number): Promise<(number | null)[]> => {
  const range = { target: 'substation:owd', start: 0, end: count * QUARTER_MS, resolutionS: 900 };
  const intervals = await store.intervals({ ...range, ...(asOf === undefined ? {} : { asOf }) });
  return intervals.map(({ mean }) => mean);
};
const rowsIn = (file: string, table: 'value' | 'upload' = 'value'): number => {
  const db = new DatabaseSync(file);
  const [row] = db.prepare(`SELECT count(*) AS n FROM ${table}`).all();
  db.close();
  return Number(row!['n']);
};

test('other work runs while an upload is written, and the upload becomes visible as a whole', async () => {
  const store = opened(':memory:');
  await store.add([upload(2, 1)], () => 1000);
  const added = store.add([upload(10_000, 2), upload(10_000, 2, 'feeder:owd-1')], () => 2000);
  const progress = { isOver: false };
  void added.then(() => (progress.isOver = true));
  const seen: unknown[] = [];
  for (; !progress.isOver; await turn())
    seen.push([
      await meansOf(store, 3),
      await store.span('feeder:owd-1'),
      store.revision,
      await store.receipts({ target: 'substation:owd', start: 0, end: 3 * QUARTER_MS, resolutionS: 900 }),
    ]);
  assert.ok(seen.length >= 10, `${seen.length} turns`);
  for (const each of seen) assert.deepEqual(each, [[1, 1, null], undefined, 1, [1000, 1000, null]]);
  assert.deepEqual(await added, { changed: 20_000, receivedAt: 2000 });
  assert.deepEqual([await meansOf(store, 3), store.revision], [[2, 2, 2], 2]);
  assert.deepEqual(await store.span('feeder:owd-1'), { from: 0, to: 10_000 * QUARTER_MS });
  assert.deepEqual(
    [await meansOf(store, 3, 1999), await meansOf(store, 3, 999)],
    [
      [1, 1, null],
      [null, null, null],
    ],
  );
  store.close();
});

test('the later of two concurrent uploads wins as a whole, even on a frozen clock; a repeat changes nothing', async () => {
  const store = opened(':memory:');
  const both = await Promise.all([3, 4].map((kw) => store.add([upload(5000, kw)], () => 1000)));
  assert.deepEqual(both, [
    { changed: 5000, receivedAt: 1000 },
    { changed: 5000, receivedAt: 1000 },
  ]);
  assert.deepEqual([...new Set(await meansOf(store, 5000))], [4]);
  assert.equal((await store.add([upload(5000, 4)], () => 2000)).changed, 0);
  store.close();
});

test('a failed upload is not visible, and the next one succeeds', async () => {
  const store = opened(':memory:');
  const failing = store.add([upload(5000, 3)], () => assert.fail('no time'));
  const next = store.add([upload(2, 4)], () => 1000);
  await assert.rejects(failing, /no time/);
  assert.deepEqual(await next, { changed: 2, receivedAt: 1000 });
  assert.deepEqual(await meansOf(store, 3), [4, 4, null]);
  store.close();
});

test('a full store refuses uploads, names the oldest, and accepts some again once that is deleted', async () => {
  const file = join(folder, 'full.sqlite');
  const first = opened(file);
  await first.add([upload(3000, 1)], () => 1000);
  await first.add([upload(3000, 2)], () => 2000);
  first.close();
  const store = new SqliteUploadStore(file, 6000);
  store.open();
  await assert.rejects(
    store.add([upload(2, 3)], () => 3000),
    {
      code: 'LS-API-018',
      message: /substation:owd, 1970-01-01T00:00:00Z to 1970-02-01T06:00:00Z/,
    },
  );
  await assert.rejects(
    store.add([upload(2, 3, 'feeder:whf-1')], () => 3000),
    { code: 'LS-API-018', message: /full with 6000 uploaded values$/ },
    'an upload of another target does not reveal this one',
  );
  assert.deepEqual(await meansOf(store, 2), [2, 2]);
  assert.equal(await store.forget({ target: 'substation:owd', start: QUARTER_MS, end: 2 * QUARTER_MS }), 2);
  assert.equal((await store.add([upload(2, 3)], () => 3000)).changed, 2);
  assert.equal(await store.forget({ target: 'substation:owd', start: 0, end: 3000 * QUARTER_MS }), 6000);
  store.close();
  assert.equal(rowsIn(file), 0);
  assert.equal(rowsIn(file, 'upload'), 0);
});

test('an upload that changes nothing leaves no row, and the count of stored values stays correct', async () => {
  const file = join(folder, 'same.sqlite');
  const store = new SqliteUploadStore(file, 10);
  store.open();
  for (let n = 1; n <= 5; n++) await store.add([upload(5, 1)], () => 1000 * n);
  await store.add([upload(5, 2)], () => 6000);
  await assert.rejects(
    store.add([upload(1, 3)], () => 7000),
    { code: 'LS-API-018' },
  );
  store.close();
  assert.deepEqual([rowsIn(file), rowsIn(file, 'upload')], [10, 2]);
});

test('values removed by an interrupted deletion count as changed, so they are read again', async () => {
  const file = join(folder, 'cut-off.sqlite');
  const store = opened(file);
  await store.add([upload(5000, 1)], () => 1000);
  const db = new DatabaseSync(file);
  db.exec(`CREATE TRIGGER cut BEFORE DELETE ON value WHEN old.start >= ${3000 * QUARTER_MS}
    BEGIN SELECT RAISE(ABORT, 'the disk is gone'); END`);
  db.close();
  const before = store.revision;
  await assert.rejects(store.forget({ target: 'substation:owd', start: 0, end: 5000 * QUARTER_MS }), /disk is gone/);
  assert.deepEqual([await meansOf(store, 1), store.revision], [[null], before + 1]);
  store.close();
});

test('values stored before the store counted them are counted', async () => {
  const file = join(folder, 'uncounted.sqlite');
  const first = opened(file);
  await first.add([upload(10, 1)], () => 1000);
  first.close();
  const db = new DatabaseSync(file);
  db.exec("ALTER TABLE upload DROP COLUMN kept; UPDATE store SET step = step - 1 WHERE name = 'uploads'");
  db.close();
  const store = new SqliteUploadStore(file, 10);
  store.open();
  await assert.rejects(
    store.add([upload(2, 3)], () => 3000),
    { code: 'LS-API-018' },
  );
  store.close();
});

test('kill -9 in mid-upload or before its last write leaves nothing visible and nothing in the file', async () => {
  const child = join(import.meta.dirname, 'testing', 'interrupted-upload.child.ts');
  for (const turns of [2, 1000]) {
    const file = join(folder, `killed-${turns}.sqlite`);
    const run = spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', child, file, String(turns)], {
      encoding: 'utf8',
    });
    assert.equal(run.signal, 'SIGKILL', run.stderr);
    assert.ok(rowsIn(file) > 0 && rowsIn(file) <= 10_000);
    const store = opened(file);
    await store.opened();
    assert.deepEqual([await meansOf(store, 2), await store.span('substation:owd')], [[null, null], undefined]);
    store.close();
    assert.equal(rowsIn(file), 0);
  }
});

test('a store of the first version keeps its corrections and their receipt times', async () => {
  const db = new DatabaseSync(join(folder, 'uploads.sqlite'));
  db.exec(`CREATE TABLE value (
      target TEXT NOT NULL, start INTEGER NOT NULL, resolution_s INTEGER NOT NULL, received_at INTEGER NOT NULL,
      kw REAL, quality TEXT NOT NULL, PRIMARY KEY (target, start, resolution_s, received_at)
    ) WITHOUT ROWID;
    INSERT INTO value VALUES ('substation:owd', 0, 900, 2000, 5, 'good'), ('substation:owd', 0, 900, 1000, 6, 'good'),
      ('substation:owd', 900000, 900, 1000, 7, 'good');
    PRAGMA user_version = 1`);
  db.close();
  const store = opened(dataFiles(folder).planner);
  assert.deepEqual(
    [await meansOf(store, 2), await meansOf(store, 2, 1999)],
    [
      [5, 7],
      [6, 7],
    ],
  );
  assert.deepEqual(
    await store.receipts({ target: 'substation:owd', start: 0, end: 2 * QUARTER_MS, resolutionS: 900 }),
    [2000, 1000],
  );
  store.close();
});

uploadStoreSuite(
  'SQLite',
  storeFiles((path) => new SqliteUploadStore(path)),
);
