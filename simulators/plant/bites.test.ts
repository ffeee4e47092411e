import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { gridCodes, type GridCodeId } from '../../shared/grid/grid-codes.ts';
import { curveAt } from '../../shared/grid/inverter-curves.ts';
import { SeededRandom } from '../../shared/ports/random.ts';
import { plantSpecs } from '../region/inputs.ts';
import { PvInverter } from './pv-inverter.ts';
import { Plant } from './plant.ts';
import { plantStartMs } from './region-plant.ts';
import type { Consequences, PlantSpec, PvSpec } from './spec.ts';
import { Winding } from './winding.ts';

let owd: PlantSpec;
before(() => {
  owd = plantSpecs().find(({ id }) => id === 'owd')!;
});
const startMs = plantStartMs + 11 * 3_600_000;

test('presets follow IEEE 1547-2018 in the load convention: low voltage makes an inverter inject', () => {
  const rows: [GridCodeId, pu: number, kvar: number, watt: number][] = [
    ['ieee1547-b', 0.9, -0.44, 1],
    ['ieee1547-b', 0.92, -0.44, 1],
    ['ieee1547-b', 0.95, -0.22, 1],
    ['ieee1547-b', 1, 0, 1],
    ['ieee1547-b', 1.05, 0.22, 1],
    ['ieee1547-b', 1.08, 0.44, 0.6],
    ['ieee1547-b', 1.12, 0.44, 0.2],
    ['vde-ar-n-4105', 0.93, -0.4359, 1],
    ['vde-ar-n-4105', 1.05, 0.2179, 1],
    ['en50549-1', 1.09, 0.4359, 0.6],
    ['en50549-2', 1.07, 0.3122, 1],
    ['vde-ar-n-4110', 1.04, 0.3122, 1],
    ['ieee1547-a', 0.88, -0.25, 1],
    ['ieee1547-a', 1.05, 0.125, 1],
    ['ieee1547-a', 1.1, 0.25, 0.2],
  ];
  for (const [preset, pu, kvar, watt] of rows) {
    const { voltVar, voltWatt } = gridCodes[preset];
    assert.ok(Math.abs(curveAt(voltVar.curve, pu) - kvar) < 1e-4, `${preset} at ${pu}: ${curveAt(voltVar.curve, pu)}`);
    assert.ok(
      Math.abs(curveAt(voltWatt.curve, pu) - watt) < 1e-4,
      `${preset} at ${pu}: ${curveAt(voltWatt.curve, pu)}`,
    );
  }
});

test('an inverter reaches 90 % of its curve within the open-loop response, unless reactive power is commanded', () => {
  const own = owd.devices.find((each): each is PvSpec => each.id === 'pv-1')!;
  const make = (bites: Consequences): PvInverter => new PvInverter(own, bites);
  const random = new SeededRandom(1);
  let timeMs = 0;
  const run = (inverter: PvInverter, voltagePu: number, seconds: number, dtS = 1): void => {
    for (let at = 0; at < Math.round(seconds / dtS); at++) {
      timeMs += dtS * 1000;
      inverter.step({ timeMs, dtS, voltagePu, sun: 1, random });
    }
  };
  const b = make({ curves: 'ieee1547-b' });
  run(b, 1, 60);
  assert.deepEqual([b.reactivePowerKvar, b.activePowerKw], [0, -own.ratedKw]);
  run(b, 1.05, 5);
  const goal = 0.22 * own.apparentPowerKva;
  assert.ok(Math.abs(b.reactivePowerKvar - 0.9 * goal) < 1e-6, `${b.reactivePowerKvar} kvar after 5 s`);
  run(b, 1.08, 10);
  assert.ok(Math.abs(-b.activePowerKw / own.ratedKw - (1 - 0.9 * 0.4)) < 1e-6, `${b.activePowerKw} kW after 10 s`);
  const fine = make({ curves: 'ieee1547-b' });
  run(fine, 1.05, 5, 0.1);
  assert.ok(Math.abs(fine.reactivePowerKvar - 0.9 * goal) < 1e-6, 'whatever the step');
  b.command({ reactivePowerKvar: -30 }, timeMs);
  run(b, 1.05, 5);
  assert.equal(b.reactivePowerKvar, -30);
  const off = make({});
  run(off, 1.09, 60);
  assert.deepEqual([off.reactivePowerKvar, off.activePowerKw], [0, -own.ratedKw]);
});

test('watt-var absorbs during feed-in, and droop lowers feed-in at high frequency', () => {
  const own = owd.devices.find((each): each is PvSpec => each.id === 'pv-1')!;
  const random = new SeededRandom(1);
  let timeMs = 0;
  const run = (inverter: PvInverter, frequencyHz: number, sun: number): PvInverter => {
    for (let at = 0; at < 60; at++)
      inverter.step({ timeMs: (timeMs += 1000), dtS: 1, voltagePu: 1, frequencyHz, sun, random });
    return inverter;
  };
  const share = ({ activePowerKw }: PvInverter): number => -activePowerKw / own.ratedKw;
  const byPower = run(new PvInverter(own, { curves: 'ieee1547-b', wattVar: true }), 60, 0.75);
  assert.ok(Math.abs(byPower.reactivePowerKvar / own.apparentPowerKva - 0.22) < 1e-3, 'half of 44 % at three quarters');
  const cases: [frequencyHz: number, sun: number, expected: number, why: string][] = [
    [50, 0.8, 0.8, 'nominal'],
    [50.2, 0.8, 0.8, 'the end of the dead band'],
    [50.7, 0.8, 0.64, '5 % droop means 40 % of the feed-in per Hz'],
    [53, 0.3, 0, 'never below zero'],
    [49.5, 0.8, 0.8, 'the sun gives no more'],
  ];
  for (const [frequencyHz, sun, expected, why] of cases) {
    const inverter = run(new PvInverter(own, { curves: 'vde-ar-n-4105' }), frequencyHz, sun);
    assert.ok(Math.abs(share(inverter) - expected) < 1e-3, `${why}: ${share(inverter)}`);
  }
});

