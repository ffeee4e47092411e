import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FIRST_READS } from '../../shared/contracts/reads.ts';
import { VirtualClock } from '../../shared/time/virtual-clock.ts';
import { Heart } from './heart.ts';
import { TestLink } from './testing/test-link.ts';

test('a failing heartbeat of one gateway does not affect others, and is reported', async () => {
  const link = new TestLink();
  link.connected = true;
  const heart = new Heart({
    link,
    clock: new VirtualClock(1_700_000_000_000),
    hostId: 'cloud',
    epoch: async (gateway) => {
      if (gateway === 'bad-01') throw new Error('its documents cannot be read');
      return 1;
    },
    gateways: () => ['bad-01', 'owd-01', 'wls-01'],
    reads: () => FIRST_READS,
    covered: () => [],
  });
  await assert.rejects(heart.beat(), /its documents cannot be read/);
  for (const gateway of ['owd-01', 'wls-01'])
    assert.equal(link.take(`loadstone/v1/${gateway}/heartbeat`).length, 1, gateway);
  assert.equal(link.take('loadstone/v1/bad-01/heartbeat').length, 0);
});
