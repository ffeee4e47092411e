import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LedgerFile } from './ledger-file.ts';
import type { LedgerChange } from './ledger-store.ts';
import { Ledger } from './ledger.ts';

const T0 = Date.UTC(2021, 8, 25);
const gateway = 'owd-01';
const entry = (offset: number) => ({ gateway, stream: 'measurements' as const, run: 7, offset, time: T0 + offset });
const refused = { code: 'LS-STORE-001' };

/** A store whose commits and reads can be made to wait or fail. */
class FragileFile extends LedgerFile {
  commits: number[] = [];
  underway = 0;
  fault: Error | undefined;
  faultOfRead: Error | undefined;
  held: Promise<void> | undefined;

  override async commit(changes: readonly LedgerChange[]): Promise<void> {
    assert.equal(++this.underway, 1, 'one commit at a time');
    try {
      await this.held;
      if (this.fault !== undefined) throw this.fault;
      await super.commit(changes);
      this.commits.push(changes.length);
    } finally {
      this.underway--;
    }
  }

  override async load(): ReturnType<LedgerFile['load']> {
    if (this.faultOfRead !== undefined) throw this.faultOfRead;
    return super.load();
  }
}

async function rig() {
  const file = new FragileFile(':memory:');
  const ledger = new Ledger(file);
  await ledger.open();
  const again = new Ledger(file);
  return { file, ledger, again };
}

test('memory answers at once; changes during a commit go into the next one', async () => {
  const { file, ledger } = await rig();
  const slow = Promise.withResolvers<void>();
  file.held = slow.promise;
  const first = ledger.record([entry(0)], T0);
  const others = [1, 2, 3].map((offset) => ledger.record([entry(offset)], T0));
  await new Promise((resolve) => setImmediate(resolve));
  const behind = ledger.record([entry(4)], T0);
  assert.equal(ledger.storedCount(gateway), 5);
  let isSynced = false;
  const synced = ledger.synced().then(() => (isSynced = true));
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(isSynced, false);
  slow.resolve();
  await Promise.all([first, ...others, behind, synced]);
  assert.ok(file.commits.length <= 3, `${file.commits.length} commits`);
});

test('a failed commit and those that build on it are rolled back, and may be recorded again', async () => {
  const { file, ledger, again } = await rig();
  await ledger.record([entry(0)], T0);
  const slow = Promise.withResolvers<void>();
  [file.held, file.fault] = [slow.promise, new Error('disk I/O error')];
  const first = ledger.record([entry(1)], T0);
  await new Promise((resolve) => setImmediate(resolve));
  const behind = ledger.record([entry(2)], T0);
  const synced = ledger.synced();
  slow.resolve();
  for (const each of [first, behind, synced]) await assert.rejects(each, refused);
  assert.equal(ledger.storedCount(gateway), 1);
  file.fault = undefined;
  await ledger.synced();
  await ledger.record([entry(1), entry(2)], T0);
  await again.open();
  for (const each of [ledger, again]) assert.equal(each.storedCount(gateway), 3);
});

test('while the store can be neither written nor read, nothing counts as stored, not even in memory', async () => {
  const { file, ledger, again } = await rig();
  file.fault = file.faultOfRead = new Error('disk I/O error');
  await assert.rejects(ledger.record([entry(0)], T0), refused);
  await assert.rejects(ledger.synced(), refused);
  await assert.rejects(ledger.record([entry(1)], T0), refused);
  file.fault = file.faultOfRead = undefined;
  // What was read from memory before this call was never stored.
  await assert.rejects(ledger.synced(), refused);
  assert.equal(ledger.storedCount(gateway), 0);
  await ledger.synced();
  await ledger.record([entry(0)], T0);
  await again.open();
  assert.equal(again.storedCount(gateway), 1);
});
