import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kinds, right, watchHours, wrong } from './testing/watch-hours.ts';

test('in a week of right meters nothing is found', () => {
  assert.deepEqual(kinds(watchHours(168, right)), []);
});

for (const { readings, found } of wrong)
  test(`in three days of ${found.join(' ')} nothing else is found`, () => {
    assert.deepEqual(kinds(watchHours(72, readings)), [found]);
  });
