import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Compile } from 'typebox/compile';
import { inlineCompute } from '../../compute/inline-compute.ts';
import { Forecast } from '../../../shared/contracts/forecast.ts';
import { bad } from '../../../shared/outcome/outcome.ts';
import type { Compute } from '../../../shared/ports/compute.ts';
import { VirtualClock } from '../../../shared/time/virtual-clock.ts';
import { quietRollout } from '../registry/testing/quiet-rollout.ts';
import { ForecastService } from './forecast-service.ts';
import { forecastTasks, type ForecastTasks } from './forecast-tasks.ts';
import type { LoadSource } from './inputs.ts';
import { inlineInference } from '../../../shared/inference/inline-inference.ts';
import { ModelTrainer } from './model-trainer.ts';
import { SqliteForecastStore } from './sqlite-forecast-store.ts';
import { InputReader } from './target-inputs.ts';
import {
  DAY_MS,
  forecastRig,
  grid,
  KNOWN_MS,
  STEP_MS,
  T0,
  trainedOnce,
  weatherOf,
  world,
} from './testing/forecast-rig.ts';

const uncrossed = (forecast: Forecast): boolean =>
  forecast.values.every((row, q) => row.every((value, step) => q === 0 || value >= forecast.values[q - 1]![step]!));

test('the weekly mean forecasts before training, an ONNX model with hindcast weather afterwards', async () => {
  const { clock, service, issued, announced, store, registry } = forecastRig();
  await service.start();
  await clock.advance(STEP_MS);
  assert.equal(issued[0]!.fallback?.level, 'sameHourMean');
  assert.match(issued[0]!.fallback?.reason ?? '', /LS-FORECAST-001/);
  const [report] = await service.train();
  assert.ok(report!.outcome.ok);
  const forecast = service.newest('substation:owd')!;
  assert.equal(forecast.fallback, null);
  assert.equal(forecast.model.sha256, (await registry.active('substation:owd', 'cloud'))!.manifest.sha256);
  assert.deepEqual(forecast.warnings, ['hindcast weather']);
  assert.equal(forecast.values.length, 19);
  assert.equal(forecast.values[0]!.length, 192);
  assert.ok(uncrossed(forecast));
  assert.deepEqual([...Compile(Forecast).Errors(forecast)], [], 'it matches its schema');
  assert.deepEqual(await store.get(forecast.id), forecast);
  assert.deepEqual(await store.newest('substation:owd'), forecast);
  const { metrics } = report!.outcome.value.manifest;
  assert.ok(metrics.nMae < metrics.seasonalNaiveNMae);
  assert.equal(announced.length, 1);
  assert.equal(announced[0]!.weather, 'none');
  assert.equal((await registry.active('substation:owd', 'gateway'))!.manifest.id, announced[0]!.id);
  await service.stop();
});

test('training computes the reference distributions in the pool, off the main thread', async () => {
  const asked: string[] = [];
  const compute: Compute<ForecastTasks> = {
    ...trainedOnce,
    run: (name, input) => {
      asked.push(name);
      return trainedOnce.run(name, input);
    },
  };
  const { service } = forecastRig({ compute });
  await service.start();
  await service.train();
  assert.deepEqual(asked, ['trainForecast', 'referencesOf', 'trainForecast', 'referencesOf']);
  await service.stop();
});

test('forecasts are issued every 15 min, scored against measurements, and their tails adapt', async () => {
  const { clock, service, issued, store } = forecastRig();
  await service.start();
  await service.train();
  await clock.advance(DAY_MS);
  assert.equal(issued.length, 1 + 96);
  const last = issued.at(-1)!;
  assert.ok(last.calibration!.n > 500);
  assert.ok(
    last.calibration!.coverage80 > 0.6 && last.calibration!.coverage80 < 0.95,
    String(last.calibration!.coverage80),
  );
  assert.equal((await store.issued('substation:owd', { from: T0, to: T0 + 3_600_000, limit: 10 })).length, 4);
  await service.stop();
  assert.ok((await store.trackerState('substation:owd')) !== undefined);
});

