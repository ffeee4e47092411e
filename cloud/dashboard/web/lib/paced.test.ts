import assert from 'node:assert/strict';
import { test } from 'node:test';
import { paced } from './paced.ts';

test('the first call runs at once, and later ones once at the end of the period', ({ mock }) => {
  mock.timers.enable({ apis: ['setTimeout'] });
  let done = 0;
  const ask = paced(1000, () => done++);
  ask();
  assert.equal(done, 1);
  mock.timers.tick(10);
  ask();
  ask();
  assert.equal(done, 1);
  mock.timers.tick(990);
  assert.equal(done, 2);
  mock.timers.tick(999);
  ask();
  assert.equal(done, 2);
  mock.timers.tick(1);
  assert.equal(done, 3);
  mock.timers.tick(5000);
  assert.equal(done, 3, 'no further call');
  ask();
  assert.equal(done, 4);
});
