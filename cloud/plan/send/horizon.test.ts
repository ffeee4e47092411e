import assert from 'node:assert/strict';
import { test } from 'node:test';
import { horizonAt } from '../planner.ts';

test('at any speed the horizon starts with short steps, grows to hours and lasts 36 h', () => {
  for (const speed of [1, 10, 60]) {
    const steps = horizonAt(speed);
    assert.ok(steps[0]! <= 900);
    assert.equal(steps.at(-1), 3600);
    for (const [at, seconds] of steps.entries()) assert.ok(seconds >= (steps[at - 1] ?? 0), 'never finer than before');
    const hours = steps.reduce((sum, seconds) => sum + seconds, 0) / 3600;
    assert.equal(hours, 36);
    let at = 0;
    for (const seconds of steps) {
      assert.equal(at % seconds, 0, 'steps begin at multiples of their length');
      at += seconds;
    }
  }
  assert.deepEqual(horizonAt(0), horizonAt(60), 'a paused simulation does not count as real time');
  assert.deepEqual(horizonAt(1).slice(0, 13), [...Array.from({ length: 12 }, () => 300), 900]);
});
