import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { LedgerFile } from './ledger-file.ts';
import { Ledger } from './ledger.ts';

const T0 = Date.UTC(2021, 8, 25);
const HOUR = 3_600_000;
const LATE = T0 + HOUR + 1;
const gateway = 'owd-01';

test('a compaction killed with -9 leaves every answer as it was, and the next one continues', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'loadstone-compact-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const path = join(dir, 'ledger.db');
  const RECEIPTS = 30_000;
  const first = new Ledger(new LedgerFile(path));
  await first.open();
  await Promise.all(
    Array.from({ length: RECEIPTS }, (_, n) => {
      const key = { gateway, stream: 'measurements' as const, run: n < RECEIPTS / 2 ? 7 : 9 };
      return first.record([{ ...key, offset: n, time: T0 + n * 100 }], LATE + n * 100);
    }),
  );
  const before = await answers(first);
  assert.equal(first.spanCount(), RECEIPTS);
  first.close();
  for (const afterMs of [0, 5, 20, 60]) {
    const child = fork(new URL('./testing/compact.child.ts', import.meta.url), [path, String(T0 + 9 * HOUR)]);
    await once(child, 'message');
    await wait(afterMs);
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    const again = new Ledger(new LedgerFile(path));
    await again.open();
    assert.deepEqual(await answers(again), before, `killed after ${afterMs} ms, ${again.spanCount()} spans`);
    again.close();
  }
  const last = new Ledger(new LedgerFile(path));
  await last.open();
  await last.compact(T0 + 9 * HOUR);
  assert.deepEqual(await answers(last), before);
  assert.ok(last.spanCount() <= 8, `${last.spanCount()} spans`);
  last.close();
});

async function answers(ledger: Ledger): Promise<unknown> {
  return {
    all: ledger.completeness(gateway),
    hour: await ledger.completenessBetween(gateway, { from: T0, to: T0 + HOUR }),
    coverage: [7, 9].map((run) => ledger.coverage(gateway, 'measurements', run)),
    known: [4, 5, 6, 7, 8].map((quarter) => ledger.known(gateway, T0 + (quarter * HOUR) / 4)),
  };
}
