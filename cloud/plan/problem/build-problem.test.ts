import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Authority } from '../../../shared/contracts/ids.ts';
import type { CurtailmentRule, RegionSubstation } from '../../../shared/contracts/region.ts';
import type { EstimateState } from '../../estimate/state.ts';
import { unwrap } from '../../../shared/outcome/outcome.ts';
import { testDevices, testEstimate, testForecast, testSubstation, usualReadings } from '../testing/fixture.ts';
import { buildProblem } from './build-problem.ts';
import { tariffs } from './prices.ts';

const NOW = Date.UTC(2021, 5, 21, 10);
const stepsS = [300, ...Array.from({ length: 24 }, () => 3600)];

interface Known {
  readonly substation: RegionSubstation;
  readonly curtailment?: CurtailmentRule | undefined;
  readonly estimate?: EstimateState;
  /** By device and metric, besides the usual ones. */
  readonly readings?: Readonly<Record<string, number>>;
  /** Flat, kW by target. */
  readonly forecastKw?: Readonly<Record<string, number>>;
}

function posed({ substation, curtailment, estimate, readings, forecastKw = {} }: Known) {
  const devices = testDevices({ ...usualReadings, ...readings }, () => NOW);
  return unwrap(
    buildProblem({
      substation,
      tariff: tariffs.dso,
      curtailment,
      now: NOW,
      speed: 1,
      start: NOW,
      stepsS,
      estimate: estimate ?? testEstimate(substation, NOW),
      forecast: (target) => {
        const kw = forecastKw[target];
        return kw === undefined ? undefined : testForecast(target, NOW, kw);
      },
      live: (device, metric) => devices.latest('owd-01', device, metric),
      link: () => 'up',
      sky: () => ({ now: 0.1, best: 1 }),
      sessions: () => undefined,
      movesToday: new Map(),
      share: undefined,
      options: {},
    }),
  );
}

/** Nothing is trained yet: no forecast of anything. */
function untrained(curtailment?: CurtailmentRule) {
  const plain = testSubstation('owd');
  const dated = plain.devices.map((each) => (each.id === 'pv-1' ? { ...each, connectedOn: '2019-04-01' } : each));
  const substation = { ...plain, devices: dated };
  const estimate = testEstimate(substation, NOW);
  const { problem, substitutions } = posed({ substation, curtailment, estimate });
  const { buses, feeders, transformers } = problem.network;
  const loadKw = (corner: 'mid' | 'lowSun' | 'highSun', step: number, feeder?: string): number =>
    buses.reduce(
      (sum, bus, at) =>
        feeder === undefined || bus.feeder === feeder
          ? sum + problem.loads[corner]!.activePowerKw[step * buses.length + at]!
          : sum,
      0,
    );
  const seenKw = (feeder: string): number =>
    buses.reduce(
      (sum, { id, feeder: own }) =>
        own === feeder ? sum + (estimate.buses.find((bus) => bus.id === id)?.loadKw ?? 0) : sum,
      0,
    );
  return {
    problem,
    substitutions,
    loadKw,
    seenKw,
    feeders: feeders.map(({ id }) => id),
    ratedKva: transformers[0]!.ratedKva,
  };
}

const LAST = stepsS.length - 1;

test('without a forecast the load stays at its present value, independent of devices and sun', () => {
  const { loadKw, seenKw, feeders } = untrained();
  for (const feeder of feeders)
    for (const step of stepsS.keys()) {
      const [kw, seen] = [loadKw('mid', step, feeder), seenKw(feeder)];
      assert.ok(Math.abs(kw - seen) < 0.05 * seen, `${feeder}, step ${step}: ${kw} kW, seen ${seen} kW`);
    }
});

test('without a forecast the reserve grows from the error of the present load', () => {
  const { loadKw, ratedKva } = untrained();
  for (const corner of ['lowSun', 'highSun'] as const) {
    const [first, last] = [0, LAST].map((step) => Math.abs(loadKw(corner, step) - loadKw('mid', step)));
    assert.ok(first! < 0.6 * last!, `${corner}: ${first} kW at first, ${last} kW at last`);
    assert.ok(last! <= 0.25 * ratedKva, `${corner}: ${last} kW of ${ratedKva} kVA`);
  }
});

