import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LoadstoneEvent } from '../../shared/contracts/event.ts';
import type { PlanBody } from '../../shared/contracts/plan.ts';
import { VirtualClock } from '../../shared/time/virtual-clock.ts';
import { smallForecast, smallRegion, START } from '../api/testing/api-fixture.ts';
import { composeRules } from './compose-rules.ts';
import { PredictionWatch } from './prediction-watch.ts';

const QUARTER = 900;
const planOf = (transformer: number[], feeder: number[]) =>
  ({
    substation: 'owd',
    horizon: { start: START, stepsS: transformer.map(() => QUARTER) },
    expected: [
      { element: 'transformer', activePowerKw: transformer },
      { element: 'owd-1', activePowerKw: feeder },
    ],
  }) as unknown as PlanBody;

function watch() {
  const notices: string[] = [];
  const world: { plan: PlanBody | undefined; peakKw: number } = { plan: undefined, peakKw: 0 };
  const one = new PredictionWatch({
    region: smallRegion(),
    plant: new VirtualClock(START).plant,
    rules: composeRules(''),
    forecast: () => {
      const forecast = smallForecast(8);
      return { ...forecast, values: forecast.values.map((row) => row.with(6, world.peakKw)) };
    },
    plan: () => world.plan,
    report: (gateway, event: LoadstoneEvent) =>
      notices.push(`${gateway} ${event.code} ${event.active} ${event.subject}: ${event.text}`),
  });
  return { one, world, notices };
}

test('a forecast beyond the limit raises an alarm hours ahead, until a plan answers it', () => {
  const { one, world, notices } = watch();
  one.look('owd');
  assert.deepEqual(notices, []);
  world.peakKw = 8600;
  one.look('owd');
  assert.deepEqual(notices.splice(0), [
    'owd-01 LS-PREDICT-001 true owd: Name of owd: the transformer is expected by the forecast at 8600 kW import at ' +
      '2021-09-25 01:30Z, 600 kW beyond its limit of 8000 kW; beyond from 2021-09-25 01:30Z to 2021-09-25 01:45Z',
  ]);
  world.plan = planOf(
    Array.from({ length: 8 }, () => 7900),
    Array.from({ length: 8 }, () => 100),
  );
  one.look('owd');
  assert.match(notices.splice(0).join(), /LS-PREDICT-001 false owd/);
});

test('a plan without targets answers no forecast beyond the limit', () => {
  const { one, world, notices } = watch();
  world.peakKw = 8600;
  world.plan = {
    ...planOf(
      Array.from({ length: 8 }, () => 0),
      [],
    ),
    status: 'envelopes-only',
    expected: [],
  };
  one.look('owd');
  assert.match(notices.splice(0).join(), /LS-PREDICT-001 true owd/);
});

test('a plan beyond a limit raises an alarm with element, time and excess, and clears it when over', () => {
  const { one, world, notices } = watch();
  world.plan = planOf([100, 100, 100], [100, -4500, -4200]);
  one.look('owd');
  assert.deepEqual(notices.splice(0), [
    'owd-01 LS-PREDICT-002 true owd-1: Name of owd: feeder owd-1 is expected under the plan at 4500 kW feed-in at ' +
      '2021-09-25 00:15Z, 500 kW beyond its limit of 4000 kW; beyond from 2021-09-25 00:15Z to 2021-09-25 00:45Z',
  ]);
  world.plan = planOf([100, 100, 100], [100, -4600, -4300]);
  one.look('owd');
  assert.deepEqual(notices, [], 'about the same is not reported again');
  world.plan = planOf([100, 100, 100], [100, -5200, -4300]);
  one.look('owd');
  assert.match(notices.splice(0).join(), /5200 kW feed-in/);
  world.plan = planOf([100, 100, 100], [100, -3990, -3000]);
  one.look('owd');
  assert.match(
    notices.splice(0).join(),
    /LS-PREDICT-002 true owd-1: .* barely within its limit of 4000 kW: 3990 kW feed-in at 2021-09-25 00:15Z$/,
    'it stays an alarm, but is not called beyond the limit',
  );
  world.plan = planOf([100, 100, 100], [100, -3000, -3000]);
  one.look('owd');
  assert.match(notices.splice(0).join(), /LS-PREDICT-002 false owd-1: .* within its limit/);
  one.look('whf-nowhere');
  assert.deepEqual(notices, []);
});
