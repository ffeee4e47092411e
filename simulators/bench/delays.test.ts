import assert from 'node:assert/strict';
import { test } from 'node:test';
import { delaysIn, p99Ms } from './delays.ts';

const text = (...counts: number[]): string =>
  ['0.05', '0.1', '+Inf']
    .map((upTo, at) => `loadstone_main_thread_delay_seconds_bucket{le="${upTo}"} ${counts[at]}`)
    .join('\n');

test('the 99th percentile covers only delays between two readings', () => {
  const before = delaysIn(text(0, 0, 500));
  assert.equal(p99Ms(before, delaysIn(text(980, 1000, 1500))), 75, 'halfway from 980 to 1,000 of them');
  assert.equal(p99Ms(before, delaysIn(text(100, 100, 700))), 100, 'above the last bound');
  assert.equal(p99Ms(before, before), 0);
});
