import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SetpointWriter, type WriteTiming } from './setpoint-writer.ts';

/** Writes within `seconds` of a wish that changes each second, as [second, value]. */
function written(timing: WriteTiming, seconds: number, wish: (second: number) => number): [number, number][] {
  const writer = new SetpointWriter(timing, { min: 0, max: 1000 }, 100);
  const writes: [number, number][] = [];
  for (let second = 0; second <= seconds; second++) {
    const due = writer.due(wish(second), 1000 * second, false);
    if (due === undefined) continue;
    writer.sent(due, 1000 * second);
    writes.push([second, due]);
  }
  return writes;
}

test('while a change waits for its interval, the last value is repeated at each keep-alive', () => {
  const writes = written({ keepAliveS: 10, minIntervalS: 30, deadbandPct: 1 }, 60, (second) => 2 * second);
  assert.deepEqual(writes, [
    [0, 0],
    [10, 0],
    [20, 0],
    [30, 60],
    [40, 60],
    [50, 60],
    [60, 120],
  ]);
});

test('a change keeps its distance from the last keep-alive where that is the longer time', () => {
  const writes = written({ keepAliveS: 20, minIntervalS: 5, deadbandPct: 1 }, 26, (second) => (second > 20 ? 50 : 0));
  assert.deepEqual(writes, [
    [0, 0],
    [20, 0],
    [25, 50],
  ]);
});
