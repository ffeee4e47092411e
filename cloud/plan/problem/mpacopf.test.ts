import assert from 'node:assert/strict';
import { test } from 'node:test';
import { smallNetwork } from '../testing/small-feeder.ts';
import { checkStatedProblem, poseProblem, type StatedProblem } from './mpacopf.ts';

const stated: StatedProblem = {
  T: 1,
  dt_h: 1,
  vmin: 0.95,
  vmax: 1.05,
  pv_bus: [],
  pv_cap_MW: [],
  bat_bus: [],
  bat_pmax_MW: [],
  bat_energy_MWh: [],
  eta_charge: 1,
  eta_discharge: 1,
  soc0: 0.5,
  soc_min: 0,
  soc_max: 1,
  soc_final_min: 0,
  wear_eur_per_MWh: 0,
  export_factor: 1,
  price_eur_per_MWh: [50],
  load_factor: [1],
  pv_factor: [0],
  branch_from: [],
  branch_to: [],
  rateA_MVA: [],
};

test('connection dates reach the plants, and another number of dates than plants is refused by name', () => {
  const dates = ['2019-04-01', '2024-10-31'];
  const plants = { ...stated, pv_bus: ['b2', 'b3'], pv_cap_MW: [1, 1] };
  const posed = poseProblem({ ...plants, pv_connected_on: dates }, smallNetwork());
  assert.ok(posed.ok);
  assert.deepEqual(
    posed.value.devices.map((device) => device.kind === 'pv' && device.connectedOn),
    dates,
  );
  const short = poseProblem({ ...plants, pv_connected_on: ['2019-04-01'] }, smallNetwork());
  assert.ok(!short.ok);
  assert.deepEqual(
    [short.fault.code, short.fault.detail],
    ['LS-OPT-005', 'pv_connected_on has 1 values; it must have 2'],
  );
  const wrong = checkStatedProblem({ ...plants, pv_connected_on: ['2019-04-01', '31.10.2024'] });
  assert.ok(!wrong.ok);
  assert.match(wrong.fault.detail, /pv_connected_on\/1/);
});

test('steps are whole seconds, and one that rounds to 0 s is refused by its key', () => {
  const posed = poseProblem({ ...stated, dt_h: 0.25 }, smallNetwork());
  assert.ok(posed.ok);
  assert.deepEqual(posed.value.horizon.stepsS, [900]);
  const none = poseProblem({ ...stated, dt_h: 0.0001 }, smallNetwork());
  assert.ok(!none.ok);
  assert.equal(none.fault.code, 'LS-OPT-005');
  assert.match(none.fault.detail, /^dt_h is 0\.0001 h, less than a second/);
});
