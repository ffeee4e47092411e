import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import * as fc from 'fast-check';
import type { RegionDevice } from '../../../shared/contracts/region.ts';
import type { ChargingSession } from '../../../shared/contracts/sessions.ts';
import { textOf } from '../../../shared/sentences/said.ts';
import { planContent } from '../plan.ts';
import { commandedKw } from '../problem/commanded.ts';
import { valuesOf } from '../problem/device-cost.ts';
import { evDevice } from '../problem/ev-device.ts';
import type { DispatchProblem, EvDevice } from '../problem/problem.ts';
import { floorKwh } from '../problem/session-flow.ts';
import { leftHours, servedBy } from '../problem/sessions.ts';
import { reasonsOf } from '../reasons/reasons.ts';
import { smallNetwork, smallProblem } from '../testing/small-feeder.ts';
import { violationEur } from './evaluate.ts';
import { HighsSolver } from './highs-solver.ts';
import { optimise } from './optimise.ts';
import type { Optimised } from './optimised.ts';

let solver: HighsSolver;
before(async () => {
  solver = await HighsSolver.load();
});

const HOUR_MS = 3_600_000;
const region: RegionDevice = {
  id: 'site',
  type: 'ev-site',
  name: 'site',
  bus: 'b3',
  feeder: 'f',
  connectionPoint: 'cp',
  authority: 'limit',
  activePowerKw: 100,
};
const site = (sessions: readonly ChargingSession[], steps: number): EvDevice =>
  evDevice({
    device: region,
    now: 0,
    start: 0,
    stepsS: Array.from({ length: steps }, () => 3600),
    sessions,
    wishedKw: undefined,
    dueKwh: undefined,
    deadline: undefined,
    unservedEurPerKwh: 1,
  });
const car = ({ energyDueKwh = 20, ...over }: Partial<ChargingSession>): ChargingSession => ({
  id: 'a',
  ...(energyDueKwh === Infinity ? {} : { energyDueKwh }),
  departure: 24 * HOUR_MS,
  maxKw: 10,
  minKw: 4,
  uninterrupted: true,
  charging: true,
  ...over,
});

interface Day {
  /** EUR/MWh in each hour. */
  readonly prices: readonly number[];
  readonly importKw?: readonly number[];
}

/** Hourly steps with an energy price each, on a network with negligible losses. */
function problemOf(sessions: readonly ChargingSession[], { prices, importKw }: Day): DispatchProblem {
  const network = smallNetwork();
  const thick = { ...network, lines: network.lines.map((line) => ({ ...line, rOhm: 1e-6, xOhm: 1e-6 })) };
  const devices = [site(sessions, prices.length)];
  const problem = smallProblem({ network: thick, loadKw: prices.map(() => 0), devices });
  return {
    ...problem,
    prices: { ...problem.prices, importEurPerMwh: prices, lossesEurPerMwh: 0 },
    limits: { ...problem.limits, ...(importKw === undefined ? {} : { importKw }) },
  };
}

const planned = (sessions: readonly ChargingSession[], day: Day): Optimised =>
  optimise(problemOf(sessions, day), solver);
const powerOf = ({ layout, best }: Optimised): number[] =>
  valuesOf(layout, best.x)[0]!.map(({ power }) => 1000 * power);
const missingOf = ({ layout, best }: Optimised): number => servedBy(layout, 0, best.x).missingKwh;
const about = (actual: readonly number[], expected: readonly number[], what: string): void => {
  const words = `${what}: ${actual.map((one) => one.toFixed(2)).join(' ')}`;
  for (const [step, kw] of expected.entries()) assert.ok(Math.abs(actual[step]! - kw) < 0.05, words);
};
const DEAR_FIRST = [300, 301, 302, 303, 50, 51, 52, 53];
const VALLEYS = [200, 50, 201, 202, 203, 51, 204, 205];

test('a car that charges is not paused in dear hours, and has its energy without a gap', () => {
  const dear = { prices: DEAR_FIRST };
  about(powerOf(planned([car({ uninterrupted: false, minKw: 0 })], dear)), [0, 0, 0, 0, 10, 10, 0, 0], 'it may pause');
  about(powerOf(planned([car({})], dear)), [4, 4, 4, 4, 4, 0, 0, 0], 'at its least until it has all');
  about(powerOf(planned([car({ energyDueKwh: 30 })], dear)), [4, 4, 4, 4, 10, 4, 0, 0], 'the rest in the cheap hours');
  about(powerOf(planned([car({ minKw: 0 })], dear)), [1.4, 1.4, 1.4, 1.4, 10, 4.4, 0, 0], 'the least of a car');
  about(powerOf(planned([car({})], { prices: [50, 300, 301, 51, 52] })), [10, 4, 4, 2, 0], 'no pause before the end');
  const unknown = planned([car({ energyDueKwh: Infinity, departure: 3 * HOUR_MS })], dear);
  assert.ok(
    powerOf(unknown).every((kw, step) => step >= 3 || kw > 3.95),
    'of unknown need: until it leaves',
  );
});

test('a car that waits begins where it is cheapest and then charges without a gap, and nothing lets it begin before', () => {
  const waits = { charging: false } as const;
  about(powerOf(planned([car(waits)], { prices: DEAR_FIRST })), [0, 0, 0, 0, 10, 10, 0, 0], 'in the cheap hours');
  const apart = planned([car(waits)], { prices: VALLEYS });
  about(
    powerOf(planned([car({ ...waits, uninterrupted: false, minKw: 0 })], { prices: VALLEYS })),
    [0, 10, 0, 0, 0, 10, 0, 0],
    'it may pause',
  );
  about(
    powerOf(apart),
    [0, 10, 4, 4, 2, 0, 0, 0].map((kw, at) => [0, 10, 10, 0, 0, 0, 0, 0][at] ?? kw),
    'one start',
  );
  about(
    powerOf(planned([car({ ...waits, departure: 2 * HOUR_MS })], { prices: DEAR_FIRST })),
    [10, 10, 0, 0],
    'before it leaves',
  );
  const { layout, best } = planned([car(waits)], { prices: DEAR_FIRST });
  const device = layout.problem.devices[0] as EvDevice;
  const sent = valuesOf(layout, best.x)[0]!.map((value, step) => commandedKw(device, value, { step, corners: false }));
  assert.deepEqual(sent.slice(0, 4), [0, 0, 0, 0], 'also when it would be done without limits');
});

