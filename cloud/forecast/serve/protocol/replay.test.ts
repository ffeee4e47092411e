import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { serialize } from 'node:v8';
import { inlineInference } from '../../../../shared/inference/inline-inference.ts';
import { unwrap } from '../../../../shared/outcome/outcome.ts';
import type { Compute } from '../../../../shared/ports/compute.ts';
import { gaussian, SeededRandom } from '../../../../shared/ports/random.ts';
import { VirtualClock } from '../../../../shared/time/virtual-clock.ts';
import { inlineCompute } from '../../../compute/inline-compute.ts';
import { bundleOf } from '../../registry/bundle.ts';
import type { ForecastTarget } from '../../registry/forecast-target.ts';
import { SqliteModelRegistry } from '../../registry/sqlite-model-registry.ts';
import { quietRollout } from '../../registry/testing/quiet-rollout.ts';
import { RECIPE, within } from '../../train/recipe.ts';
import { ForecastService } from '../forecast-service.ts';
import { forecastTasks, type ForecastTasks, type TrainInput } from '../forecast-tasks.ts';
import type { InputQuery } from '../inputs.ts';
import { SqliteForecastStore } from '../sqlite-forecast-store.ts';
import { issuedAt, trainedOn, type Recorded } from './replay.ts';

const DAY_MS = 86_400_000;
const STEP_MS = 900_000;
const TRAIN_DAYS = 56;
const LIVE_DAYS = 3;
const START = Date.UTC(2021, 8, 1);
const T0 = START + TRAIN_DAYS * DAY_MS;
const ISSUE_S = 3 * 3600;
const TARGET: ForecastTarget = {
  id: 'substation:owd',
  substation: 'owd',
  zone: 'Europe/Amsterdam',
  holidays: ['2021-11-01'],
  gateway: false,
};

const random = new SeededRandom(4);
const count = (TRAIN_DAYS + LIVE_DAYS + 2) * 96;
const series = (at: (i: number) => number): Float64Array => Float64Array.from({ length: count }, (_, i) => at(i));
let front = 0;
const temperature = series((i) => {
  front = 0.985 * front + 0.9 * gaussian(random);
  return 8 + front + 3 * Math.sin(((i % 96) / 96 - 0.4) * 2 * Math.PI);
});
const ghi = series((i) =>
  Math.max(0, (500 + 200 * Math.sin(i / 300)) * Math.sin(((i % 96) / 96 - 0.25) * 2 * Math.PI)),
);
const wind = series(() => 4 + 2 * random.next());
/** A daily shape, heating below 15 degrees, some sun, and noise. */
const loadKw = series(
  (i) =>
    900 +
    250 * Math.sin(((i % 96) / 96 - 0.3) * 4 * Math.PI) +
    60 * Math.max(0, 15 - temperature[i]!) -
    0.4 * ghi[i]! +
    25 * gaussian(random),
);
const recorded: Recorded = {
  target: TARGET,
  load: { start: START, stepS: 900, values: loadKw },
  weather: { ghi, wind, temperature },
  hindcast: true,
  steps: 192,
  trainTo: TRAIN_DAYS * 96,
};

/** Each input is trained once; equal inputs give the same model. */
const models = new Map<string, ReturnType<ForecastTasks['trainForecast']>>();

/** The tasks of the service, and a record of their inputs. */
function watched(): { compute: Compute<ForecastTasks>; asked: TrainInput[] } {
  const asked: TrainInput[] = [];
  const trainForecast: ForecastTasks['trainForecast'] = (input) => {
    asked.push(input);
    const key = createHash('sha256').update(serialize(input)).digest('hex');
    const model = models.get(key) ?? forecastTasks.trainForecast(input);
    models.set(key, model);
    return model;
  };
  return { compute: inlineCompute({ ...forecastTasks, trainForecast }), asked };
}

const inference = inlineInference(new VirtualClock(0).machine);
const replayed = watched();
const parts = { compute: replayed.compute, inference };
const bundle = await trainedOn(recorded, parts);
test('a backtest trains on as many days as production, with their weather', async () => {
  const count = (RECIPE.trainingDays + 40) * 24;
  const rising = Float64Array.from({ length: count }, (_, i) => i);
  let asked: TrainInput | undefined;
  const compute: Compute<ForecastTasks> = {
    run: async (_name, input) => {
      asked = input as TrainInput;
      throw new Error('that was all');
    },
    close: async () => undefined,
  };
  const long = { ...recorded, load: { start: START, stepS: 3600, values: rising }, steps: 24, trainTo: count - 24 };
  const training = trainedOn({ ...long, weather: { ghi: rising, wind: rising } }, { compute, inference });
  await assert.rejects(training, /that was all/);
  const first = 39 * 24;
  assert.deepEqual([asked!.load.start, asked!.load.values[0]], [START + first * 3_600_000, first]);
  assert.deepEqual(asked!.load.values, asked!.weather!.ghi);
  assert.equal(asked!.load.values.length, RECIPE.trainingDays * 24);
});

