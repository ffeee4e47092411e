import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backtest } from './backtest.ts';
import { data, options } from './testing/thirteen-weeks.ts';

test('all thirteen-week members together beat the naive forecast and cover', async () => {
  const members = ['ridge', 'linear', 'lagRidge', 'hourRidge', 'boostDifference'] as const;
  const result = await backtest(data, { ...options, members });
  assert.ok(result.nMae < result.baselines.seasonalNaive24.nMae);
  assert.ok(result.pinball < result.baselines.seasonalNaive24.pinball);
  assert.ok(result.coverage80 > 0.7 && result.coverage80 < 0.9, `coverage ${result.coverage80}`);
});
