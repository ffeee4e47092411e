import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { QUANTILES, quantilesOf } from '../../../../shared/forecast/quantiles.ts';
import { gaussian, SeededRandom } from '../../../../shared/ports/random.ts';
import { VirtualClock } from '../../../../shared/time/virtual-clock.ts';
import { inlineCompute } from '../../../compute/inline-compute.ts';
import { SqliteModelRegistry } from '../../registry/sqlite-model-registry.ts';
import { quietRollout } from '../../registry/testing/quiet-rollout.ts';
import { ForecastService } from '../forecast-service.ts';
import type { ForecastStore } from '../forecast-store.ts';
import { SqliteForecastStore } from '../sqlite-forecast-store.ts';
import { roundedKw } from '../rounded-kw.ts';
import { issuedForecast } from '../testing/issued-forecast.ts';
import { forecastTasks } from '../forecast-tasks.ts';
import { inlineInference } from '../../../../shared/inference/inline-inference.ts';
import { choosePaths, hourOfPath } from './error-paths.ts';
import { JointSums } from './joint-sums.ts';

const STEP_MS = 900_000;
const DAY_MS = 86_400_000;
const T0 = Date.UTC(2021, 8, 25);
const FIRST = T0 - 40 * DAY_MS;
const STEPS = 192;
const spread = quantilesOf(
  Array.from({ length: 20_000 }, (_, i) => gaussian(new SeededRandom(i, 'spread'))),
  QUANTILES,
);

/** Two loads whose errors share a component that lasts for hours, and forecasts with only their spread. */
function pair(shared: number): (target: string) => Float64Array {
  const random = new SeededRandom(3, `pair ${shared}`);
  const steps = 60 * 96;
  const series = { a: new Float64Array(steps), b: new Float64Array(steps) };
  let [both, a, b] = [0, 0, 0];
  for (let i = 0; i < steps; i++) {
    const next = (before: number): number => 0.9 * before + Math.sqrt(1 - 0.81) * gaussian(random);
    [both, a, b] = [next(both), next(a), next(b)];
    const [own, common] = [Math.sqrt(1 - Math.abs(shared)), Math.sqrt(Math.abs(shared))];
    series.a[i] = 1000 + 100 * (common * both + own * a);
    series.b[i] = 1000 + 100 * (Math.sign(shared) * common * both + own * b);
  }
  return (target) => series[target.at(-1) as 'a' | 'b'];
}

const forecastAt = (target: string, start: number) =>
  issuedForecast(target, start, {
    quantiles: QUANTILES,
    values: spread.map((z) => Array.from({ length: STEPS }, () => roundedKw(1000 + 100 * z))),
  });

const TARGETS = ['substation:a', 'substation:b'];

/** Stores `days` of forecasts, one every 3 h, and learns from the loads. */
async function learnt(store: ForecastStore, loads: (target: string) => Float64Array, days: number): Promise<JointSums> {
  const sums = new JointSums(store);
  for (const target of TARGETS) {
    for (let start = T0 - days * DAY_MS; start <= T0; start += 3 * 3_600_000)
      await store.put([forecastAt(target, start)]);
    for (let start = T0 - DAY_MS; start <= T0; start += STEP_MS) {
      const from = start - 28 * DAY_MS;
      const values = loads(target).slice((from - FIRST) / STEP_MS, (start - FIRST) / STEP_MS);
      await sums.learn(target, start, { start: from, stepS: 900, values });
    }
  }
  return sums;
}

test('correlated errors widen a sum, opposing ones narrow it, and a restart keeps them', async () => {
  const path = join(mkdtempSync(join(tmpdir(), 'joint-sums-')), 'forecasts.sqlite');
  const widths: number[] = [];
  for (const shared of [0.9, -0.9]) {
    const store = new SqliteForecastStore(shared > 0 ? path : ':memory:');
    store.open();
    const parts = TARGETS.map((target) => forecastAt(target, T0));
    const sum = await (await learnt(store, pair(shared), 30)).sum(parts);
    assert.equal(sum!.of, 'forecasts');
    const at = (step: number, q: number): number => sum!.raw[step * QUANTILES.length + q]!;
    widths.push(at(40, 17) - at(40, 1));
    assert.ok(Math.abs(at(40, 9) - 2000) < 30, 'the median of symmetric parts is the sum of their medians');
    const again = new JointSums(store);
    const empty = { start: T0 - DAY_MS, stepS: 900, values: new Float64Array(96).fill(Number.NaN) };
    for (const target of TARGETS) await again.learn(target, T0, empty);
    assert.deepEqual(await again.sum(parts), sum);
    store.close();
  }
  const one = 100 * (spread[17]! - spread[1]!);
  assert.ok(widths[0]! > 1.7 * one && widths[0]! <= 2 * one + 0.1, `${widths[0]} ${one}`);
  assert.ok(widths[1]! < 0.8 * one, `${widths[1]} ${one}`);
});

