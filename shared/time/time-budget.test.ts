import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TimeBudget } from './time-budget.ts';
import { VirtualClock } from './virtual-clock.ts';

test('waits share one budget: late ones are given up, and none starts after it', async () => {
  const clock = new VirtualClock(0);
  const budget = new TimeBudget(clock.machine, 1000);
  assert.equal(await budget.wait(async () => 'done'), 'done');
  await assert.rejects(
    budget.wait(async () => {
      throw new Error('failed');
    }),
    /failed/,
  );
  await clock.advance(600);
  const late = assert.rejects(
    budget.wait(() => new Promise(() => {})),
    /not done in time/,
  );
  await clock.advance(400);
  await late;
  const begun: string[] = [];
  await assert.rejects(
    budget.wait(async () => begun.push('begun')),
    /no time left/,
  );
  assert.deepEqual([begun, clock.pending()], [[], 0]);
});