test('several cars share a site: those that must not pause keep their least, the others give way', () => {
  const dear = { prices: DEAR_FIRST };
  const both = [car({}), car({ id: 'b', charging: false }), car({ id: 'c', uninterrupted: false, minKw: 0 })];
  about(powerOf(planned(both, dear)), [4, 4, 4, 4, 24, 20, 0, 0], 'one charges, two wait');
  const tight = planned(
    [
      car({ departure: 4 * HOUR_MS }),
      car({ id: 'c', uninterrupted: false, minKw: 0, energyDueKwh: 10, departure: HOUR_MS }),
    ],
    { prices: [50, 51, 52, 53], importKw: [10, 10, 10, 10] },
  );
  about(powerOf(tight), [10, 10, 6, 0], 'the other one lacks what the first must have');
  assert.ok(Math.abs(missingOf(tight) - 4) < 0.05, `${missingOf(tight)} kWh`);
  const inside = [car({ id: 'a', minKw: 4 }), car({ id: 'b', minKw: 4 })];
  const narrow = planned(inside, { prices: DEAR_FIRST, importKw: DEAR_FIRST.map(() => 9) });
  assert.ok(
    powerOf(narrow).every((kw, step) => step >= 4 || (kw >= 7.95 && kw <= 9.01)),
    'two within a limit',
  );
});

test('limits come first: where they leave no room for the least, the plan keeps them and says so', () => {
  const importKw = [9, 9, 2, 9, 9, 9, 9, 9];
  const said = (found: Optimised): string => {
    const { sentences, assumptions, conflict } = planContent(found, {
      substation: 'small',
      substitutions: [],
      bandKw: 1,
    });
    assert.equal(conflict, undefined);
    return JSON.stringify([sentences, assumptions]);
  };
  const free = planned([car({ minKw: 0 })], { prices: DEAR_FIRST });
  assert.doesNotMatch(said(free), /leave no room for charging/);
  assert.ok(
    reasonsOf(free, 0).some(({ constraint }) => textOf(constraint) === 'charging of a without a pause'),
    'and a reason of the hours in which it cannot wait',
  );
  const held = planned([car({ minKw: 0, maxKw: 9 })], {
    prices: DEAR_FIRST,
    importKw: importKw.map((kw) => kw / 2),
  });
  const power = powerOf(held);
  assert.equal(violationEur(held.layout, held.best, held.prices), 0);
  assert.ok(power[2]! < 1.01, `${power[2]} kW`);
  for (const step of [0, 1, 3, 4]) assert.ok(power[step]! > 1.35, `${power[step]} kW in step ${step}`);
  assert.match(said(held), /site: limits leave no room for charging of a without a pause/);
});

test('property: cars that must not pause get as much energy as if they might, and never pause', () => {
  const STEPS = 8;
  const kw = (min: number, max: number): fc.Arbitrary<number> =>
    fc.integer({ min: 10 * min, max: 10 * max }).map((one) => one / 10);
  const one = fc.record({
    maxKw: kw(5, 11),
    minKw: fc.oneof(fc.constant(0), kw(1.4, 5)),
    energyDueKwh: kw(1, 60),
    departure: fc.integer({ min: 1, max: STEPS + 2 }).map((hours) => hours * HOUR_MS),
    uninterrupted: fc.boolean(),
    charging: fc.boolean(),
  });
  const cars = fc
    .array(one, { minLength: 1, maxLength: 5 })
    .map((all) => all.map((each, at) => ({ ...each, id: `car-${at}` })));
  const prices = fc.array(fc.integer({ min: -50, max: 400 }), { minLength: STEPS, maxLength: STEPS });
  fc.assert(
    fc.property(cars, prices, (sessions, eur) => {
      const found = planned(sessions, { prices: eur });
      const pausable = planned(
        sessions.map((each) => ({ ...each, uninterrupted: false, minKw: 0 })),
        { prices: eur },
      );
      assert.ok(
        missingOf(found) <= missingOf(pausable) + 0.05,
        `${missingOf(found)} of ${missingOf(pausable)} kWh missing`,
      );
      const { leftKwh } = servedBy(found.layout, 0, found.best.x);
      assert.ok(leftKwh < 0.05, `${leftKwh} kWh are offered when nobody charges`);
      const device = found.layout.problem.devices[0] as EvDevice;
      const hours = leftHours(device, found.layout.hours);
      const power = powerOf(found);
      for (const [step, value] of power.entries()) {
        const floors = device.sessions.reduce((sum, each) => sum + floorKwh(each, hours, step), 0);
        assert.ok(value >= floors - 0.01, `${value} kW, floors ${floors}`);
      }
      for (const { id, uninterrupted, firstStep = 0, lastStep } of device.sessions) {
        if (uninterrupted === undefined) continue;
        const { steps, charging } = uninterrupted;
        if (charging) assert.equal(firstStep, 0, `${id} charges already`);
        for (let step = firstStep; step < lastStep; step++)
          assert.equal(steps![step], 1, `${id} pauses in step ${step}`);
      }
    }),
    { numRuns: 100 },
  );
});