test('curves lower a high feeder voltage, and the loop settles', () => {
  const highest = (bites: Consequences): number[] => {
    const plant = new Plant(owd, { seed: 1, startMs, bites });
    const series: number[] = [];
    for (let second = 0; second < 150; second++) {
      if (second % 20 === 0)
        for (const id of ['battery-1', 'battery-2', 'battery-3']) plant.command(id, { activePowerKw: -500 });
      plant.step();
      series.push(Math.max(...plant.truth().devices.map(({ voltagePu }) => voltagePu)));
    }
    return series;
  };
  const [off, on] = [highest({}), highest({ curves: 'ieee1547-b' })];
  assert.ok(off.at(-1)! > 1.03, `without curves ${off.at(-1)}`);
  assert.ok(on.at(-1)! < off.at(-1)! - 0.005, `with curves ${on.at(-1)}, without ${off.at(-1)}`);
  const tail = on.slice(-20);
  assert.ok(Math.max(...tail) - Math.min(...tail) < 0.01, 'it does not oscillate');
});

test('a transformer winding ages above its rating and trips at 140 °C, and its state is saved', () => {
  const winding = new Winding(8000);
  const step = (of: Winding, pu: number): boolean => of.step({ kva: pu * 8000, ambientC: 20, dtS: 60 });
  for (let minute = 0; minute < 60; minute++) assert.equal(step(winding, 1), false);
  assert.ok(Math.abs(winding.agedHours - 1) < 1e-6 && Math.abs(winding.hotSpotC - 98) < 1e-6);
  const copy = new Winding(8000);
  copy.restore(JSON.parse(JSON.stringify(winding.snapshot())) as ReturnType<Winding['snapshot']>);
  let minutes = 0;
  while (!step(winding, 1.6) && minutes < 600) minutes++;
  assert.ok(minutes > 10 && minutes < 60, `${minutes} min`);
  let again = 0;
  while (!step(copy, 1.6) && again < 600) again++;
  assert.deepEqual([again, copy.agedHours], [minutes, winding.agedHours]);
});

test('an overheated transformer trips its feeders if the hot-spot model is enabled', () => {
  const small = {
    ...owd,
    network: { ...owd.network, transformers: owd.network.transformers.map((each) => ({ ...each, ratedKva: 600 })) },
  };
  for (const hotSpot of [false, true]) {
    const plant = new Plant(small, { seed: 1, startMs: plantStartMs + 18 * 3_600_000, bites: { hotSpot } });
    for (let minute = 0; minute < 30; minute++) plant.step(60);
    const { feeders, winding } = plant.truth();
    assert.deepEqual(
      feeders.map(({ energised }) => energised),
      [!hotSpot, !hotSpot],
    );
    assert.equal(winding !== null && winding.hotSpotC >= 140, hotSpot);
    plant.resetRelay('owd-1');
    assert.equal(plant.truth().feeders[0]!.tripped, false);
  }
});

test('cold load pick-up adds load for a while after a trip, if enabled', () => {
  for (const coldLoad of [false, true]) {
    const make = (): Plant => new Plant(owd, { seed: 1, startMs: plantStartMs + 18 * 3_600_000, bites: { coldLoad } });
    const [plant, steady] = [make(), make()];
    const head = owd.network.feeders[1]!.headBranch;
    plant.setSwitch(head, false);
    // The flexible load and the cars recover too, so the test compares bus loads only.
    const busLoads = (of: Plant): number => {
      const { feeders, devices } = of.truth();
      const own = new Set(owd.devices.filter(({ feeder }) => feeder === 'owd-2').map(({ id }) => id));
      return (
        feeders[1]!.activePowerKw -
        devices.reduce((sum, { id, activePowerKw }) => sum + (own.has(id) ? activePowerKw : 0), 0)
      );
    };
    const run = (seconds: number): void => {
      for (let second = 0; second < seconds; second += 10) for (const each of [plant, steady]) each.step(10);
    };
    run(1800);
    plant.setSwitch(head, true);
    run(10);
    const soon = busLoads(plant) / busLoads(steady);
    const snapshot = JSON.parse(JSON.stringify(plant.snapshot())) as ReturnType<Plant['snapshot']>;
    run(3600);
    const later = busLoads(plant) / busLoads(steady);
    const [least, most] = coldLoad ? [1.7, 2.3] : [0.95, 1.05];
    assert.ok(soon > least && soon < most, `${soon} of the usual load at first`);
    assert.ok(Math.abs(later - 1) < 0.06, `${later} an hour later`);
    const copy = make();
    copy.restore(snapshot);
    copy.step(10);
    assert.deepEqual(copy.snapshot().coldLoads?.length, coldLoad ? 2 : undefined);
  }
});

test('load that an outage defers is not interrupted too: a dark feeder lacks its usual load', () => {
  const interruptedKwh = (coldLoad: boolean): number => {
    const plant = new Plant(owd, { seed: 1, startMs: plantStartMs + 18 * 3_600_000, bites: { coldLoad } });
    plant.setSwitch(owd.network.feeders[1]!.headBranch, false);
    let kwh = 0;
    for (let minute = 0; minute < 60; minute++) {
      plant.step(60);
      kwh += plant.truth().interruptedKw / 60;
    }
    return kwh;
  };
  const usualKwh = interruptedKwh(false);
  assert.ok(usualKwh > 100, `${usualKwh} kWh`);
  assert.equal(interruptedKwh(true), usualKwh);
});
