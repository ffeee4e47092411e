import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rateOf } from './round.ts';

test('the learning rate falls from round to round and stays above 0, also in the scoring round', () => {
  const rates = Array.from({ length: 11 }, (_, i) => rateOf({ round: i + 1, rounds: 10 }));
  assert.equal(rates[0], 4e-3);
  for (const [i, rate] of rates.slice(1, 10).entries()) assert.ok(rate < rates[i]!, `${i}`);
  assert.ok(rates.every((rate) => rate > 0 && rate <= 0.1));
});
