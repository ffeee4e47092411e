import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kinds, right, watchHours, wrong } from './testing/watch-hours.ts';

test('a week of correct meters raises no finding', () => {
  assert.deepEqual(kinds(watchHours(168, right)), []);
});

for (const { readings, found } of wrong)
  test(`three days of ${found.join(' ')} raise no other finding`, () => {
    assert.deepEqual(kinds(watchHours(72, readings)), [found]);
  });
