import assert from 'node:assert/strict';
import { test } from 'node:test';
import { figures } from './forecast.ts';

const score = { nMae: 0.1, pinball: 0.03, coverage80: 0.8, n: 24, rmse: 12.34567 };

test('RMSE stands beside every score of the benchmark, peak-weighted rCRPS beside those with all quantiles', () => {
  const known = { nMae: 0.1, pinball: 0.03, coverage80: 0.8, rmse: 12.3457 };
  assert.deepEqual(figures(score), known);
  const result = { ...score, rCrps: 0.02, rCrpsPeakWeighted: 0.025 } as unknown as Parameters<typeof figures>[0];
  assert.deepEqual(figures(result), { ...known, rCrps: 0.02, rCrpsPeakWeighted: 0.025 });
});
