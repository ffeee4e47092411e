import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import * as fc from 'fast-check';
import { plantSpecs } from '../region/inputs.ts';
import { Plant } from './plant.ts';
import { plantStartMs, RegionPlant, startedRegion } from './region-plant.ts';
import type { DeviceCommand } from './setpoints.ts';
import type { PlantOptions, PlantSpec } from './spec.ts';
import type { PlantTruth } from './truth.ts';

let specs: PlantSpec[] = [];
before(() => {
  specs = plantSpecs(['hal', 'owd', 'wls']);
});
const spec = (id: string): PlantSpec => specs.find((each) => each.id === id)!;
const HOUR_MS = 3_600_000;
const noonMs = plantStartMs + 11 * HOUR_MS;
const plant = (options: Partial<PlantOptions> = {}, id = 'owd'): Plant =>
  new Plant(spec(id), { seed: 1, startMs: noonMs, ...options });
const run = (of: Plant, seconds: number): void => {
  for (let second = 0; second < seconds; second++) of.step();
};
const device = (of: Plant, id: string) => of.truth().devices.find((each) => each.id === id)!;
const feeder = (of: Plant, at: number) => of.truth().feeders[at]!;

const command: fc.Arbitrary<DeviceCommand> = fc.record(
  {
    activePowerKw: fc.double({ min: -3000, max: 3000, noNaN: true }),
    reactivePowerKvar: fc.double({ min: -2000, max: 2000, noNaN: true }),
    activePowerLimitKw: fc.double({ min: 0, max: 3000, noNaN: true }),
    voltageTargetPu: fc.double({ min: 0.8, max: 1.2, noNaN: true }),
    capacitorStep: fc.integer({ min: -2, max: 9 }),
  },
  { requiredKeys: [] },
);
const script = fc.array(
  fc.record({
    device: fc.constantFrom(
      'battery-1',
      'battery-2',
      'battery-3',
      'pv-1',
      'pv-3',
      'ev-1',
      'ev-2',
      'flex-1',
      'bank-1',
      'tap-1',
    ),
    command,
    seconds: fc.integer({ min: 1, max: 400 }),
    stepS: fc.constantFrom(1, 10, 60, 900),
  }),
  { minLength: 1, maxLength: 12 },
);

test('source power equals load plus losses, and states stay in bounds under any command', () => {
  fc.assert(
    fc.property(script, fc.integer({ min: 0, max: 1000 }), (steps, seed) => {
      const one = plant({ seed });
      for (const { device: id, command: what, seconds, stepS } of steps) {
        one.command(id, what);
        for (let at = 0; at < Math.min(20, seconds); at++) {
          one.step(stepS);
          const truth = one.truth();
          const error = truth.sourceKw - truth.loadKw - truth.lossesKw;
          assert.ok(Math.abs(error) < 1e-3, `balance is off by ${error} kW`);
          for (const { id: name, activePowerKw, reactivePowerKvar, values } of truth.devices) {
            const own = spec('owd').devices.find((each) => each.id === name)!;
            if (own.type === 'battery') {
              assert.ok(values['socPct']! >= own.socMinPct && values['socPct']! <= own.socMaxPct);
              assert.ok(Math.abs(activePowerKw) <= own.powerKw);
              assert.ok(Math.hypot(activePowerKw, reactivePowerKvar) <= own.apparentPowerKva + 1e-9);
            }
            if (own.type === 'pv-inverter') {
              assert.ok(activePowerKw <= 0 && -activePowerKw <= values['availableKw']! + 1e-9);
              assert.ok(Math.hypot(activePowerKw, reactivePowerKvar) <= own.apparentPowerKva + 1e-9);
            }
            if (own.type === 'ev-site') {
              assert.ok(activePowerKw >= 0 && activePowerKw <= own.siteKw + 1e-9);
              assert.ok(values['energyDueKwh'] === 0 || activePowerKw > 0, 'a session always keeps its floor');
            }
            if (own.type === 'flexible-load') assert.ok(activePowerKw >= 0 && activePowerKw <= own.ratedKw + 1e-9);
          }
        }
      }
    }),
    { numRuns: 12 },
  );
});

test('the same seed gives the same run, another seed a different one', () => {
  const trace = (seed: number): string => {
    const one = plant({ seed });
    const lines: string[] = [];
    for (let second = 0; second < 120; second++) {
      one.step();
      if (second === 30) one.command('battery-1', { activePowerKw: -300 });
      const { sourceKw, transformer } = one.truth();
      lines.push(JSON.stringify([sourceKw, transformer, one.readings()]));
    }
    return lines.join('\n');
  };
  assert.equal(trace(5), trace(5));
  assert.notEqual(trace(5), trace(6));
});

