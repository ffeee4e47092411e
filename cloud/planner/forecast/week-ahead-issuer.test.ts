import assert from 'node:assert/strict';
import { test } from 'node:test';
import { QUANTILES } from '../../../shared/forecast/quantiles.ts';
import { VirtualClock } from '../../../shared/time/virtual-clock.ts';
import { inlineCompute } from '../../compute/inline-compute.ts';
import { SqliteForecastStore } from '../../forecast/serve/sqlite-forecast-store.ts';
import { issuedForecast } from '../../forecast/serve/testing/issued-forecast.ts';
import { plannerTasks } from '../planner-tasks.ts';
import { WeekAheadIssuer } from './week-ahead-issuer.ts';

const DAY_MS = 86_400_000;
const T0 = Date.UTC(2026, 10, 29, 6);
const target = { id: 'substation:owd', substation: 'owd', zone: 'UTC', gateway: true };

const nearAt = (start: number) =>
  issuedForecast(target.id, start, {
    quantiles: QUANTILES,
    values: QUANTILES.map((level) => Array.from({ length: 192 }, () => 100 * level)),
  });

test('week-ahead forecasts continue after one was issued under a clock a month ahead', async () => {
  const clock = new VirtualClock(T0);
  const store = new SqliteForecastStore(':memory:');
  store.open();
  const failures: unknown[] = [];
  const issuer = new WeekAheadIssuer({
    clock,
    targets: [target],
    load: {
      intervals: async ({ start, end }) => ({
        values: Array.from({ length: (end - start) / 900_000 }, () => 100),
        substitution: null,
      }),
    },
    weather: undefined,
    compute: inlineCompute(plannerTasks),
    store,
    newest: () => nearAt(clock.plant.now()),
    onFailure: (error) => failures.push(error),
  });
  const issued: number[] = [];
  for (const step of [30, -30, 0, 1]) {
    clock.step(step * DAY_MS);
    await issuer.look();
    const all = await store.issued(target.id, { from: 0, to: Number.MAX_SAFE_INTEGER, limit: 99 });
    issued.push(all.length);
  }
  assert.deepEqual(failures, []);
  // Once while the clock was ahead, then once a day.
  assert.deepEqual(issued, [1, 2, 2, 3]);
  store.close();
});
