import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LocalCalendar } from '../../../shared/forecast/calendar.ts';
import { VirtualClock } from '../../../shared/time/virtual-clock.ts';
import { Planner } from '../planner.ts';
import type { DispatchTask } from '../tasks.ts';
import { testDevices, testEstimate, testForecast, testRegion, usualReadings } from '../testing/fixture.ts';
import { monthStart } from './month-peaks.ts';
import { tariffs } from './prices.ts';

test('a month begins at local midnight, in summer and winter', () => {
  const amsterdam = new LocalCalendar('Europe/Amsterdam');
  const start = (time: string) => new Date(monthStart(amsterdam, Date.parse(time))).toISOString();
  assert.equal(start('2021-09-25T10:01:00Z'), '2021-08-31T22:00:00.000Z');
  assert.equal(start('2021-11-30T22:59:00Z'), '2021-10-31T23:00:00.000Z');
  assert.equal(start('2021-11-30T23:00:00Z'), '2021-11-30T23:00:00.000Z');
  assert.equal(start('2021-10-31T12:00:00Z'), '2021-09-30T22:00:00.000Z', 'summer time ends in between');
});

/** The problem that the planner poses at a time under a monthly price, and what it asked the store. */
async function posed(now: string, monthPeakEurPerKw: number, measuredKw: number | undefined) {
  const clock = new VirtualClock(Date.parse(now));
  const known = testRegion('aaa');
  const meters = [
    { device: 'transformer', kind: 'transformer' as const, element: 'aaa-t1', errorPct: 1, intervalS: 1 },
  ];
  const substations = known.substations.map((one) => ({ ...one, meters }));
  const region = { ...known, timezone: 'Europe/Amsterdam', substations };
  const asked: string[] = [];
  const tasks: DispatchTask[] = [];
  const planner = new Planner({
    region,
    clock,
    tariff: { ...tariffs.dso, monthPeakEurPerKw },
    estimates: { state: () => testEstimate(region.substations[0]!, clock.plant.now()) },
    forecasts: { newest: (target) => testForecast(target, clock.plant.now(), 400) },
    devices: {
      ...testDevices(usualReadings, () => clock.plant.now()),
      highestMean: (_gateway, device, metric, { since, resolutionS }) => {
        asked.push(`${device}/${metric} ${new Date(since).toISOString()} ${resolutionS}`);
        return Promise.resolve(measuredKw);
      },
    },
    compute: {
      close: () => Promise.resolve(),
      run: (_name, task) => {
        tasks.push(task);
        return Promise.reject(new Error('not asked here'));
      },
    },
  });
  await planner.plan(region.substations[0]!, 'schedule');
  await planner.plan(region.substations[0]!, 'operator');
  const [{ problem, plan }] = tasks as [DispatchTask];
  return { capacity: problem.prices.capacity, horizon: problem.horizon, substitutions: plan.substitutions, asked };
}

test('plans know the highest quarter-hour of the running month, read once a quarter', async () => {
  const { capacity, asked } = await posed('2021-09-25T10:01:00Z', 3, 612);
  assert.equal(capacity?.peakSoFarKw, 612);
  assert.equal(capacity.intervalS, 900);
  assert.deepEqual(capacity.laterMonths, []);
  assert.deepEqual(asked, ['transformer/activePowerKw 2021-08-31T22:00:00.000Z 900']);
});

test('a horizon over the end of the month names the step at which the next one begins', async () => {
  const { capacity, horizon } = await posed('2021-09-30T12:01:00Z', 3, 612);
  const [first] = capacity!.laterMonths!;
  const begins = horizon.stepsS.slice(0, first).reduce((time, seconds) => time + 1000 * seconds, horizon.start);
  assert.equal(new Date(begins).toISOString(), '2021-09-30T22:00:00.000Z');
  assert.equal(capacity!.laterMonths!.length, 1);
});

test('without a capacity tariff nothing is read; a peak that is not known is said', async () => {
  const none = await posed('2021-09-25T10:01:00Z', 0, 612);
  assert.deepEqual([none.capacity, none.asked], [undefined, []]);
  const unknown = await posed('2021-09-25T10:01:00Z', 3, undefined);
  assert.equal(unknown.capacity?.peakSoFarKw, 0);
  assert.ok(
    unknown.substitutions.some((part) => JSON.stringify(part).includes("the month's peak so far is not known")),
  );
});
