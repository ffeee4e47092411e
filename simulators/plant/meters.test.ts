import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plantSpecs } from '../region/inputs.ts';
import type { Reading } from './meters.ts';
import { Plant } from './plant.ts';
import { plantStartMs } from './region-plant.ts';

const SECONDS = 3600;
const specs = plantSpecs();

function watch(id: string): { readings: Reading[]; truth: Map<number, number> } {
  const plant = new Plant(
    specs.find((each) => each.id === id)!,
    { seed: 2, startMs: plantStartMs + 36_000_000 },
  );
  const readings: Reading[] = [];
  const truth = new Map<number, number>();
  for (let second = 0; second < SECONDS; second++) {
    plant.step();
    truth.set(plant.timeMs, plant.truth().transformer.activePowerKw);
    for (const reading of plant.readings()) {
      assert.ok(reading.dueMs <= plant.timeMs && reading.timeMs <= reading.dueMs);
      readings.push(reading);
    }
  }
  return { readings, truth };
}

const of = (readings: readonly Reading[], device: string): Reading[] =>
  readings.filter((reading) => reading.device === device);

test('meters have intervals, one reading in a hundred missing, late stations, and class 0.5', () => {
  const { readings, truth } = watch('owd');
  const counts = (device: string): number => of(readings, device).length / SECONDS;
  assert.ok(Math.abs(counts('transformer') - 0.99) < 0.006, `${counts('transformer')}`);
  assert.ok(Math.abs(counts('battery-1') - 0.99 / 5) < 0.006);
  assert.ok(Math.abs(counts('ev-1') - 0.99 / 10) < 0.006);
  assert.equal(of(readings, 'weather').length, 4);
  const stations = of(readings, 'station-2-b18');
  assert.ok(stations.length >= 4 && stations.length <= 6);
  assert.ok(stations.every(({ timeMs, dueMs }) => dueMs - timeMs >= 5000));
  const errors = of(readings, 'transformer').map(
    ({ timeMs, values }) => values.activePowerKw! / truth.get(timeMs)! - 1,
  );
  const rms = Math.sqrt(errors.reduce((sum, error) => sum + error ** 2, 0) / errors.length);
  assert.ok(Math.abs(rms - 0.0025) < 0.0003, `${rms}`);
});

test('WLS reads zero and HFDP is reversed while the plant itself is unchanged', () => {
  const wls = watch('wls');
  assert.ok([...wls.truth.values()].some((kw) => Math.abs(kw) > 300));
  for (const { values } of of(wls.readings, 'transformer')) {
    assert.deepEqual([values.activePowerKw, values.reactivePowerKvar, values.currentA], [0, 0, 0]);
    assert.ok(values.voltagePu! > 0.9);
  }
  const hfdp = watch('hfdp');
  for (const { timeMs, values } of of(hfdp.readings, 'transformer')) {
    const share = values.activePowerKw! / hfdp.truth.get(timeMs)!;
    assert.ok(share < -0.98 && share > -1.02, `${share}`);
  }
});

test('a gross meter error scales and offsets power and offsets voltage, and changes nothing else', () => {
  const spec = specs.find(({ id }) => id === 'owd')!;
  const archive = (meterFaults: typeof spec.meterFaults) => {
    const plant = new Plant({ ...spec, meterFaults }, { seed: 2, startMs: plantStartMs + 36_000_000 });
    plant.step();
    return plant.archive(plant.timeMs).find(({ device }) => device === 'feeder-1')!.values;
  };
  const right = archive({});
  const wrong = archive({ 'feeder-1': { factor: 2, offsetKw: 10, offsetPu: 0.03 } });
  assert.equal(wrong.activePowerKw, right.activePowerKw! * 2 + 10);
  assert.equal(wrong.reactivePowerKvar, right.reactivePowerKvar! * 2);
  assert.equal(wrong.voltagePu, right.voltagePu! + 0.03);
});

test('a coarsely stepped plant still reads its meters, each at most once per step', () => {
  const spec = specs.find((each) => each.id === 'owd')!;
  const plant = new Plant(spec, { seed: 2, startMs: plantStartMs + 36_000_000 });
  const counts = new Map<string, number>();
  const steps = SECONDS / 5;
  for (let step = 0; step < steps; step++) {
    plant.step(5);
    for (const { device } of plant.readings()) counts.set(device, (counts.get(device) ?? 0) + 1);
  }
  for (const { id } of spec.devices) assert.ok((counts.get(id) ?? 0) > 0, `${id} never reads`);
  const share = (device: string): number => (counts.get(device) ?? 0) / steps;
  for (const device of ['transformer', 'battery-1'])
    assert.ok(Math.abs(share(device) - 0.99) < 0.02, `${share(device)}`);
  assert.ok(Math.abs(share('ev-1') - 0.99 / 2) < 0.02);
});
