import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { RateLimit } from './rate-limit.ts';

test('allows a burst of four seconds, then one request at a time, and never grants one twice', () => {
  const times = fc.array(fc.integer({ min: 0, max: 800 }), { maxLength: 200 });
  fc.assert(
    fc.property(times, fc.constantFrom(0.5, 1, 2, 5, 20), (pauses, requestsPerSecond) => {
      const limit = Math.max(1, Math.floor(requestsPerSecond * 4));
      let elapsedMs = 5_000;
      const rates = new RateLimit({ elapsed: () => elapsedMs });
      let level = limit;
      for (const pause of pauses) {
        elapsedMs += pause;
        level = Math.min(limit, level + (pause / 1000) * requestsPerSecond);
        const answer = rates.take('anna', requestsPerSecond);
        assert.equal(answer.allowed, level >= 1 - 1e-6, `level ${level}`);
        if (answer.allowed) level -= 1;
        assert.ok(Math.abs(answer.remaining - level) < 1 + 1e-6);
        assert.equal(answer.limit, limit);
        const wait = answer.allowed ? limit - level : 1 - level;
        assert.ok(Math.abs(answer.resetS - wait / requestsPerSecond) < 1 + 1e-6);
      }
    }),
  );
});

test('a caller that returns after a long time has no more than the burst', () => {
  const rates = new RateLimit({ elapsed: () => 1e9 });
  const taken = Array.from({ length: 10 }, () => rates.take('anna', 2).allowed);
  assert.equal(taken.filter(Boolean).length, 8);
});

test('callers have separate budgets; when there are too many, all start afresh', () => {
  const rates = new RateLimit({ elapsed: () => 1000 }, 2);
  for (const name of ['a', 'b']) while (rates.take(name, 1).allowed);
  assert.equal(rates.take('b', 1).remaining, 0);
  assert.equal(rates.take('c', 1).remaining, 3);
  assert.equal(rates.take('a', 1).remaining, 3);
});
