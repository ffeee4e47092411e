import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FIRST_READS } from '../../shared/contracts/reads.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { VirtualClock } from '../../shared/time/virtual-clock.ts';
import { Acknowledger } from './acknowledger.ts';
import { TestLink } from './testing/test-link.ts';

async function connected(): Promise<TestLink> {
  const link = new TestLink();
  await link.connect();
  return link;
}

const run = { gateway: 'owd-01', stream: 'measurements', run: 7 } as const;

test('nothing is acknowledged before it is on disk, including what enters the ledger meanwhile', async () => {
  const link = await connected();
  let upTo = 4;
  const synced = Promise.withResolvers<void>();
  const ledger = { coverage: () => ({ upTo, ranges: [] }), synced: () => synced.promise };
  const acknowledger = new Acknowledger(link, ledger, new VirtualClock(0).machine, () => FIRST_READS);
  acknowledger.touch(run);
  const turn = acknowledger.turn();
  upTo = 9;
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(link.sent.length, 0);
  synced.resolve();
  await turn;
  assert.deepEqual(
    link.sent.map(({ payload }) => (JSON.parse(new TextDecoder().decode(payload)) as { upTo: number }).upTo),
    [4],
  );
});

test('while the disk fails, gateways get no acknowledgement; once it works, they do', async () => {
  const link = await connected();
  let isWell = false;
  const ledger = {
    coverage: () => ({ upTo: 4, ranges: [] }),
    synced: async () => {
      if (!isWell) throw new LoadstoneError('LS-STORE-001', 'the ledger cannot be kept');
    },
  };
  const acknowledger = new Acknowledger(link, ledger, new VirtualClock(0).machine, () => FIRST_READS);
  acknowledger.touch(run);
  await acknowledger.turn();
  assert.equal(link.sent.length, 0);
  isWell = true;
  await acknowledger.turn();
  assert.equal(link.sent.length, 1);
});
