import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openFile } from './sqlite.ts';
import { WalSync, type Syncable } from './wal-sync.ts';

/** A log whose syncs end on demand. */
function heldLog(): { readonly open: () => Promise<Syncable>; readonly ends: PromiseWithResolvers<void>[] } {
  const ends: PromiseWithResolvers<void>[] = [];
  const datasync = (): Promise<void> => {
    const end = Promise.withResolvers<void>();
    ends.push(end);
    return end.promise;
  };
  return { open: () => Promise.resolve({ datasync, close: () => Promise.resolve() }), ends };
}

const turns = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** True if a promise has resolved by now. */
async function isDone(promise: Promise<void>): Promise<boolean> {
  let done = false;
  void promise.then(() => (done = true));
  await turns();
  return done;
}

/** Starts a first sync, which is held. */
async function heldSync() {
  const log = heldLog();
  const wal = new WalSync('a.sqlite', { openLog: log.open });
  wal.committed();
  const first = wal.synced();
  await turns();
  return { log, wal, first };
}

test('a commit during a synchronisation waits for the next one, together with later commits', async () => {
  const { log, wal, first } = await heldSync();
  wal.committed();
  const second = wal.synced();
  wal.committed();
  const third = wal.synced();
  assert.equal(log.ends.length, 1);
  log.ends[0]!.resolve();
  assert.ok(await isDone(first));
  assert.equal(await isDone(second), false, 'it was committed after the start of the one that ended');
  assert.equal(log.ends.length, 2, 'one for both');
  log.ends[1]!.resolve();
  assert.ok((await isDone(second)) && (await isDone(third)));
  await wal.synced();
  assert.equal(log.ends.length, 2, 'nothing new to store');
  await wal.close();
});

test('without a new commit a waiter joins the running synchronisation', async () => {
  const { log, wal } = await heldSync();
  const later = wal.synced();
  assert.equal(await isDone(later), false);
  log.ends[0]!.resolve();
  assert.ok(await isDone(later));
  assert.equal(log.ends.length, 1);
});

test('once the disk has failed, nothing counts as durable any more', async () => {
  const { log, wal, first } = await heldSync();
  wal.committed();
  const second = wal.synced();
  log.ends[0]!.reject(new Error('EIO'));
  await assert.rejects(first, { code: 'LS-STORE-001', message: /a\.sqlite cannot be stored: Error: EIO/ });
  await turns();
  log.ends[1]?.resolve();
  await assert.rejects(second, { code: 'LS-STORE-001' });
  assert.throws(() => wal.committed(), { code: 'LS-STORE-001' });
  await assert.rejects(wal.synced(), { code: 'LS-STORE-001' });
});

test('a real log is synchronised, and an in-memory database has none', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'loadstone-wal-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'a.sqlite');
  const db = openFile(path, false);
  db.exec('CREATE TABLE t (x)');
  const wal = new WalSync(path);
  db.exec('INSERT INTO t VALUES (1)');
  wal.committed();
  await wal.synced();
  await wal.close();
  db.close();
  const memory = new WalSync(':memory:');
  memory.committed();
  await memory.synced();
});
