import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../../shared/time/virtual-clock.ts';
import { BrokerWatch } from './broker-watch.ts';

const START_MS = 1_800_000_000_000;

function rig() {
  const clock = new VirtualClock(START_MS);
  const logger = { info: () => undefined, error: () => undefined };
  return { clock, watch: new BrokerWatch({ time: clock.machine, logger, onBroker: () => undefined }) };
}

test('a cloud is cut off after half a minute without its broker, until it answers', async () => {
  const { clock, watch } = rig();
  watch.heard('no route');
  await clock.advance(20_000);
  watch.heard('still no route');
  await clock.advance(10_000);
  assert.equal(watch.isCutOff, false);
  await clock.advance(1000);
  assert.equal(watch.isCutOff, true);
  assert.deepEqual(watch.away, { since: START_MS, why: 'still no route' });
  watch.heard(null);
  assert.equal(watch.isCutOff, false);
  watch.heard('no route');
  assert.equal(watch.isCutOff, false);
});

test('a wall clock that jumps neither cuts a cloud off nor keeps it from being so', async () => {
  const { clock, watch } = rig();
  watch.heard('no route');
  clock.step(3_600_000);
  assert.equal(watch.isCutOff, false);
  clock.step(-7_200_000);
  await clock.advance(31_000);
  assert.equal(watch.isCutOff, true);
});