/** A linear model that uses the temperature; such a short history would not get one by itself. */
const wide = bundleOf(
  await forecastTasks.trainForecast({
    ...replayed.asked[0]!,
    recipe: within(RECIPE, ['ridge']),
    schema: { version: 2, steps: 192, stepS: 900, weather: true, temperature: true },
  }),
  { target: TARGET.id, substation: TARGET.substation, role: 'cloud', createdAt: T0 },
);
assert.equal(wide.manifest.featureVersion, 2);

const grid = (values: Float64Array, { start, end }: InputQuery): (number | null)[] =>
  Array.from({ length: (end - start) / STEP_MS }, (_, k) => values[(start - START) / STEP_MS + k] ?? null);

function service(compute: Compute<ForecastTasks>) {
  const clock = new VirtualClock(T0);
  const [store, registry] = [new SqliteForecastStore(':memory:'), new SqliteModelRegistry(':memory:')];
  store.open();
  registry.open();
  const made = new ForecastService({
    clock,
    targets: [TARGET],
    load: {
      intervals: async (query) => {
        const known = (k: number): boolean => query.start + k * STEP_MS < clock.plant.now();
        return { values: grid(loadKw, query).map((value, k) => (known(k) ? value : null)), substitution: null };
      },
    },
    weather: {
      intervals: async (query) => ({
        ghi: grid(ghi, query),
        wind: grid(wind, query),
        temperature: grid(temperature, query),
        source: 'recorded',
        issuedAt: query.start,
        hindcast: true,
      }),
    },
    compute,
    inference: inlineInference(clock.machine),
    registry,
    store,
    everyS: ISSUE_S,
    workers: 1,
    members: RECIPE.members,
    rollout: { ...quietRollout, applyAtGateway: () => undefined },
  });
  return { clock, store, registry, service: made };
}

test('the service and the backtest train with the same task, recipe and data', async () => {
  const { compute, asked } = watched();
  const live = service(compute);
  await live.service.start();
  await live.service.train();
  await live.service.stop();
  const [own] = replayed.asked;
  assert.equal(own!.recipe, RECIPE);
  const same = asked.filter(({ recipe }) => recipe === RECIPE);
  assert.equal(same.length, 1);
  assert.deepEqual(same[0], own);
  const registered = (await live.registry.list()).map(({ manifest }) => manifest);
  assert.ok(registered.some(({ sha256 }) => sha256 === bundle.manifest.sha256));
});

for (const model of [bundle, wide])
  test(`the same history and weather give bit-equal forecasts in service and backtest: version ${model.manifest.featureVersion}`, async () => {
    const live = service(inlineCompute(forecastTasks));
    const step = { at: T0, by: 'test', reason: 'the first' };
    unwrap(await live.registry.put(model, { ...step, release: 'r0', evidence: { days: [] } }));
    unwrap(await live.registry.move(model.manifest.id, 'active', step));
    await live.service.start();
    await live.service.issueAll();
    await live.clock.advance(LIVE_DAYS * DAY_MS);
    await live.service.stop();
    const issued = await live.store.issued(TARGET.id, { from: T0, to: T0 + LIVE_DAYS * DAY_MS, limit: 1e4 });
    assert.equal(issued.length, 8 * LIVE_DAYS);
    unwrap(await inference.load(model.manifest.id, model.bytes));
    const origins = issued.map(({ start }) => (start - START) / STEP_MS);
    let at = 0;
    for await (const { forecast } of issuedAt(recorded, { model: model.manifest, origins }, parts)) {
      const { values, model: maker, weather } = issued[at++]!;
      assert.deepEqual(forecast.values, values, `origin ${at}`);
      assert.deepEqual(forecast.model, maker);
      assert.deepEqual([forecast.weather?.hindcast, weather?.hindcast], [true, true]);
    }
    assert.equal(at, issued.length);
  });

test('a backtest longer than the life of a model uses the model to the end', async () => {
  const longer = 70 * 96;
  const repeated = (values: Float64Array): Float64Array =>
    Float64Array.from({ length: values.length + longer }, (_, i) => values[i < values.length ? i : i - longer]!);
  const long: Recorded = {
    ...recorded,
    load: { ...recorded.load, values: repeated(loadKw) },
    weather: { ghi: repeated(ghi), wind: repeated(wind), temperature: repeated(temperature) },
  };
  const { manifest, bytes } = await trainedOn(long, parts);
  unwrap(await inference.load(manifest.id, bytes));
  const origins = [long.trainTo, long.trainTo + longer];
  for await (const { forecast } of issuedAt(long, { model: manifest, origins }, parts))
    assert.equal(forecast.model.id, manifest.id);
});

test('a forecast does not depend on data after its origin', async () => {
  const next = recorded.trainTo + 60;
  const said = async (values: Float64Array): Promise<readonly (readonly number[])[]> => {
    const origins = [recorded.trainTo, recorded.trainTo + 12, next];
    const other = { ...recorded, load: { ...recorded.load, values } };
    let last: readonly (readonly number[])[] = [];
    for await (const { forecast } of issuedAt(other, { model: wide.manifest, origins }, parts)) last = forecast.values;
    return last;
  };
  const changed = loadKw.map((value, i) => (i >= next ? value + 1e4 : value));
  assert.deepEqual(await said(changed), await said(loadKw));
  const earlier = loadKw.map((value, i) => (i >= next - 1 ? value + 100 : value));
  assert.notDeepEqual(await said(earlier), await said(loadKw));
});