test('without a forecast the reserves of the feeders add up to that of the substation', () => {
  const { loadKw, feeders, ratedKva } = untrained();
  for (const corner of ['lowSun', 'highSun'] as const) {
    const rooms = feeders.map((feeder) => Math.abs(loadKw(corner, LAST, feeder) - loadKw('mid', LAST, feeder)));
    const sum = rooms.reduce((a, b) => a + b, 0);
    assert.ok(sum <= 0.25 * ratedKva, `${corner}: ${sum} kW of ${ratedKva} kVA`);
  }
});

test('a transformer behind the first one keeps its fixed tap, and a tap changer there is not planned', () => {
  const plain = testSubstation('owd');
  const { network } = plain;
  const [first] = network.transformers;
  const local = {
    ...first!,
    id: 'local',
    from: 'owd-2-b4',
    to: 'owd-lv',
    ratedFromKv: 12.66,
    ratedToKv: 0.4,
    tapPosition: -2,
    tapStepPct: 2.5,
  };
  const substation = {
    ...plain,
    network: {
      ...network,
      buses: [...network.buses, { id: 'owd-lv', nominalKv: 0.4, feeder: 'owd-2' }],
      transformers: [{ ...first!, tapPosition: 3 }, local],
    },
    devices: [{ ...plain.devices.at(-1)!, id: 'tap-2', bus: 'owd-lv' }, ...plain.devices],
  };
  const { problem } = posed({ substation, estimate: testEstimate(substation, NOW) });
  assert.deepEqual(
    problem.network.transformers.map(({ tapPosition }) => tapPosition),
    [0, -2],
  );
  assert.deepEqual(
    problem.devices.flatMap(({ kind, id }) => (kind === 'tap' ? [id] : [])),
    ['tap-1'],
  );
});

test('the rule of the region decides between fair shares and the order of connection', () => {
  const dateOf = ({ problem }: ReturnType<typeof untrained>): string | undefined =>
    problem.devices.flatMap((device) => (device.kind === 'pv' ? [device.connectedOn] : []))[0];
  for (const fair of [untrained(), untrained('fair')]) {
    assert.equal(dateOf(fair), undefined);
    assert.ok(fair.problem.fairness !== undefined);
  }
  const ordered = untrained('last-in-first-out');
  assert.equal(dateOf(ordered), '2019-04-01');
  assert.equal(ordered.problem.fairness, undefined, 'a bound on the spread would contradict the order');
});

test('the limits of feeder heads are limits of the plan', () => {
  const heads = [{ feeder: 'owd-1', importKw: 900, exportKw: 700 }];
  assert.deepEqual(posed({ substation: { ...testSubstation('owd'), heads } }).problem.limits.heads, heads);
});

/** The substation with one of its devices at the busbar. */
function withAtBusbar(device: string): RegionSubstation {
  const plain = testSubstation('owd');
  const devices = plain.devices.map((each) => (each.id === device ? { ...each, bus: 'owd-bb', feeder: 'owd' } : each));
  return { ...plain, devices };
}

/** What flows at the busbar besides the feeders now, kW. */
const withRest = (substation: RegionSubstation, kw: number): EstimateState => ({
  ...testEstimate(substation, NOW),
  busbarRestKw: { value: kw, error: 5, origin: 'estimated' },
});

/** Uncontrolled load at the busbar, kW by step. */
function atBusbarKw({ problem }: ReturnType<typeof posed>): number[] {
  const { buses } = problem.network;
  const at = buses.findIndex(({ id }) => id === 'owd-bb');
  return stepsS.map((_, step) => problem.loads.mid.activePowerKw[step * buses.length + at]!);
}

test('sun at the busbar is counted once, with a forecast and without one', () => {
  const substation = withAtBusbar('pv-1');
  const [seenKw, restKw] = [1200, 300];
  const estimate = withRest(substation, restKw - 150);
  const readings = { 'pv-1/activePowerKw': -150 };
  const without = posed({ substation, estimate, readings });
  for (const [step, kw] of atBusbarKw(without).entries()) assert.ok(Math.abs(kw - restKw) < 20, `${step}: ${kw} kW`);
  const forecastKw = { 'substation:owd': 2 * seenKw - 200, 'feeder:owd-1': seenKw, 'feeder:owd-2': seenKw };
  const built = posed({ substation, estimate, readings, forecastKw });
  const plant = built.problem.devices.find(({ id }) => id === 'pv-1')!;
  assert.ok(plant.kind === 'pv' && Math.max(...plant.availableKw) > 500);
  const lateKw = atBusbarKw(built).map((kw, step) => kw - plant.availableKw[step]!);
  for (const kw of lateKw.slice(8)) assert.ok(Math.abs(kw + 200) < 20, `${kw} kW`);
});

