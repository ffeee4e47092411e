import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../../shared/time/virtual-clock.ts';
import { PassingLacks } from './passing-lacks.ts';

test('a line goes ten minutes after its last report; there are at most twenty, besides the others', async () => {
  const clock = new VirtualClock(0);
  const lacks = ['trust.keysFile: none'];
  const passing = new PassingLacks(lacks, clock.machine);
  assert.deepEqual([passing.add('a'), passing.add('a'), lacks.length], [true, false, 2]);
  await clock.advance(599_000);
  passing.add('a');
  passing.add('b');
  await clock.advance(599_000);
  assert.deepEqual(lacks, ['trust.keysFile: none', 'a', 'b']);
  for (let each = 0; each < 100; each++) passing.add(`c${each}`);
  assert.equal(lacks.length, 21);
  await clock.advance(600_000);
  assert.deepEqual(lacks, ['trust.keysFile: none']);
  passing.add('a');
  passing.stop();
  assert.equal(clock.pending(), 0);
});
