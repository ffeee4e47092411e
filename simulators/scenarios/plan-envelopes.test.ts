import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testSubstation } from '../../cloud/plan/testing/fixture.ts';
import { driven, planFaults, STEPS_S } from '../truth/testing/plan-faults.ts';
import { clearShare, planOf } from './testing/random-plan.ts';

test(
  'a gateway applies plan setpoints unclamped, and each reason matches the outcome without the device',
  { timeout: 600_000 },
  async () => {
    const { plans, claims, compared, clamps, contradictions, untranslated } = await planFaults({
      numRuns: 60,
      seed: 20261127,
    });
    assert.ok(plans >= 50, `${plans} plans`);
    assert.ok(claims >= plans / 2, `${claims} reasons claim something`);
    assert.equal(compared, claims, 'each claim has a counterfactual that can be compared');
    assert.deepEqual({ clamps, contradictions, untranslated }, { clamps: [], contradictions: [], untranslated: [] });
  },
);

test('a steep PV plant in the evening winter sun is not curtailed without a limit', async () => {
  const now = Date.UTC(2021, 11, 15, 14, 15);
  const base = testSubstation('aaa');
  const plant = base.devices.find(({ type }) => type === 'pv-inverter')!;
  const devices = [{ ...plant, activePowerKw: 320, apparentPowerKva: 350, maxReactiveKvar: 0 }];
  const substation = { ...base, devices };
  const facing = new Map([[plant.id, { tilt: 75, azimuth: 220 }]]);
  const gives = 320 * clearShare(substation, facing.get(plant.id)!, now);
  assert.ok(gives > 100, `the sun gives ${gives} kW`);
  const readings = { [`${plant.id}/availableKw`]: gives };
  const drawn = { now, substation, facing, clearness: 1, busKw: 400, readings };
  const { body } = await planOf(drawn, STEPS_S);
  const { kw, limitedBy } = driven(drawn, body)[0]![0]!;
  assert.equal(body.devices[0]!.activePowerLimitKw![0], null, 'the plan limits nothing');
  assert.ok(kw! <= -gives && limitedBy === null, `${gives.toFixed(0)} kW of sun, set to ${kw} kW by ${limitedBy}`);
});