test('what a battery at the busbar takes now is no load', () => {
  const substation = withAtBusbar('battery-1');
  const estimate = withRest(substation, 500);
  for (const kw of atBusbarKw(posed({ substation, estimate, readings: { 'battery-1/activePowerKw': 500 } })))
    assert.ok(Math.abs(kw) < 20, `${kw} kW`);
});

test('the load of a substation without feeders is at its busbar', () => {
  const { network, ...plain } = testSubstation('owd');
  const buses = network.buses.slice(0, 2);
  const substation = { ...plain, network: { ...network, buses, lines: [], loads: [], feeders: [] }, devices: [] };
  const forecastKw = { 'substation:owd': 2000 };
  for (const kw of atBusbarKw(posed({ substation, estimate: withRest(substation, 2000), forecastKw })))
    assert.ok(Math.abs(kw - 2000) < 1, `${kw} kW`);
});

test('reactive power at the busbar is in the plan, less what a planned bank and inverter there give now', () => {
  const plain = withAtBusbar('battery-1');
  const bank = { ...plain.devices[0]!, id: 'bank-1', type: 'capacitor-bank', bus: 'owd-bb', feeder: 'owd' } as const;
  const kvarOf = (
    substation: RegionSubstation,
    readings: Known['readings'] = {},
    more: Partial<Known> = {},
  ): number => {
    const estimate = withRest(substation, 2700);
    const buses = estimate.buses.map((bus) => (bus.id === 'owd-bb' ? { ...bus, loadKvar: 900 } : bus));
    const { problem } = posed({ substation, estimate: { ...estimate, buses }, readings, ...more });
    const size = problem.network.buses.length;
    const at = problem.network.buses.findIndex(({ id }) => id === 'owd-bb') + LAST * size;
    const profiles = [problem.loads.mid, problem.loads.lowSun!, problem.loads.highSun!];
    const kvar = profiles.map((each) => each.reactivePowerKvar[at]!);
    assert.ok(Math.abs(kvar[1]! - kvar[0]!) < 60 && Math.abs(kvar[2]! - kvar[0]!) < 60, kvar.join(' '));
    return Math.round(kvar[0]!);
  };
  assert.equal(kvarOf(testSubstation('owd')), 900);
  const forecastKw = { 'substation:owd': 3750, 'feeder:owd-1': 1200, 'feeder:owd-2': 1200 };
  assert.equal(kvarOf(testSubstation('owd'), {}, { forecastKw }), 450, 'half of the load has half of it');
  assert.equal(kvarOf(plain, { 'battery-1/reactivePowerKvar': -100 }), 1000);
  const banked = { ...plain, devices: [...plain.devices, { ...bank, stepKvar: 150, steps: 3 }] };
  assert.equal(kvarOf(banked, { 'bank-1/capacitorStep': 2 }), 1200);
  assert.equal(kvarOf(banked), 900, 'a bank that is not known is not planned, and its power stays in the load');
});

test('a plant behind a feeder counts once, whether or not plans command it', () => {
  const netKw = (authority: Authority): number => {
    const plain = testSubstation('owd');
    const devices = plain.devices.map((each) => (each.id === 'pv-1' ? { ...each, authority, safeDefaultKw: 0 } : each));
    const forecastKw = { 'substation:owd': 1400, 'feeder:owd-1': 200, 'feeder:owd-2': 1200 };
    const { problem } = posed({
      substation: { ...plain, devices },
      readings: { 'pv-1/activePowerKw': -800 },
      forecastKw,
    });
    const { buses } = problem.network;
    const load = problem.loads.mid.activePowerKw.slice(8 * buses.length, 9 * buses.length).reduce((a, b) => a + b);
    return problem.devices.reduce((kw, device) => kw - (device.kind === 'pv' ? device.availableKw[8]! : 0), load);
  };
  const [commanded, free] = [netKw('limit'), netKw('none')];
  assert.ok(Math.abs(commanded - free) < 1 && Math.abs(free - 1400) < 60, `${commanded} and ${free} kW`);
});