test('a region restored from a snapshot continues exactly like the original', () => {
  const chosen = ['owd', 'wls'].map(spec);
  const options = { seed: 3, startMs: plantStartMs + 17 * HOUR_MS, bites: { relays: true, inverterTrips: true } };
  const first = startedRegion(chosen, options);
  const drive = (region: RegionPlant): void => {
    region.plant('owd')!.command('battery-2', { activePowerKw: 400, reactivePowerKvar: -50 });
    region.plant('owd')!.command('ev-1', { activePowerLimitKw: 90 });
    region.plant('wls')!.spike({ feeder: 'wls-2', share: 0.3, durationS: 200 });
    region.plant('wls')!.setSwitch('wls-1-l17', false);
  };
  drive(first);
  for (let second = 0; second < 90; second++) first.step();
  const second = new RegionPlant(chosen, options);
  second.restore(JSON.parse(JSON.stringify(first.snapshot())));
  for (let step = 1; step <= 300; step++) {
    first.step();
    second.step();
    // A difference stays.
    if (step % 10 > 0) continue;
    for (const [at, one] of first.plants.entries()) {
      assert.deepEqual(second.plants[at]!.readings(), one.readings());
      assert.deepEqual(second.plants[at]!.truth(), one.truth());
    }
  }
  assert.deepEqual(second.snapshot(), first.snapshot());
  assert.throws(() => new RegionPlant(chosen, { ...options, seed: 4 }).restore(first.snapshot()), /seed 3/);
});

test('a battery follows with dead time and ramp, holds while commanded, and reverts by itself', () => {
  const one = plant();
  run(one, 5);
  one.command('battery-1', { activePowerKw: -500 });
  const powers: number[] = [];
  for (let second = 0; second < 8; second++) {
    one.step();
    powers.push(Math.round(device(one, 'battery-1').activePowerKw));
  }
  assert.deepEqual(powers, [-100, -200, -300, -400, -500, -500, -500, -500]);
  for (let minute = 0; minute < 3; minute++) {
    run(one, 50);
    assert.equal(device(one, 'battery-1').activePowerKw, -500);
    one.command('battery-1', { activePowerKw: -500 });
  }
  run(one, 59);
  assert.equal(device(one, 'battery-1').activePowerKw, -500);
  run(one, 10);
  assert.equal(device(one, 'battery-1').activePowerKw, 0);
});

test('a battery returns the square of its efficiency', () => {
  const one = plant({ startMs: plantStartMs });
  const soc = (): number => device(one, 'battery-1').values['socPct']!;
  const drive = (kw: number): number => {
    let kwh = 0;
    const from = soc();
    while (Math.abs(soc() - from) < 10) {
      one.command('battery-1', { activePowerKw: kw });
      one.step(10);
      kwh += (device(one, 'battery-1').activePowerKw * 10) / 3600;
    }
    return kwh / Math.abs(soc() - from);
  };
  const into = drive(250);
  const out = -drive(-250);
  assert.ok(Math.abs(out / into - 0.95 ** 2) < 1e-9, `${out / into}`);
});

test('a PV plant obeys its limit, reverts to its safe limit, and is unlimited before any command', () => {
  const one = plant();
  run(one, 10);
  const free = device(one, 'pv-1');
  assert.ok(Math.abs(free.activePowerKw + free.values['availableKw']!) < 1e-9);
  one.command('pv-1', { activePowerLimitKw: 100 });
  run(one, 10);
  assert.equal(device(one, 'pv-1').activePowerKw, -100);
  run(one, 70);
  assert.equal(device(one, 'pv-1').values['activePowerLimitKw'], 600);
});

test('injected reactive power raises the voltage', () => {
  const one = plant();
  run(one, 5);
  const before = device(one, 'pv-1').voltagePu;
  one.command('pv-1', { reactivePowerKvar: -600 });
  run(one, 3);
  const lifted = device(one, 'pv-1').voltagePu;
  assert.ok(lifted > before + 0.01, `${before} to ${lifted}`);
  one.command('pv-1', { reactivePowerKvar: 600 });
  run(one, 3);
  assert.ok(device(one, 'pv-1').voltagePu < before - 0.01);
});

test('a charging limit keeps the floor of each session, and on fallback all cars leave with their energy', () => {
  const limited = startedRegion([spec('owd')], { seed: 1, startMs: plantStartMs + 3 * 24 * HOUR_MS + 17 * HOUR_MS })
    .plants[0]!;
  run(limited, 5);
  const { values, activePowerKw } = device(limited, 'ev-1');
  assert.ok(values['sessions']! > 10 && activePowerKw > 300, JSON.stringify(values));
  limited.command('ev-1', { activePowerLimitKw: 0 });
  run(limited, 5);
  const floored = device(limited, 'ev-1');
  const due = floored.values['energyDueKwh']! > 0;
  assert.ok(due && floored.activePowerKw > 0 && floored.activePowerKw <= 4.2 * floored.values['sessions']! + 1e-9);
  for (let quarter = 0; quarter < 96; quarter++) limited.step(900);
  assert.equal(limited.truth().energyNotServedKwh, 0);
});

