import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commandDocument, planDocument } from '../../edge/cycle/testing/documents.ts';
import { gatewayOnPlant } from './testing/gateway-on-plant.ts';

test('capacitor steps of a plan reach the plant, an override takes precedence, and the read-back agrees', async () => {
  const on = await gatewayOnPlant({ id: 'owd', hour: 18 });
  await on.run(30);
  const start = on.clock.plant.now();
  const bank = () => on.plant.truth().devices.find(({ id }) => id === 'bank-1')!;
  const volts = bank().voltagePu;
  assert.equal(bank().values.capacitorStep, 0);
  const assumptions = { topologyVersion: 1, devices: ['bank-1'], heads: [], substitutions: [] };
  const devices = [{ device: 'bank-1', capacitorStep: [2, 1, null, 0], reasons: [] }];
  on.uplink.down({ kind: 'document', document: planDocument(start, { devices, assumptions }) });
  await on.run(60);
  assert.equal(bank().values.capacitorStep, 2);
  assert.ok(bank().voltagePu > volts + 0.001, `${volts} to ${bank().voltagePu} pu`);
  on.uplink.down({
    kind: 'document',
    document: commandDocument(start + 60_000, { device: 'bank-1', setpoint: { capacitorStep: 3 } }, 2),
  });
  await on.run(30);
  assert.equal(bank().values.capacitorStep, 3);
  assert.ok(on.uplink.stages('command-2').includes('applied'));
  await on.run(700);
  assert.equal(bank().values.capacitorStep, 2, 'the override has expired; the plan says 2');
  await on.run(300);
  assert.equal(bank().values.capacitorStep, 1, 'the second step of the plan');
  await on.stop();
});
