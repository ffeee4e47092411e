import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Check } from 'typebox/value';
import { PlanBody } from '../../../shared/contracts/plan.ts';
import { planDocument } from '../../../edge/cycle/testing/documents.ts';
import { asFirstVersion, forGateway } from './for-gateway.ts';

test('a gateway gets only the control fields of a plan, in a form that version 0.1.0 reads', () => {
  const price = {
    bus: 'b1',
    step: 0,
    totalEurPerMwh: 90,
    energyEurPerMwh: 80,
    lossesEurPerMwh: 10,
    congestionEurPerMwh: 0,
    voltageEurPerMwh: 0,
    penaltyPerMwh: 4000,
  };
  const reason = {
    fromStep: 0,
    toStep: 0,
    constraint: 'voltage maximum',
    element: 'b1',
    shadowPrice: 1,
    shadowPriceUnit: 'EUR/MWh',
    text: 'why',
  };
  const member = { kind: 'limit', element: 'b1', fromStep: 0, toStep: 0, text: 'b1 stays below 1.1 pu', limit: 1.1 };
  const figures = { maxVoltageViolationPu: 0.1, maxLoadingPct: 120, worstElement: 'b1' };
  const plan = planDocument(0);
  const target = { device: 'battery-1', activePowerKw: [10], envelope: [{ minKw: -5, maxKw: 20 }] };
  const full = {
    ...plan,
    body: {
      ...plan.body,
      devices: [
        { ...target, socPct: [50], unservedKwh: 3, reasons: [{ ...reason, price, counterfactual: '1.12 pu' }, reason] },
      ],
      expected: [{ element: 'transformer', activePowerKw: [100] }],
      binding: [
        { step: 0, element: 'b1', constraint: 'voltage maximum', limit: 1.1, value: 1.12, unit: 'pu', shadowPrice: 1 },
      ],
      assumptions: { ...plan.body.assumptions, substitutions: ['no forecast of b1'], envelopeRule: 'equal shares' },
      conflict: { text: 'why', members: [member] },
      room: { quantile: 0.95, breachProbability: 0.1, element: 'b1', step: 0, text: 'b1 may pass' },
      doNothing: figures,
      cost: { ...plan.body.cost, penaltyEur: 12, doNothingPenaltyEur: 30 },
      sentences: [{ code: 'plan.cost', text: 'least cost' }],
    },
  };
  const sent = {
    ...plan,
    body: {
      ...plan.body,
      devices: [{ ...target, reasons: [reason, reason] }],
      expected: [],
      binding: [],
      assumptions: { ...plan.body.assumptions, substitutions: [] },
    },
  };
  assert.deepEqual(forGateway(full as never), sent);
  assert.deepEqual(asFirstVersion(full as never), sent);
  assert.ok(Check(PlanBody, sent.body), 'omitted fields are optional');
});
