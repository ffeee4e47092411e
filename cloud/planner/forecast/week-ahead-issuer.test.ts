import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Forecast } from '../../../shared/contracts/forecast.ts';
import { QUANTILES } from '../../../shared/forecast/quantiles.ts';
import { VirtualClock } from '../../../shared/time/virtual-clock.ts';
import { inlineCompute } from '../../compute/inline-compute.ts';
import type { ForecastTarget } from '../../forecast/registry/forecast-target.ts';
import { SqliteForecastStore } from '../../forecast/serve/sqlite-forecast-store.ts';
import { remainderOf } from '../../forecast/serve/sums/remainder.ts';
import { issuedForecast } from '../../forecast/serve/testing/issued-forecast.ts';
import { plannerTasks } from '../planner-tasks.ts';
import { WeekAheadIssuer } from './week-ahead-issuer.ts';

const DAY_MS = 86_400_000;
const T0 = Date.UTC(2026, 10, 29, 6);
const target = { id: 'substation:owd', substation: 'owd', zone: 'UTC', gateway: true };

const nearAt = (start: number): Forecast =>
  issuedForecast(target.id, start, {
    quantiles: QUANTILES,
    values: QUANTILES.map((level) => Array.from({ length: 192 }, () => 100 * level)),
  });

/** An issuer on a steady load. */
function issuing(
  targets: readonly ForecastTarget[],
  newest: (target: string, now: number) => Forecast,
  loadOf = (_target: string): number => 100,
) {
  const clock = new VirtualClock(T0);
  const store = new SqliteForecastStore(':memory:');
  store.open();
  const failures: unknown[] = [];
  const issuer = new WeekAheadIssuer({
    clock,
    targets,
    load: {
      intervals: async ({ target: id, start, end }) => ({
        values: Array.from({ length: (end - start) / 900_000 }, () => loadOf(id)),
        substitution: null,
      }),
    },
    weather: undefined,
    compute: inlineCompute(plannerTasks),
    store,
    newest: (id) => newest(id, clock.plant.now()),
    onFailure: (error) => failures.push(error),
  });
  const count = async (id: string): Promise<number> =>
    (await store.issued(id, { from: 0, to: Number.MAX_SAFE_INTEGER, limit: 99 })).length;
  return { clock, store, failures, issuer, count };
}

test('week-ahead forecasts continue after one was issued under a clock a month ahead', async () => {
  const { clock, store, failures, issuer, count } = issuing([target], (_, now) => nearAt(now));
  const issued: number[] = [];
  for (const step of [30, -30, 0, 1]) {
    clock.step(step * DAY_MS);
    await issuer.look();
    issued.push(await count(target.id));
  }
  assert.deepEqual(failures, []);
  // Once while the clock was ahead, then once a day.
  assert.deepEqual(issued, [1, 2, 2, 3]);
  store.close();
});

test('a rest without measurements has no week ahead, and takes no turn of another target', async () => {
  const rest = { ...target, id: 'rest:owd', gateway: false, isRest: true };
  const { store, failures, issuer, count } = issuing([rest, target], (id, now) =>
    id === rest.id ? remainderOf(id, nearAt(now), { parts: [], lacking: [] }) : nearAt(now),
  );
  await issuer.look();
  assert.deepEqual(failures, []);
  assert.deepEqual([await count(rest.id), await count(target.id)], [0, 1]);
  store.close();
});

test('a target that fails keeps no other from its week ahead, and is retried after them', async () => {
  const ids = ['substation:bad', 'substation:owd', 'substation:whf'];
  let isBroken = true;
  const { store, failures, issuer, count } = issuing(
    ids.map((id) => ({ ...target, id })),
    (id, now) => ({ ...nearAt(now), id: `near-${id}`, target: id }),
    (id) => (isBroken && id === ids[0] ? assert.fail('its rows are damaged') : 100),
  );
  for (let look = 0; look < 4; look++) await issuer.look();
  assert.equal(failures.length, 2);
  assert.deepEqual(await Promise.all(ids.map(count)), [0, 1, 1]);
  isBroken = false;
  await issuer.look();
  assert.deepEqual(await Promise.all(ids.map(count)), [1, 1, 1]);
  store.close();
});
