import assert from 'node:assert/strict';
import { test } from 'node:test';
import { subjectFault } from './commit-subjects.ts';

test('a subject states area and change in at most 72 characters', () => {
  assert.equal(subjectFault('front: drop clients that never read their refusal'), undefined);
  assert.equal(subjectFault(`guard: ${'x'.repeat(65)}`), undefined);
  assert.match(subjectFault(`guard: ${'x'.repeat(66)}`)!, /73 characters/);
  assert.match(subjectFault('Drop clients that never read')!, /area/);
  assert.match(subjectFault('guard:')!, /area/);
  assert.match(subjectFault('guard: settle.')!, /full stop/);
});