test('a forecast that cannot be stored is not issued, scored or learnt from', async () => {
  const memory = new SqliteForecastStore(':memory:');
  memory.open();
  memory.put = () => Promise.reject(new Error('the disk is full'));
  const { clock, service, issued } = forecastRig({ store: memory });
  for (let step = 0; step < 8; step++) {
    await assert.rejects(service.issueAll(), /the disk is full/);
    await clock.advance(STEP_MS);
  }
  assert.equal(issued.length, 0);
  await service.stop();
  const { accounts } = (await memory.trackerState('substation:owd')) as { accounts: { days: unknown[] }[] };
  assert.deepEqual(
    accounts.flatMap(({ days }) => days),
    [],
  );
});

test('the same seed gives the same forecasts and the same model', async () => {
  const run = async (compute: Compute<ForecastTasks>): Promise<unknown> => {
    const { clock, service, issued, announced } = forecastRig({ compute });
    await service.start();
    await service.train();
    await clock.advance(4 * STEP_MS);
    await service.stop();
    return [issued, announced];
  };
  assert.deepEqual(await run(trainedOnce), await run(inlineCompute(forecastTasks)));
});

test('a substituted dead meter is reported; a meter without substitute gives no forecast', async () => {
  const place = world(1);
  const standIn = forecastRig({
    load: {
      intervals: async (query) => ({
        values: grid(query).map((time) => (time < T0 - KNOWN_MS ? null : place.load(time))),
        substitution: 'meter transformer is dead',
      }),
    },
  });
  await standIn.service.start();
  await standIn.service.train();
  const forecast = standIn.service.newest('substation:owd')!;
  assert.match(forecast.fallback?.reason ?? '', /LS-FORECAST-004: meter transformer is dead/);
  assert.equal(forecast.fallback?.level, 'substitutedInput');

  const dead = forecastRig({
    load: { intervals: async (query) => ({ values: grid(query).map(() => 0), substitution: null }) },
  });
  await dead.service.start();
  const outcome = await dead.service.issue('substation:owd');
  assert.equal(outcome.ok ? '' : outcome.fault.code, 'LS-FORECAST-002');
  const [report] = await dead.service.train();
  assert.equal(report!.outcome.ok ? '' : report!.outcome.fault.code, 'LS-FORECAST-001');
});

test('when inputs stop, the weekly mean replaces the model', async () => {
  const place = world(3);
  const gap = forecastRig({
    load: {
      intervals: async (query) => ({
        values: grid(query).map((time) => (time < T0 - KNOWN_MS || time > T0 - 5 * DAY_MS ? null : place.load(time))),
        substitution: null,
      }),
    },
  });
  await gap.service.start();
  await gap.service.train();
  const forecast = gap.service.newest('substation:owd')!;
  assert.equal(forecast.fallback?.level, 'sameHourMean');
  assert.match(forecast.fallback?.reason ?? '', /LS-FORECAST-004: gap from 2021-09-20T00:15Z/);
  assert.ok(uncrossed(forecast));
  assert.ok(forecast.dataUpTo < T0 - 4 * 86_400_000);
});

test('a second service on the same stores continues with model and forecast', async () => {
  const first = forecastRig();
  await first.service.start();
  await first.service.train();
  await first.service.stop();
  const clock = new VirtualClock(T0 + 60_000);
  const place = world(1);
  const again = new ForecastService({
    clock,
    targets: [{ id: 'substation:owd', substation: 'owd', zone: 'Europe/Amsterdam', gateway: true }],
    load: { intervals: async (query) => ({ values: grid(query).map(place.load), substitution: null }) },
    weather: {
      intervals: async (query) => ({
        ghi: grid(query).map(place.ghi),
        wind: grid(query).map(place.wind),
        source: 'recorded',
        issuedAt: 0,
        hindcast: true,
      }),
    },
    compute: inlineCompute(forecastTasks),
    inference: inlineInference(clock.machine),
    registry: first.registry,
    store: first.store,
    everyS: 900,
    workers: 1,
    members: ['ridge'],
    rollout: quietRollout,
  });
  await again.start();
  assert.deepEqual(again.newest('substation:owd'), first.service.newest('substation:owd'));
  const outcome = await again.issue('substation:owd');
  assert.ok(outcome.ok);
  assert.equal(outcome.value.model.id, again.model('substation:owd')!.id);
  await again.stop();
});

