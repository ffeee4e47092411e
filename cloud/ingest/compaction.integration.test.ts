import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { Ledger } from './ledger.ts';

const T0 = Date.UTC(2021, 8, 25);
const HOUR = 3_600_000;
const gateway = 'owd-01';

test('a compaction that is killed with -9 leaves every answer as it was, and the next one goes on', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'loadstone-compact-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const path = join(dir, 'ledger.db');
  const RECEIPTS = 30_000;
  const first = new Ledger(path);
  first.open();
  await Promise.all(
    Array.from({ length: RECEIPTS }, (_, n) => {
      const key = { gateway, stream: 'measurements' as const, run: n < RECEIPTS / 2 ? 7 : 9 };
      return first.record([{ ...key, offset: n, time: T0 + n * 100 }], T0 + 1 + n * 100);
    }),
  );
  const before = answers(first);
  assert.equal(first.spanCount(), RECEIPTS);
  first.close();
  for (const afterMs of [0, 5, 20, 60]) {
    const child = fork(new URL('./testing/compact.child.ts', import.meta.url), [path, String(T0 + 9 * HOUR)]);
    await once(child, 'message');
    await wait(afterMs);
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    const again = new Ledger(path);
    again.open();
    assert.deepEqual(answers(again), before, `killed after ${afterMs} ms, ${again.spanCount()} spans`);
    again.close();
  }
  const last = new Ledger(path);
  last.open();
  await last.compact(T0 + 9 * HOUR);
  assert.deepEqual(answers(last), before);
  assert.ok(last.spanCount() <= 8, `${last.spanCount()} spans`);
  last.close();
});

function answers(ledger: Ledger): unknown {
  return {
    all: ledger.completeness(gateway),
    hour: ledger.completeness(gateway, { from: T0, to: T0 + HOUR }),
    coverage: [7, 9].map((run) => ledger.coverage(gateway, 'measurements', run)),
    known: [0, 1, 2, 3, 4].map((quarter) => ledger.known(gateway, T0 + (quarter * HOUR) / 4)),
  };
}
