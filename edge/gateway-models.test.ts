import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WeatherBody, WeatherDocument } from '../shared/contracts/document.ts';
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

test('weather reaches the forecaster, held from before the start and as it comes', async () => {
  const clock = new VirtualClock(START);
  const heard: WeatherBody[] = [];
  const uplink = new FakeUplink();
  const document = (temperature: number): WeatherDocument => ({
    type: 'weather',
    version: 1,
    gateway: 'owd-01',
    epoch: 1,
    sequence: temperature,
    issuedAt: START,
    acceptUntil: START + 1000,
    validFrom: START,
    validUntil: START + 1000,
    body: { start: START, stepS: 3600, temperatureC: [temperature] },
  });
  uplink.restored = { ...uplink.restored, documents: [document(1)] };
  const gateway = new Gateway({
    config: parseConfig(RIG_YAML, 'gateway.yaml'),
    clock,
    uplink,
    deviceLink: new MemoryLink(),
    random: new SeededRandom(1),
    forecaster: forecasterWith({ weather: (body) => void heard.push(body) }),
  });
  await gateway.start();
  uplink.down({ kind: 'document', document: document(2) });
  await clock.advance(1000);
  assert.deepEqual(heard, [document(1).body, document(2).body]);
  assert.deepEqual(uplink.of('report'), []);
  await gateway.stop();
});

const forecasterWith = (part: Partial<ForecasterPort>): ForecasterPort => ({
  start: () => undefined,
  stop: async () => undefined,
  observe: () => undefined,
  weather: () => undefined,
  fetching: () => undefined,
  offer: async () => good(true),
  offerBeside: async () => good(true),
  alone: async () => undefined,
  latest: () => undefined,
  state: () => ({ id: null, state: 'none', inferenceMs: null, reason: null }),
  snapshot: () => ({ start: START, stepS: 900, values: new Float64Array() }),
  seed: () => undefined,
  ...part,
});

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
  const forecaster = forecasterWith({
    offer: async ({ id }) => {
      offered.push(id);
      if (id === 'first') throw new Error('no process can be started');
      return good(true);
    },
  });
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
