import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../../shared/time/virtual-clock.ts';
import { watchClock } from './clock-set.ts';

test('a clock that is not set is listed until it is set', async () => {
  const clock = new VirtualClock(0);
  const lacks = ['uplink: none'];
  const watch = watchClock(clock, lacks);
  assert.match(lacks[1]!, /^clock: it shows 1970-01-01 and is not set, so plans are refused/);
  await clock.advance(86_400_000);
  assert.deepEqual(lacks.length, 2);
  assert.match(lacks[1]!, /1970-01-02/);
  clock.step(Date.UTC(2026, 0, 1));
  await clock.advance(10_000);
  assert.deepEqual(lacks, ['uplink: none']);
  watch.cancel();
  assert.equal(clock.pending(), 0);
});