test('errors of the weekly mean replace missing forecast errors; without either there is no sum', async () => {
  const store = new SqliteForecastStore(':memory:');
  store.open();
  const parts = TARGETS.map((target) => forecastAt(target, T0));
  const sum = await (await learnt(store, pair(0.9), 0)).sum(parts);
  assert.equal(sum!.of, 'mean of the week');
  const one = 100 * (spread[17]! - spread[1]!);
  const width = sum!.raw[40 * 19 + 17]! - sum!.raw[40 * 19 + 1]!;
  assert.ok(width > 1.6 * one, `${width} ${one}`);
  assert.equal(await new JointSums(store).sum(parts), undefined);
  store.close();
});

test('a part with unknown load is assumed fully correlated, so one dead meter does not remove the sum', async () => {
  const store = new SqliteForecastStore(':memory:');
  store.open();
  const loads = pair(0.9);
  const dead = (target: string): Float64Array =>
    target === 'substation:b' ? loads(target).map(() => Number.NaN) : loads(target);
  const sum = await (await learnt(store, dead, 30)).sum(TARGETS.map((target) => forecastAt(target, T0)));
  const one = 100 * (spread[17]! - spread[1]!);
  const width = sum!.raw[40 * 19 + 17]! - sum!.raw[40 * 19 + 1]!;
  assert.ok(width > 1.9 * one && width < 2 * one + 0.1, `${width} ${one}`);
  store.close();
});

test('error paths learnt under a clock two months ahead are relearnt', async () => {
  const store = new SqliteForecastStore(':memory:');
  store.open();
  const loads = pair(0.9);
  const sums = await learnt(store, loads, 30);
  for (const target of TARGETS) {
    const start = T0 + 60 * DAY_MS;
    await sums.learn(target, start, {
      start: start - DAY_MS,
      stepS: 900,
      values: new Float64Array(96).fill(Number.NaN),
    });
    for (let round = 0; round < 15; round++) {
      const from = T0 - 28 * DAY_MS;
      const values = loads(target).slice((from - FIRST) / STEP_MS, (T0 - FIRST) / STEP_MS);
      await sums.learn(target, T0, { start: from, stepS: 900, values });
    }
  }
  const sum = await sums.sum(TARGETS.map((target) => forecastAt(target, T0)));
  assert.equal(sum?.of, 'forecasts');
  store.close();
});

test('paths of the same time of day come first, and a path that ends continues from a day earlier', () => {
  const origins = Array.from({ length: 224 }, (_, i) => T0 - i * 3 * 3_600_000);
  const near = choosePaths(origins, T0 + 5 * STEP_MS, 60);
  assert.equal(near.length, 4 * 28);
  assert.ok(near.every(({ shift }) => shift >= 5 && shift <= 48));
  assert.equal(choosePaths(origins.slice(0, 30), T0, 60).length, 30);
  assert.equal(hourOfPath({ origin: T0, shift: 5 }, 0), 1);
  assert.equal(hourOfPath({ origin: T0, shift: 5 }, 190), 24);
});

test('a region blends its own model with the sum of its substations, which takes over if the model fails', async () => {
  const clock = new VirtualClock(T0);
  const [store, registry] = [new SqliteForecastStore(':memory:'), new SqliteModelRegistry(':memory:')];
  store.open();
  registry.open();
  const loads = pair(0.5);
  const of = (target: string, time: number): number | null => loads(target)[(time - FIRST) / STEP_MS] ?? null;
  const service = new ForecastService({
    clock,
    targets: [
      ...TARGETS.map((id) => ({ id, substation: id.slice(-1), zone: 'UTC', gateway: false })),
      { id: 'region:r', substation: 'r', zone: 'UTC', gateway: false, parts: TARGETS },
    ],
    load: {
      intervals: async ({ target, start, end }) => ({
        values: Array.from({ length: (end - start) / STEP_MS }, (_, i) => {
          const time = start + i * STEP_MS;
          return target === 'region:r' ? of('a', time)! + of('b', time)! || null : of(target, time);
        }),
        substitution: null,
      }),
    },
    compute: inlineCompute(forecastTasks),
    inference: inlineInference(clock.machine),
    registry,
    store,
    everyS: 900,
    workers: 1,
    members: ['ridge'],
    rollout: { ...quietRollout, applyAtGateway: () => undefined },
  });
  await service.start();
  await service.train(TARGETS);
  await clock.advance(STEP_MS);
  const alone = service.newest('region:r')!;
  assert.ok(TARGETS.every((target) => service.newest(target)!.fallback === null));
  assert.deepEqual(alone.model.members, { parts: 1 });
  assert.equal(alone.fallback, null);
  assert.match(alone.warnings.join(), /sum of its parts answers: LS-FORECAST-001/);
  await service.train(['region:r']);
  await clock.advance(2 * STEP_MS);
  const { model, values } = service.newest('region:r')!;
  const share = model.members['parts']!;
  assert.ok(share > 0.1 && share < 0.9, JSON.stringify(model.members));
  assert.ok(Math.abs(Object.values(model.members).reduce((sum, each) => sum + each, 0) - 1) < 1e-3);
  const middle = values[9]!.reduce((sum, each) => sum + each, 0) / STEPS;
  assert.ok(Math.abs(middle - 2000) < 100);
  await service.stop();
});
