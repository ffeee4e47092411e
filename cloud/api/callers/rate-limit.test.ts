import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { RateLimit } from './rate-limit.ts';

test('the rate limit allows a burst of four seconds, then one request at a time, each granted once', () => {
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

test('callers have separate budgets', () => {
  const rates = new RateLimit({ elapsed: () => 1000 });
  while (rates.take('a', 1).allowed);
  assert.equal(rates.take('a', 1).remaining, 0);
  assert.equal(rates.take('b', 1).remaining, 3);
});

test('a flood of invented names does not restore a spent budget', () => {
  let elapsedMs = 1000;
  const rates = new RateLimit({ elapsed: () => elapsedMs }, 100);
  const allowed = ['sign-in 192.0.2.1', 'anna'].map((name) => {
    let count = 0;
    for (let made = 0; made < 3000; made++) {
      if (made % 10 === 0 && rates.take(name, 5).allowed) count++;
      rates.take(`${name} ${made}`, 5);
      elapsedMs++;
    }
    return count;
  });
  // A burst of twenty, and five a second for three seconds.
  for (const count of allowed) assert.ok(count <= 35, `${count} allowed`);
});
