import assert from 'node:assert/strict';
import { test } from 'node:test';
import { featureColumn } from './feature-column.ts';

test('an unknown feature throws with the known names', () => {
  assert.equal(featureColumn(['last1', 'mean7'], 'mean7'), 1);
  assert.throws(() => featureColumn(['last1', 'mean7'], 'mean7d'), {
    name: 'TypeError',
    message: 'there is no feature mean7d among last1, mean7',
  });
});