test('a flexible load recovers what it deferred', () => {
  const one = plant();
  run(one, 5);
  const base = device(one, 'flex-1').activePowerKw;
  for (let minute = 0; minute < 60; minute++) {
    one.command('flex-1', { activePowerKw: 60 });
    one.step(60);
  }
  assert.equal(device(one, 'flex-1').activePowerKw, 60);
  for (let minute = 0; minute < 3; minute++) one.step(60);
  assert.ok(device(one, 'flex-1').activePowerKw > base + 20);
});

test('a spike adds its share of the feeder load within a second and ends by itself', () => {
  const one = plant({ startMs: plantStartMs + 15 * HOUR_MS });
  run(one, 30);
  const before = feeder(one, 1).activePowerKw;
  assert.equal(one.spike({ feeder: 'owd-2', share: 0.3, durationS: 120 }).ok, true);
  one.step();
  const share = feeder(one, 1).activePowerKw / before - 1;
  assert.ok(share > 0.2 && share < 0.4, `${share}`);
  run(one, 125);
  assert.ok(Math.abs(feeder(one, 1).activePowerKw / before - 1) < 0.15);
  assert.equal(one.spike({ feeder: 'owd-9', share: 0.3, durationS: 1 }).ok, false);
});

test('the tap changer waits its delay, follows its target, and reverts to its own when commands stop', () => {
  const one = startedRegion([spec('owd')], { seed: 1, startMs: plantStartMs }).plants[0]!;
  run(one, 200);
  const before = one.truth();
  one.command('tap-1', { voltageTargetPu: 1.045 });
  run(one, 50);
  assert.equal(one.truth().tapPosition, before.tapPosition);
  run(one, 240);
  assert.ok(one.truth().tapPosition < before.tapPosition, 'fewer turns on the high side raise the busbar');
  assert.ok(one.truth().transformer.voltagePu > before.transformer.voltagePu + 0.01);
  run(one, 600);
  assert.equal(one.truth().tapPosition, before.tapPosition);
});

test('a switch that closes a loop is refused, and an open head de-energises only its own feeder', () => {
  const one = plant();
  run(one, 3);
  const refused = one.setSwitch('owd-1-l33', true);
  assert.equal(refused.ok ? '' : refused.fault.code, 'LS-GRID-001');
  assert.equal(one.setSwitch('owd-1-l1', false).ok, true);
  run(one, 3);
  const truth = one.truth();
  assert.equal(truth.feeders[0]!.energised, false);
  assert.equal(truth.feeders[0]!.activePowerKw, 0);
  assert.equal(device(one, 'pv-1').activePowerKw, 0);
  assert.ok(truth.feeders[1]!.activePowerKw > 500);
  assert.ok(Math.abs(truth.sourceKw - truth.loadKw - truth.lossesKw) < 1e-3);
  assert.equal(one.resetRelay('owd-1').ok, true);
  run(one, 3);
  assert.ok(device(one, 'pv-1').activePowerKw < 0);
});

test('relays trip only where enabled', () => {
  for (const relays of [false, true]) {
    const one = plant({ bites: { relays }, startMs: plantStartMs + 17 * HOUR_MS });
    run(one, 5);
    one.spike({ feeder: 'owd-2', share: 1.6, durationS: 600 });
    run(one, 180);
    assert.equal(feeder(one, 1).tripped, relays);
    assert.equal(feeder(one, 1).energised, !relays);
  }
});

test('the plant reports the end of the series and stops', () => {
  const last = new RegionPlant([spec('hal')], { seed: 1, startMs: Date.UTC(2021, 9, 30, 23) });
  assert.equal(last.ended, false);
  for (let quarter = 0; quarter < 4; quarter++) assert.equal(last.step(900), true);
  assert.equal(last.ended, true);
  assert.equal(last.step(), false);
  assert.equal(last.timeMs, Date.UTC(2021, 9, 31));
});

test('model differences are off until enabled', () => {
  const truth = (options: Partial<PlantOptions>) => {
    const one = plant(options);
    run(one, 10);
    return one.truth();
  };
  const same = truth({});
  const other = truth({ differs: { impedance: 0.1, loadShare: 0.2, tapSteps: 1 } });
  assert.equal(other.tapPosition, same.tapPosition + 1);
  assert.notEqual(other.lossesKw, same.lossesKw);
  const silent = plant({ differs: { silentShare: 1 } });
  silent.command('pv-1', { activePowerLimitKw: 0 });
  run(silent, 30);
  assert.ok(device(silent, 'pv-1').activePowerKw < 0);
  assert.ok(silent.readings().every((reading) => !reading.device.startsWith('pv-')));
  const exchanged = plant({ differs: { exchange: { open: 'owd-1-l7', close: 'owd-1-l33' } } });
  run(exchanged, 10);
  const loading = (of: PlantTruth, line: string): number => of.loadingPct[of.branchIds.indexOf(line)]!;
  assert.equal(loading(exchanged.truth(), 'owd-1-l7'), 0);
  assert.ok(loading(exchanged.truth(), 'owd-1-l33') > 0 && loading(same, 'owd-1-l33') === 0);
});
