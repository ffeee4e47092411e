import assert from 'node:assert/strict';
import { test } from 'node:test';
import { energyOf } from './energy.ts';

test('energy and CO2 of a forecast follow from its time on one core', () => {
  // 18 s at 10 W are 180 J, that is 0.05 Wh; at 270 kg/MWh, or mg/Wh, 13.5 mg.
  const { inferenceMs, energyJ, co2Mg, assumed } = energyOf(18_000);
  assert.deepEqual([inferenceMs, energyJ, co2Mg], [18_000, 180, 13.5]);
  assert.deepEqual(assumed, { coreW: 10, co2KgPerMwh: 270 });
  assert.equal(energyOf(0.123456).energyJ, 0.00123);
});