test('a restart keeps the start time of a fallback', async () => {
  const first = forecastRig();
  await first.service.start();
  await first.service.issueAll();
  const { since } = first.service.newest('substation:owd')!.fallback!;
  assert.equal(since, T0);
  await first.service.stop();
  const again = forecastRig({ startMs: T0 + 6 * 3_600_000, store: first.store });
  await again.service.start();
  await again.service.issueAll();
  const { issuedAt, fallback } = again.service.newest('substation:owd')!;
  assert.deepEqual([issuedAt, fallback?.since], [T0 + 6 * 3_600_000, since]);
  await again.service.stop();
});

test('a model whose process dies during measurement counts as unmeasured, not as predicting zero', async () => {
  const r = forecastRig();
  await r.service.start();
  await r.service.train();
  const entry = (await r.registry.active('substation:owd', 'cloud'))!;
  const place = world(1);
  const target = { id: 'substation:owd', substation: 'owd', zone: 'Europe/Amsterdam', gateway: true };
  const load: LoadSource = {
    intervals: async (query) => ({ values: grid(query).map(place.load), substitution: null }),
  };
  const weather = weatherOf(place);
  const inference = inlineInference(r.clock.machine);
  await inference.load(entry.manifest.id, (await r.registry.bytes(entry.manifest.sha256))!);
  const measured = async (lostAfter: number) => {
    let runs = 0;
    const trainer = new ModelTrainer({
      clock: r.clock,
      inputs: new InputReader(load, weather, [target]),
      compute: trainedOnce,
      inference: {
        load: (name, bytes) => inference.load(name, bytes),
        run: async (...asked) =>
          runs++ < lostAfter ? inference.run(...asked) : bad('LS-FORECAST-003', 'the process has ended'),
        unload: (name) => inference.unload(name),
        close: () => inference.close(),
      },
      rollout: r.service.rollout,
      takesTemperature: () => false,
    });
    const manifest = { ...entry.manifest, trainedUpTo: T0 - 4 * DAY_MS };
    return trainer.measure({ ...entry, manifest }, target);
  };
  assert.ok((await measured(Infinity)).length >= 3);
  assert.deepEqual(await measured(5), []);
  await r.service.stop();
});

test('a halted service starts no further target in a training or a forecast round', async () => {
  const { clock, service, issued } = forecastRig();
  await service.start();
  service.halt();
  assert.deepEqual(await service.train(), []);
  await service.issueAll();
  await clock.advance(2 * STEP_MS);
  assert.deepEqual(issued, []);
  await service.stop();
});

test('a meter found reversed after training sets the model aside until retraining', async () => {
  const place = world(1);
  let found = false;
  const r = forecastRig({
    load: {
      intervals: async (query) => ({
        values: grid(query).map((time) => {
          if (time < T0 - KNOWN_MS) return null;
          return found ? -place.load(time) : place.load(time);
        }),
        substitution: found ? 'meter transformer counts with the wrong sign and is turned' : null,
      }),
    },
  });
  await r.service.start();
  await r.service.train();
  const before = r.service.newest('substation:owd')!.model.id;
  assert.equal(r.announced.length, 1);
  found = true;
  await r.clock.advance(STEP_MS);
  const between = r.issued.at(-2)!;
  assert.equal(between.model.id, 'same-hour-mean');
  const after = r.service.newest('substation:owd')!;
  assert.notEqual(after.model.id, before);
  assert.match(after.fallback?.reason ?? '', /wrong sign and is turned/);
  assert.equal(r.announced.length, 1, 'the model of the gateway is unaffected');
  await r.service.stop();
});

