import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GuessBrake } from './guess-brake.ts';

let now = 0;
const brake = (): GuessBrake => new GuessBrake({ elapsed: () => now });

/** Guesses each second for this long; returns how many were judged. */
function guesses(of: GuessBrake, pair: string, seconds: number): number {
  let judged = 0;
  for (const until = now + seconds * 1000; now < until; now += 1000) {
    if (!of.mayTry(pair)) continue;
    of.judged(pair, false);
    judged++;
  }
  return judged;
}

test('five guesses are free, then each waits twice as long, up to a minute', () => {
  const slow = brake();
  assert.equal(guesses(slow, 'a', 5), 5);
  assert.equal(guesses(slow, 'a', 3600 - 5), 5 + 59);
  assert.ok(slow.mayTry('b'));
});

test('the right password or ten quiet minutes clear the failures of a pair', () => {
  const slow = brake();
  guesses(slow, 'a', 60);
  now += 60_000;
  assert.ok(slow.mayTry('a'));
  slow.judged('a', true);
  assert.equal(slow.size, 0);
  assert.equal(guesses(slow, 'a', 5), 5);
  guesses(slow, 'a', 60);
  now += 11 * 60_000;
  assert.equal(guesses(slow, 'a', 5), 5);
});

test('an attempt without a verdict does not count', () => {
  const slow = brake();
  for (let time = 0; time < 100; time++) {
    assert.ok(slow.mayTry('a'));
    slow.judged('a', undefined);
  }
  assert.equal(slow.size, 0);
});

test('at most twenty thousand pairs are remembered, however many guess', () => {
  const slow = brake();
  for (let pair = 0; pair < 50_000; pair++) {
    assert.ok(slow.mayTry(String(pair)));
    slow.judged(String(pair), false);
  }
  assert.equal(slow.size, 20_000);
});
