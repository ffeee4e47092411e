import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answerTo } from '../../simulators/faces/modbus-unit.ts';
import { SunspecRegisters } from '../../simulators/faces/sunspec-registers.ts';
import { parseConfig } from '../config/load.ts';
import { readAnswer, readRequest } from '../drivers/modbus/pdu.ts';
import type { ReadBlock } from '../drivers/modbus/profile.ts';
import { readRatings } from '../drivers/sunspec/ratings.ts';
import { scanSunspec } from '../drivers/sunspec/scan.ts';
import { scanText, type Found } from './scan-text.ts';

async function scanned(
  models: readonly number[],
  points: Readonly<Record<string, number>>,
  unit: number,
): Promise<Found> {
  const device = new SunspecRegisters(models, [], () => undefined);
  device.text('1.Mn', 'Maker');
  device.text('1.SN', `S${unit}`);
  for (const [point, value] of Object.entries(points)) device.set(point, value);
  const read: ReadBlock = async ({ table, address, count }) => {
    const pdu = readRequest(table, address, count);
    return readAnswer(pdu, answerTo(pdu, device));
  };
  const found = await scanSunspec(read);
  assert.ok(found.ok);
  const ratings = await readRatings(read, found.value.models);
  return { connection: { host: '10.0.0.9', port: 502, baud: 19_200, parity: 'even' }, unit, ...found.value, ratings };
}

test('a scan fills in the ratings of models 120, 702 and 713, and its output is a valid configuration', async () => {
  const meter = await scanned([1, 213], {}, 1);
  const old = {
    '120.WRtg': 250,
    '120.WRtg_SF': 3,
    '120.VARtg': 275,
    '120.VARtg_SF': 3,
    '120.VArRtgQ1': 1100,
    '120.VArRtg_SF': 2,
  };
  const pv = await scanned([1, 103, 120, 123], old, 2);
  const der = { '702.WMaxRtg': 1000, '702.WChaRteMaxRtg': 800, '702.WDisChaRteMaxRtg': 900, '702.W_SF': 2 };
  const battery = await scanned([1, 701, 702, 704, 713], { ...der, '713.WHRtg': 215, '713.WH_SF': 3 }, 3);
  const silent = await scanned([1, 103, 123], {}, 4);
  const text = scanText([meter, pv, battery, silent]);
  const { guarded, devices } = parseConfig(text, 'scanned.yaml');
  assert.equal(guarded.length, 1);
  const ratings = devices.map((device) => {
    const { socPct: _default, ...known } = device.ratings;
    return [device.id, known, 'write' in device && device.write !== undefined];
  });
  assert.deepEqual(ratings, [
    ['pv-1', { activePowerKw: 250, apparentPowerKva: 275, maxReactiveKvar: 110 }, true],
    ['battery-2', { chargeKw: 80, dischargeKw: 90, capacityKwh: 215 }, true],
    ['pv-3', {}, false],
  ]);
  assert.match(text, /# fill in activePowerKw to command it:\n {4}# write:/);
});
