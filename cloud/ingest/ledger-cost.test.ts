import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LedgerFile } from './ledger-file.ts';
import { Ledger } from './ledger.ts';
import type { LedgerEntry } from './entries.ts';
import { ingestRig, firstOf, gateway, T0 } from './testing/ingest-rig.ts';

const HOUR = 3_600_000;
const cpuMs = async (work: () => Promise<void>): Promise<number> => {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
};
const entry = (offset: number, run = 7): LedgerEntry => ({
  gateway,
  stream: 'measurements',
  run,
  offset,
  time: T0 + offset,
});
/** Every second offset, so there are as many spans as entries. */
const scattered = async (spans: number): Promise<Ledger> => {
  const ledger = new Ledger(new LedgerFile(':memory:'));
  await ledger.open();
  await ledger.record(
    Array.from({ length: spans }, (_, n) => entry(2 * n)),
    T0,
  );
  return ledger;
};

test('completeness queried every second does not get slower with the number of spans', async () => {
  const SPANS = 100_000;
  const TURNS = 200;
  const ledger = await scattered(SPANS);
  let ms = 0;
  for (let second = 1; second <= TURNS; second++) {
    await ledger.record([entry(2 * SPANS + 2 * second)], T0 + second * 1000);
    ms += await cpuMs(async () => {
      assert.equal(ledger.completeness(gateway).stored, SPANS + second);
      for (let hour = 0; hour < 2; hour++)
        await ledger.completenessBetween(gateway, { from: T0 + hour * HOUR, to: T0 + (hour + 1) * HOUR });
      ledger.coverage(gateway, 'measurements', 7);
    });
  }
  assert.ok(ms < 2000, `${ms.toFixed(0)} ms of CPU for ${TURNS} turns at ${SPANS} spans`);
});

test('one dropped report closes the gaps between 200,000 spans at once', async () => {
  const SPANS = 200_000;
  const ledger = await scattered(SPANS);
  const missing = [{ run: 7, from: 0, to: 2 * SPANS, reason: 'dropped' as const, detail: 'budget spent' }];
  await ledger.report(gateway, { version: 1, stream: 'measurements', runs: [], missing }, T0);
  const { stored, dropped, complete } = ledger.completeness(gateway);
  assert.deepEqual([stored, dropped, complete], [SPANS, SPANS + 1, true]);
});

test('receipts are merged every hour: a day of live data leaves four spans an hour', async () => {
  const it = await ingestRig();
  const { edge, clock, ledger } = it;
  await edge.born(['pv-1']);
  await edge.sendRanges(firstOf(7));
  for (let minute = 0; minute < 24 * 60; minute++) {
    await edge.sendFrame(edge.accept('pv-1', clock.plant.now(), { activePowerKw: minute }));
    await clock.advance(60_000);
  }
  const spans = ledger.spanCount();
  assert.ok(spans <= 4 * 24 + 3 * 60, `${spans} spans of ${edge.frames.size} receipts`);
  assert.equal(ledger.storedCount(gateway), edge.frames.size);
});

test('one compaction merges everything old, however much it is', async () => {
  const ledger = new Ledger(new LedgerFile(':memory:'));
  await ledger.open();
  for (let n = 0; n < 25_000; n++) await ledger.record([entry(n)], T0 + 1 + n * 10);
  await ledger.compact(T0 + 9 * HOUR);
  // A step of 10,000 spans leaves one at its end; the next compaction joins it.
  assert.ok(ledger.spanCount() <= 4, `${ledger.spanCount()} spans`);
});

test('endless runs leave a bounded ledger: the oldest are summed up, with the outcome of their frames', async () => {
  const DAY = 24 * HOUR;
  const file = new LedgerFile(':memory:');
  const ledger = new Ledger(file);
  await ledger.open();
  const runs = 20_500;
  // Of each run's frames, the second is missing and the third was refused.
  const entries = Array.from({ length: runs }, (_, run) => [
    entry(10 * run, run + 1),
    { ...entry(10 * run + 2, run + 1), time: null, code: 'LS-INGEST-003' },
    entry(10 * run + 3, run + 1),
  ]).flat();
  await ledger.record(entries, T0);
  const before = ledger.completeness(gateway);
  assert.deepEqual([before.stored, before.missing, before.refused], [2 * runs, runs, runs]);
  await ledger.compact(T0 + 6 * DAY);
  assert.equal(ledger.runCount(), runs, 'runs younger than a week stay separate');
  await ledger.record([entry(5, 1)], T0 + 7 * DAY);
  await ledger.compact(T0 + 8 * DAY);
  assert.equal(ledger.runCount(), 20_000);
  const isHeld = (run: number): boolean => ledger.has({ gateway, stream: 'measurements', run });
  assert.deepEqual([1, 2, 501, 502].map(isHeld), [true, false, false, true], 'the first one has moved lately');
  const after = ledger.completeness(gateway);
  assert.deepEqual([after.stored, after.refused, after.reasons], [2 * runs + 1, runs, before.reasons]);
  const { runs: loaded, folded } = await file.load();
  assert.equal(loaded.length, 20_000);
  assert.deepEqual(
    folded.map(({ state, frames }) => [state, frames]),
    [
      ['missing', 500],
      ['refused', 500],
      ['stored', 1000],
    ],
  );
  const again = new Ledger(file);
  await again.open();
  assert.deepEqual(again.completeness(gateway), after);
  again.close();
});
