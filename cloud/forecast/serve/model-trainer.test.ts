import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inlineInference } from '../../../shared/inference/inline-inference.ts';
import { good } from '../../../shared/outcome/outcome.ts';
import { VirtualClock } from '../../../shared/time/virtual-clock.ts';
import { inlineCompute } from '../../compute/inline-compute.ts';
import type { RegistryEntry } from '../registry/registry.ts';
import { RECIPE } from '../train/recipe.ts';
import { forecastTasks, type TrainInput } from './forecast-tasks.ts';
import { ModelTrainer } from './model-trainer.ts';
import type { TargetInputs } from './target-inputs.ts';

const T0 = Date.UTC(2021, 8, 25);
const DAY = 96;
const target = { id: 'substation:owd', substation: 'owd', zone: 'Europe/Amsterdam', gateway: true };

/** A wave with a value of its own each day, kW. */
const loadOf = (days: number): TargetInputs['load'] => ({
  start: T0 - days * 86_400_000,
  stepS: 900,
  values: Float64Array.from({ length: days * DAY }, (_, i) => 500 + 100 * Math.sin((i / DAY) * 2 * Math.PI) + (i % 97)),
});

const trained = await forecastTasks.trainForecast({
  load: loadOf(28),
  schema: { steps: DAY, stepS: 900, weather: false },
  zone: 'Europe/Amsterdam',
  levels: [0.1, 0.5, 0.9],
  recipe: { ...RECIPE, featureVersion: 1, members: ['ridge'], heldBackDays: 7 },
});

/** What the cloud's model and the gateway's were trained with. */
async function asked(days: number, of: { takes: boolean; temperature: boolean }): Promise<[TrainInput, TrainInput]> {
  const clock = new VirtualClock(T0);
  const inputs: TrainInput[] = [];
  const load = loadOf(days);
  const all = (value: number): Float64Array => new Float64Array(load.values.length).fill(value);
  const read: TargetInputs = {
    load,
    context: load,
    defects: [],
    substitution: null,
    contextWeather: null,
    weather: {
      ghi: all(100),
      wind: all(5),
      ...(of.temperature && { temperature: all(12) }),
      source: 'recorded',
      issuedAt: T0,
      hindcast: true,
    },
  };
  const trainer = new ModelTrainer({
    clock,
    inputs: { read: async () => read },
    compute: inlineCompute({
      ...forecastTasks,
      trainForecast: async (input) => {
        inputs.push(input);
        return trained;
      },
    }),
    inference: inlineInference(clock.machine),
    rollout: { submit: async () => good({ state: 'active' } as RegistryEntry) },
    takesTemperature: (id) => id === target.id && of.takes,
  });
  const done = await trainer.train(target, { release: 'r', recipe: RECIPE, reason: 'a test' });
  assert.ok(done.outcome.ok);
  assert.equal(inputs.length, 2);
  return [inputs[0]!, inputs[1]!];
}

test("a gateway's model is trained with the temperature, and without sun and wind, if the gateway takes it", async () => {
  const [cloud, gateway] = await asked(200, { takes: true, temperature: true });
  assert.deepEqual([cloud.schema.weather, cloud.schema.temperature], [true, true]);
  assert.deepEqual(gateway.schema, {
    version: 2,
    steps: DAY,
    stepS: 900,
    weather: false,
    temperature: true,
    year: false,
  });
  assert.ok(gateway.weather!.temperature!.every((value) => value === 12));
  assert.ok([gateway.weather!.ghi, gateway.weather!.wind].every((values) => values.every(Number.isNaN)));
});

test("a gateway's model is trained without weather where no temperature reaches it, or the history is short", async () => {
  for (const [days, takes, temperature] of [
    [200, false, true],
    [200, true, false],
    [60, true, true],
  ] as const) {
    const [cloud, gateway] = await asked(days, { takes, temperature });
    assert.equal(cloud.schema.weather, true);
    assert.deepEqual(gateway.schema, { version: 1, steps: DAY, stepS: 900, weather: false }, `${days} days`);
  }
});
