import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planFaults } from './testing/plan-faults.ts';

test('a thousand plans are executed as shown and for the reasons given', async () => {
  const { plans, claims, compared, clamps, contradictions, untranslated } = await planFaults({
    numRuns: 1050,
    seed: 18,
  });
  assert.ok(plans >= 1000, `${plans} plans`);
  assert.ok(claims >= plans / 2, `${claims} reasons claim something`);
  assert.equal(compared, claims, 'each claim has a counterfactual that can be compared');
  assert.deepEqual({ clamps, contradictions, untranslated }, { clamps: [], contradictions: [], untranslated: [] });
});
