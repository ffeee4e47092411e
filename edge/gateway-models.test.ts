import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ModelManifest } from '../shared/contracts/model.ts';
import { good } from '../shared/outcome/outcome.ts';
import { SeededRandom } from '../shared/ports/random.ts';
import type { TimerTask } from '../shared/time/clock.ts';
import { VirtualClock } from '../shared/time/virtual-clock.ts';
import { parseConfig } from './config/load.ts';
import type { ForecasterPort } from './cycle/forecaster.ts';
import { FakeUplink } from './cycle/testing/fake-uplink.ts';
import { RIG_YAML, START } from './cycle/testing/rig.ts';
import { MemoryLink } from './drivers/testing/memory-link.ts';
import { Gateway } from './gateway.ts';

test('a model that makes the forecaster throw blocks neither later models nor the shutdown', async () => {
  const clock = new VirtualClock(START);
  const failed: string[] = [];
  // As on a real clock: a failing task is recorded, and time goes on.
  const machine = {
    ...clock.machine,
    after: (ms: number, task: TimerTask) =>
      clock.machine.after(ms, async () => {
        try {
          await task();
        } catch (error) {
          failed.push(String(error));
        }
      }),
  };
  const offered: string[] = [];
  const forecaster = {
    start: () => undefined,
    stop: async () => undefined,
    observe: () => undefined,
    fetching: () => undefined,
    offer: async ({ id }: ModelManifest) => {
      offered.push(id);
      if (id === 'first') throw new Error('no process can be started');
      return good(true);
    },
    alone: async () => undefined,
    latest: () => undefined,
    state: () => ({ id: null, state: 'none', inferenceMs: null, reason: null }),
    snapshot: () => ({ start: START, stepS: 900, values: new Float64Array() }),
    seed: () => undefined,
  } as unknown as ForecasterPort;
  const uplink = new FakeUplink();
  const gateway = new Gateway({
    config: parseConfig(RIG_YAML, 'gateway.yaml'),
    clock: { plant: clock.plant, machine, speed: () => 1 },
    uplink,
    deviceLink: new MemoryLink(),
    random: new SeededRandom(1),
    forecaster,
  });
  await gateway.start();
  for (const id of ['first', 'second'])
    uplink.down({ kind: 'model', manifest: { id } as ModelManifest, bytes: new Uint8Array() });
  await clock.advance(1000);
  assert.deepEqual(offered, ['first', 'second']);
  assert.equal(failed.length, 1);
  await gateway.stop();
  assert.equal(uplink.stopped, true);
});
