import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OverrunWatch } from './overrun-watch.ts';

/** Codes of the conditions after the last of these cycles. */
function codesAfter(
  watch: OverrunWatch,
  { stepS, periodMs, seconds }: { stepS: number; periodMs: number; seconds: number },
) {
  let last: string[] = [];
  for (let s = 0; s < seconds; s += stepS) last = watch.update(stepS, periodMs).map(({ code }) => code);
  return last;
}

test('a minute of late cycles is reported', () => {
  assert.deepEqual(codesAfter(new OverrunWatch(), { stepS: 1, periodMs: 250, seconds: 120 }), ['LS-GATEWAY-002']);
  assert.deepEqual(codesAfter(new OverrunWatch(), { stepS: 0.25, periodMs: 250, seconds: 120 }), []);
});

test('longer cycles while simulated time slows down do not count as missed', () => {
  const watch = new OverrunWatch();
  assert.deepEqual(codesAfter(watch, { stepS: 1, periodMs: 1000, seconds: 120 }), []);
  for (let cycle = 0; cycle < 400; cycle++) assert.deepEqual(watch.update(cycle === 0 ? 1 : 0.25, 250), [], `${cycle}`);
  assert.deepEqual(codesAfter(watch, { stepS: 1, periodMs: 250, seconds: 120 }), ['LS-GATEWAY-002']);
});
