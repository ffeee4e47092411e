import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../../shared/time/virtual-clock.ts';
import { Pruner } from './pruner.ts';

test('where there is always more to forget, it looks once a second, however long that goes on', async () => {
  const clock = new VirtualClock(Date.UTC(2028, 0, 1));
  let turns = 0;
  const pruner = new Pruner([() => ++turns && 1], clock);
  pruner.start();
  await clock.advance(2 * 3_600_000);
  const before = turns;
  await clock.advance(60_000);
  assert.ok(turns - before <= 62, `${turns - before} turns in a minute`);
  await pruner.stop();
  assert.equal(clock.pending(), 0);
});
