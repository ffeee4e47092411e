import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LoopFigures } from './loop-figures.ts';

test('the figures of a thread cover its last minute', () => {
  const figures = new LoopFigures();
  assert.equal(figures.view(), null);
  for (let n = 0; n < 5000; n++) figures.add({ lateS: 3, cpuS: 3 });
  for (let n = 0; n < 1200; n++) figures.add({ lateS: n === 600 ? 0.5 : n % 50 === 0 ? 0.1 : 0.001, cpuS: 0.0125 });
  const { seconds, lateP50Ms, lateP99Ms, lateMaxMs, busyPct } = figures.view()!;
  assert.deepEqual([lateP50Ms, lateP99Ms, lateMaxMs], [1, 100, 500]);
  assert.ok(Math.abs(seconds - 64) < 0.1, String(seconds));
  assert.ok(Math.abs(busyPct - 23.4) < 0.1, String(busyPct));
});
