import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RegionDevice } from '../../../shared/contracts/region.ts';
import { batteryDevice } from './battery-device.ts';

const device: RegionDevice = {
  id: 'battery-1',
  type: 'battery',
  name: 'battery',
  bus: 'b',
  feeder: 'f',
  connectionPoint: 'cp',
  authority: 'direct',
  chargeKw: 400,
  dischargeKw: 500,
  capacityKwh: 2000,
  socMinPct: 10,
  socMaxPct: 90,
  efficiency: 0.9,
};
const near = (found: number, wanted: number): void => assert.ok(Math.abs(found - wanted) < 1e-12, `${found} ${wanted}`);

test('a plan leaves the guard a quarter of an hour at rated power in both directions, as seen at the terminal', () => {
  const model = batteryDevice(device, 50, { guardReserveMinutes: 15 })!;
  near((model.socMin - 0.1) * 2000 * 0.9, 500 / 4);
  near(((0.9 - model.socMax) * 2000) / 0.9, 400 / 4);
  const whole = batteryDevice(device, 50, { guardReserveMinutes: 0 })!;
  assert.deepEqual([whole.socMin, whole.socMax], [0.1, 0.9]);
});

test('a battery with little capacity for its power keeps half of its range for plans', () => {
  const model = batteryDevice({ ...device, capacityKwh: 200 }, 50, { guardReserveMinutes: 15 })!;
  near(model.socMin, 0.3);
  near(model.socMax, 0.7);
});

test('a battery with unknown state of charge or capacity is not planned', () => {
  assert.equal(batteryDevice(device, undefined, { guardReserveMinutes: 15 }), undefined);
  const { capacityKwh: _, ...unknown } = device;
  assert.equal(batteryDevice(unknown, 50, { guardReserveMinutes: 15 }), undefined);
});
