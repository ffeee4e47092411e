import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planFaults } from './testing/plan-faults.ts';

test('a thousand plans are executed as shown and for the reasons given', async () => {
  const { plans, clamps, contradictions, untranslated } = await planFaults({ numRuns: 1050, seed: 18 });
  assert.ok(plans >= 1000, `${plans} plans`);
  assert.deepEqual({ clamps, contradictions, untranslated }, { clamps: [], contradictions: [], untranslated: [] });
});
