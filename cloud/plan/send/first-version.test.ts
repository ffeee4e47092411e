import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planDocument } from '../../../edge/cycle/testing/documents.ts';
import { asFirstVersion } from './first-version.ts';

test('a plan for version 0.1.0 has no field that its closed schema refuses', () => {
  const known = {
    bus: 'b1',
    step: 0,
    totalEurPerMwh: 90,
    energyEurPerMwh: 80,
    lossesEurPerMwh: 10,
    congestionEurPerMwh: 0,
    voltageEurPerMwh: 0,
  };
  const binding = {
    step: 0,
    element: 'b1',
    constraint: 'voltage maximum',
    limit: 1.1,
    value: 1.12,
    unit: 'pu',
    shadowPrice: 1e5,
  };
  const reason = {
    fromStep: 0,
    toStep: 0,
    constraint: 'voltage maximum',
    element: 'b1',
    shadowPrice: 1,
    shadowPriceUnit: 'EUR/MWh',
    text: 'why',
    counterfactual: 'without this: 1.12 pu',
  };
  const plan = planDocument(0);
  const member = { kind: 'limit', element: 'b1', fromStep: 0, toStep: 0, text: 'b1 stays below 1.1 pu' };
  const room = { quantile: 0.95, breachProbability: 0.1, element: 'b1', step: 0, text: 'b1 may pass' };
  const of = (price: object, bound: object, [named, inRoom, beside]: readonly object[] = []) => ({
    ...plan,
    body: {
      ...plan.body,
      devices: [{ device: 'pv-1', reasons: [{ ...reason, price }, reason] }],
      binding: [bound],
      conflict: { text: 'why', members: [{ ...member, ...named }] },
      room: { ...room, ...inRoom },
      ...beside,
    },
  });
  const news = [
    { constraint: 'voltage maximum', limit: 1.1, unit: 'pu' },
    { constraint: 'voltage maximum' },
    { sentences: [{ code: 'plan.cost', text: 'least cost' }] },
  ];
  const sent = asFirstVersion(of({ ...known, penaltyPerMwh: 4000 }, { ...binding, penalty: true }, news) as never);
  assert.equal(JSON.stringify(sent), JSON.stringify(of(known, binding)));
});
