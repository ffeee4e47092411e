import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inlineInference } from '../../../shared/inference/inline-inference.ts';
import { gaussian, SeededRandom } from '../../../shared/ports/random.ts';
import { VirtualClock } from '../../../shared/time/virtual-clock.ts';
import { inlineCompute } from '../../compute/inline-compute.ts';
import type { ForecastTarget } from '../registry/forecast-target.ts';
import { SqliteModelRegistry } from '../registry/sqlite-model-registry.ts';
import type { ModelRegistry } from '../registry/registry.ts';
import { quietRollout } from '../registry/testing/quiet-rollout.ts';
import { ForecastService } from './forecast-service.ts';
import { SqliteForecastStore } from './sqlite-forecast-store.ts';
import { forecastTasks } from './forecast-tasks.ts';
import type { LoadSource } from './inputs.ts';

const STEP_MS = 900_000;
const T0 = Date.UTC(2021, 8, 25);
const HISTORY = 28 * 96;
const PARTS = ['substation:aaa', 'substation:bbb', 'substation:ccc'];
const common = { zone: 'Europe/Amsterdam', gateway: false };
const targets: readonly ForecastTarget[] = [
  ...PARTS.map((id) => ({ id, substation: id.slice(-3), ...common })),
  { id: 'region:all', substation: 'all', ...common, parts: PARTS },
  { id: 'feeder:aaa-1', substation: 'aaa', ...common },
];

const noise = new Map<string, Float64Array>(
  targets.map(({ id }) => {
    const random = new SeededRandom(1, id);
    return [id, Float64Array.from({ length: HISTORY + 96 }, () => 60 * gaussian(random))];
  }),
);

/** Loads of a day and a night; counts how many are read at once. */
function loads(): { source: LoadSource; most: () => number } {
  let [reading, most] = [0, 0];
  const source: LoadSource = {
    intervals: async ({ target, start, end }) => {
      most = Math.max(most, ++reading);
      // The first targets are the slowest to be read.
      for (let turn = targets.findIndex(({ id }) => id === target); turn < targets.length; turn++)
        await new Promise(setImmediate);
      reading--;
      const first = (start - T0) / STEP_MS + HISTORY;
      const values = Array.from({ length: (end - start) / STEP_MS }, (_, at) => {
        const i = first + at;
        return i < 0 ? null : 1500 + 500 * Math.sin(((i % 96) / 96) * 4 * Math.PI) + noise.get(target)![i]!;
      });
      return { values, substitution: null };
    },
  };
  return { source, most: () => most };
}

async function started(registry: ModelRegistry, everyS: number) {
  const clock = new VirtualClock(T0);
  const store = new SqliteForecastStore(':memory:');
  store.open();
  const { source, most } = loads();
  const service = new ForecastService({
    clock,
    targets,
    load: source,
    compute: inlineCompute(forecastTasks),
    inference: inlineInference(clock.machine),
    registry,
    store,
    everyS,
    workers: 1,
    members: ['ridge'],
    rollout: { ...quietRollout, applyAtGateway: () => undefined },
  });
  await service.start();
  return { clock, service, most };
}

test('forecasts that are made side by side equal those made one after the other, to the last bit', async () => {
  const registry = new SqliteModelRegistry(':memory:');
  registry.open();
  const aside = await started(registry, 900);
  const trained = await aside.service.train();
  assert.ok(trained.every(({ outcome }) => outcome.ok));
  const alone = await started(registry, 7 * 86_400);
  const issuedAlone = async (): Promise<void> => {
    for (const { id } of targets) assert.ok((await alone.service.issue(id)).ok);
  };
  await issuedAlone();
  for (let round = 0; round < 8; round++) {
    for (const { clock } of [aside, alone]) await clock.advance(STEP_MS);
    await issuedAlone();
    for (const { id } of targets) {
      const forecast = aside.service.newest(id);
      assert.equal(forecast?.issuedAt, T0 + (round + 1) * STEP_MS);
      assert.notEqual(forecast.model.sha256, null);
      assert.deepEqual(forecast, alone.service.newest(id));
    }
  }
  assert.deepEqual([aside.most(), alone.most()], [4, 1]);
  await aside.service.stop();
  await alone.service.stop();
});
