import assert from 'node:assert/strict';
import { test } from 'node:test';
import { metricsText } from '../api/metrics.ts';
import { LoopDelays } from './loop-delays.ts';

test('metrics show how late timers of the main thread fire, and its CPU time meanwhile', async () => {
  let now = 0;
  let cpuS = 7;
  let goOff: (() => unknown) | undefined;
  const delays = new LoopDelays(
    {
      now: () => now,
      elapsed: () => now,
      after: (_ms, task) => {
        goOff = task;
        return { cancel: () => (goOff = undefined) };
      },
    },
    () => cpuS,
  );
  const none = (): number => 0;
  const text = metricsText({
    ingest: () => ({
      frames: 0,
      duplicates: 0,
      heldBack: 0,
      overBudget: 0,
      rebirths: 0,
      heldPoints: 0,
      failedWrites: 0,
    }),
    events: async () => 0,
    promotions: () => ({ duel: 0, age: 0 }),
    connectedGateways: none,
    plantTime: none,
    gateways: () => [],
    onLoopDelay: (listener) => delays.listen(listener),
    onFrameWait: () => undefined,
  });
  delays.start();
  for (const lateMs of [0, 4, 180]) {
    now += 50 + lateMs;
    cpuS += lateMs / 2000;
    goOff!();
  }
  delays.stop();
  assert.equal(goOff, undefined);
  const lines = (await text()).split('\n');
  const counts = (name: string): (string | undefined)[] =>
    ['0.005', '0.075', '0.1', '0.25', '+Inf'].map(
      (bucket) =>
        lines
          .find((line) => line.startsWith(`loadstone_main_thread_${name}_seconds_bucket{le="${bucket}"}`))
          ?.split(' ')[1],
    );
  assert.deepEqual(counts('delay'), ['2', '2', '2', '3', '3']);
  assert.deepEqual(counts('cpu'), ['2', '2', '3', '3', '3']);
});
