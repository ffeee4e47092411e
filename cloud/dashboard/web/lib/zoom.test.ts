import assert from 'node:assert/strict';
import { test } from 'node:test';
import { zoomOf } from './zoom.ts';

test('zoom shrinks to fit, enlarges to double, and stops at the smallest useful size', () => {
  const long = { width: 4000, height: 1000 };
  const room = { width: 1000, height: 500 };
  assert.deepEqual(zoomOf(1, long, room), { least: 0.25, most: 2, scale: 1 });
  assert.equal(zoomOf(0.01, long, room).scale, 0.25);
  assert.equal(zoomOf(9, long, room).scale, 2);
  const tall = { width: 500, height: 5000 };
  assert.equal(zoomOf(0, tall, room).scale, 0.1);
  assert.equal(zoomOf(0, { width: 100, height: 100 }, room).scale, 1, 'what fits stays as it is');
});