test('a model not better than the baseline is held, and training retries without weather', async () => {
  const graded = (bad: (weather: boolean) => boolean): Compute<ForecastTasks> =>
    inlineCompute({
      ...forecastTasks,
      trainForecast: async (input) => {
        const trained = await trainedOnce.run('trainForecast', input);
        const factor = bad(input.schema.weather) ? 9 : 0.5;
        return { ...trained, days: trained.days.map((day) => ({ ...day, model: factor * day.model })) };
      },
    });
  const noUse = forecastRig({ compute: graded((weather) => weather) });
  await noUse.service.start();
  const [second] = await noUse.service.train();
  assert.ok(second!.outcome.ok);
  assert.equal(noUse.service.newest('substation:owd')!.weather, null);
  assert.deepEqual(
    (await noUse.registry.list()).map((entry) => [entry.role, entry.state, entry.manifest.weather]),
    [
      ['gateway', 'active', 'none'],
      ['cloud', 'active', 'none'],
      ['cloud', 'held', 'hindcast'],
    ],
  );
  const none = forecastRig({ compute: graded(() => true) });
  await none.service.start();
  await none.service.train();
  assert.match(none.service.newest('substation:owd')!.fallback?.reason ?? '', /LS-FORECAST-005: .* is held: .* worse/);
  assert.equal(await none.registry.active('substation:owd', 'cloud'), undefined);
  assert.equal(none.announced.length, 0);
});

test('the linear member replaces an expired model, and the next training yields a successor', async () => {
  const first = forecastRig();
  await first.service.train();
  const { manifest, role, evidence } = (await first.registry.active('substation:owd', 'cloud'))!;
  const short = { ...manifest, expiresAt: T0 + 2 * STEP_MS };
  const { clock, service, store, registry } = forecastRig();
  const step = { at: T0, by: 'test', reason: 'with a short life' };
  const bytes = (await first.registry.bytes(manifest.sha256))!;
  assert.ok((await registry.put({ manifest: short, bytes, role }, { ...step, release: 'r0', evidence })).ok);
  assert.ok((await registry.move(short.id, 'active', step)).ok);
  await service.start();
  await clock.advance(STEP_MS);
  assert.equal(service.newest('substation:owd')!.model.id, short.id);
  await clock.advance(STEP_MS);
  const between = (await store.newest('substation:owd'))!;
  assert.match(between.fallback?.reason ?? '', /^LS-MODEL-011: .* has expired/);
  // The linear member is fitted on the first request.
  await clock.advance(2 * STEP_MS);
  assert.equal((await registry.get(short.id))!.state, 'retired');
  const after = service.newest('substation:owd')!;
  assert.deepEqual([after.model.id, after.fallback?.level], ['linear', 'linear']);
  assert.match(after.fallback?.reason ?? '', /^LS-MODEL-011/);
  await service.train();
  assert.notEqual(service.model('substation:owd')!.id, short.id);
  assert.equal(service.newest('substation:owd')!.fallback, null);
  await service.stop();
});

test('missing weather is reported once, shown, and triggers retraining', async () => {
  const place = world(1);
  let gone = Number.POSITIVE_INFINITY;
  const events: string[] = [];
  const known = (of: (time: number) => number) => (time: number) => (time < gone ? of(time) : null);
  const r = forecastRig({
    everyS: 6 * 3600,
    weather: {
      intervals: async (query) => ({
        ghi: grid(query).map(known(place.ghi)),
        wind: grid(query).map(known(place.wind)),
        source: 'recorded',
        issuedAt: query.start,
        hindcast: true,
      }),
    },
    report: ({ code }) => void events.push(code),
  });
  await r.service.start();
  await r.service.train();
  const { id } = r.service.model('substation:owd')!;
  await r.clock.advance(DAY_MS);
  const calm = r.service.care.drift.view('substation:owd')!;
  // With less than a year of data, seasons would look like drift, so only missing data is checked.
  assert.deepEqual(
    [calm.model, calm.hasDrifted, calm.inputs.map(({ group }) => group)],
    [id, false, ['weather missing']],
  );
  assert.ok(calm.lookedAt > 0 && calm.errors.days <= 1);
  gone = r.clock.plant.now();
  const candidates = (await r.registry.list()).length;
  await r.clock.advance(2 * DAY_MS);
  assert.ok(!events.includes('LS-MODEL-012'), 'two days may be missing');
  await r.clock.advance(2 * DAY_MS);
  assert.equal(events.filter((code) => code === 'LS-MODEL-012').length, 1);
  assert.ok((await r.registry.list()).length > candidates, 'retrained');
  // A restart remembers what was reported.
  assert.deepEqual([...(await r.registry.driftStates()).keys()], ['substation:owd']);
  await r.service.stop();
});
