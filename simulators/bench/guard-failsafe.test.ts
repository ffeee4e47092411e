import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failsafeSumPct } from './guard-failsafe.ts';

test('fail-safe shares add up to the limit, and the benchmark sees import, export and later steps beyond it', () => {
  const days = 0.1;
  assert.equal(failsafeSumPct({ days }), 100);
  const exceeds = (of: 'importKw' | 'exportKw', from: number): number =>
    failsafeSumPct({
      days,
      give: (shares, gateway, wanted) => {
        const given = shares.give(gateway, wanted);
        return { ...given, [of]: given[of].map((kw, step) => (step < from ? kw : wanted[of][step]! * 1.2)) };
      },
    });
  assert.ok(exceeds('importKw', 0) > 105);
  assert.ok(exceeds('exportKw', 0) > 105);
  assert.ok(exceeds('importKw', 95) > 105);
});
