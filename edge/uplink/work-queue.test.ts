import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../../shared/time/virtual-clock.ts';
import { WorkQueue } from './work-queue.ts';

test('a task that fails is reported, and the others still run', async () => {
  const clock = new VirtualClock(0);
  const queue = new WorkQueue(clock);
  const done: string[] = [];
  const add = (name: string): boolean =>
    queue.add(async () => {
      if (name === 'bad') throw new Error('no broker');
      done.push(name);
    });
  queue.open();
  for (const name of ['first', 'bad', 'second']) add(name);
  await assert.rejects(clock.advance(10), /no broker/);
  assert.deepEqual(done, ['first', 'second']);
  for (const name of ['bad', 'last']) add(name);
  await queue.finish();
  assert.deepEqual(done, ['first', 'second', 'last']);
});
