import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { RateLimit, rateCells, takeFrom } from './rate-limit.ts';

test('four seconds of requests at once, then one at a time, and none is granted twice', () => {
  const times = fc.array(fc.integer({ min: 0, max: 800 }), { maxLength: 200 });
  fc.assert(
    fc.property(times, fc.constantFrom(0.5, 1, 2, 5, 20), (pauses, requestsPerSecond) => {
      const cells = rateCells();
      const limit = Math.max(1, Math.floor(requestsPerSecond * 4));
      let elapsedMs = 5_000;
      let level = limit;
      for (const pause of pauses) {
        elapsedMs += pause;
        level = Math.min(limit, level + (pause / 1000) * requestsPerSecond);
        const answer = takeFrom(cells, 3, { requestsPerSecond, elapsedMs });
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

test('who comes back after long has no more than the burst', () => {
  const cells = rateCells();
  const taken = Array.from({ length: 10 }, () => takeFrom(cells, 0, { requestsPerSecond: 2, elapsedMs: 1e9 }).allowed);
  assert.equal(taken.filter(Boolean).length, 8);
});

test('cells that are given out anew are told of, and begin full', () => {
  let resets = 0;
  const cells = new BigInt64Array(2);
  const limit = new RateLimit(
    { now: () => 0, elapsed: () => 1000, after: () => ({ cancel: () => undefined }) },
    { cells, onReset: () => resets++ },
  );
  for (const name of ['a', 'b']) while (limit.take(name, 1).allowed);
  assert.equal(resets, 0);
  assert.equal(limit.take('c', 1).remaining, 3);
  assert.equal(resets, 1);
});
