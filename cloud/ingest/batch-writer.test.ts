import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { VirtualClock } from '../../shared/time/virtual-clock.ts';
import { BatchWriter, type BatchWriterOptions } from './batch-writer.ts';
import { LedgerFile } from './ledger-file.ts';
import { Ledger } from './ledger.ts';

const T0 = Date.UTC(2021, 8, 25);
const series = { gateway: 'owd-01', device: 'pv-1', metric: 'activePowerKw' };

/** A writer on a store that fails with the fault returned by `fault`, or works if there is none. */
async function rig(fault: () => Error | undefined, onStore: BatchWriterOptions['onStore'] = () => undefined) {
  const clock = new VirtualClock(T0);
  const ledger = new Ledger(new LedgerFile(':memory:'));
  await ledger.open();
  const accounted: number[] = [];
  const waitedS: number[] = [];
  const writer = new BatchWriter({
    clock,
    ledger,
    batchPoints: 10,
    batchAgeMs: 100,
    maxHeldPoints: 100,
    store: {
      write: async () => {
        const why = fault();
        if (why !== undefined) throw why;
      },
    },
    onAccounted: (entries, seconds) => {
      accounted.push(...entries.map(({ offset }) => offset));
      waitedS.push(seconds);
    },
    onRefused: () => assert.fail('nothing is rejected'),
    onStore,
  });
  const offer = (offset: number): boolean =>
    writer.offer({
      entry: { gateway: 'owd-01', stream: 'measurements', run: 7, offset, time: T0 },
      points: [{ series, time: T0, offset, value: 1, quality: 'good', origin: 'measured' }],
    });
  const stop = async (): Promise<void> => {
    await writer.stop();
    ledger.close();
  };
  return { clock, ledger, writer, accounted, waitedS, offer, stop };
}

test('held batches are retried whatever fails: store, ledger or listener', async () => {
  const away = new LoadstoneError('LS-STORE-001', 'away');
  const breaks = [away, new Error('disk I/O error'), away];
  const { clock, writer, accounted, offer, stop } = await rig(
    () => breaks.shift(),
    (fault) => {
      // A full disk fails the event log too.
      if (fault !== null) throw new Error('event log: disk I/O error');
    },
  );
  assert.ok(offer(0));
  const failures: string[] = [];
  for (let second = 0; second < 60; second++)
    await clock.advance(1000).catch((error: unknown) => failures.push(String(error)));
  assert.deepEqual([accounted, writer.heldPoints, writer.isFailing], [[0], 0, false]);
  assert.equal(failures.length, 3, failures.join());
  await stop();
});

test('held frames are settled once they are in the ledger or rejected by the store', async () => {
  let fault: LoadstoneError | undefined;
  const { clock, ledger, writer, offer, stop } = await rig(() => fault);
  const settled: string[] = [];
  const ask = (what: string): void => void writer.settled().then(() => settled.push(what));
  ask('nothing is held');
  await clock.advance(0);
  assert.deepEqual(settled, ['nothing is held']);
  offer(0);
  ask('one');
  await clock.advance(50);
  assert.deepEqual(settled, ['nothing is held']);
  await clock.advance(100);
  assert.deepEqual(settled, ['nothing is held', 'one']);
  fault = new LoadstoneError('LS-STORE-001', 'away');
  offer(1);
  ask('refused');
  await clock.advance(200);
  assert.deepEqual([settled.at(-1), ledger.storedCount('owd-01')], ['refused', 1]);
  fault = undefined;
  await clock.advance(20_000);
  assert.equal(ledger.storedCount('owd-01'), 2);
  await stop();
});

test('the wait of the first frame of a batch is reported, even if the store accepts it late', async () => {
  let fault: LoadstoneError | undefined;
  const { clock, waitedS, offer, stop } = await rig(() => fault);
  offer(0);
  await clock.advance(60);
  offer(1);
  await clock.advance(40);
  assert.deepEqual(waitedS, [0.1]);
  fault = new LoadstoneError('LS-STORE-001', 'away');
  offer(2);
  await clock.advance(5000);
  assert.deepEqual(waitedS, [0.1]);
  fault = undefined;
  await clock.advance(20_000);
  assert.equal(waitedS.length, 2);
  assert.ok(waitedS[1]! > 5 && waitedS[1]! < 25, `${waitedS[1]}`);
  await stop();
});
